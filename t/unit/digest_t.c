/* t/unit/digest_t.c - vectors of FIPS 180-4, RFC 4231, RFC 4648 */
#include "digest.h"
#include "tap.h"

static const char *
hex(const uint8_t sum[DIGEST_OCTETS])
{
	static char text[DIGEST_HEX];

	digest_hex(sum, DIGEST_OCTETS, text);
	return text;
}

static void
test_sum(void)
{
	static const char long_text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t sum[DIGEST_OCTETS];
	struct digest *d = digest_new();

	digest_of("abc", 3, sum);
	IS_STR(hex(sum), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");
	digest_of(NULL, 0, sum);
	IS_STR(hex(sum), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty");
	for (size_t i = 0; i < sizeof long_text - 1; i++)
		digest_add(d, long_text + i, 1);
	digest_end(&d, sum);
	IS_STR(hex(sum), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	       "two blocks, octet by octet");
	OK(d == NULL, "an ended digest is NULL");
}

static void
test_hmac(void)
{
	uint8_t key[131], mac[DIGEST_OCTETS];

	digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);
	IS_STR(hex(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	       "RFC 4231 4.3");
	memset(key, 0xaa, sizeof key);
	digest_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
	            mac);
	IS_STR(hex(mac), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	       "RFC 4231 4.7, a key longer than a block");
	digest_hmac(NULL, 0, NULL, 0, mac);
	IS_STR(hex(mac), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
	       "no key, no octets");
}

static void
test_base32(void)
{
	static const char *const rows[][2] = {{"", ""}, {"f", "my"}, {"fo", "mzxq"},
	                                      {"foo", "mzxw6"}, {"foob", "mzxw6yq"},
	                                      {"fooba", "mzxw6ytb"}, {"foobar", "mzxw6ytboi"}};
	char text[32];

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		digest_base32((const uint8_t *)rows[i][0], strlen(rows[i][0]), text);
		IS_STR(text, rows[i][1], "RFC 4648 10");
	}
	digest_base32((const uint8_t *)"\xff\xff\xff\xff\xff", 5, text);
	IS_STR(text, "77777777", "all bits");
}

int
main(void)
{
	uint8_t a[64] = {0}, b[64] = {0};

	test_sum();
	test_hmac();
	test_base32();
	digest_random(a, sizeof a);
	digest_random(b, sizeof b);
	OK(memcmp(a, b, sizeof a) != 0, "random octets differ");
	return tap_done();
}
