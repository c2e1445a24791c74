/* t/unit/sign_t.c - tags: what they prove, what they do not, and the key file they stand on */
#include "sign.h"
#include "tap.h"
#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 200, FILE_ROOM = 8192 };

static char dir[PATH_ROOM / 2] = "/tmp/sign_t.XXXXXX";

static const char *
key_path(void)
{
	static char path[PATH_ROOM];

	(void)snprintf(path, sizeof path, "%s/keys", dir);
	return path;
}

static void
write_keys(const char *text)
{
	FILE *f = fopen(key_path(), "w");

	if (f != NULL) {
		(void)fputs(text, f);
		(void)fclose(f);
	}
}

static void
read_keys(char text_r[FILE_ROOM])
{
	FILE *f = fopen(key_path(), "r");
	size_t n = f == NULL ? 0 : fread(text_r, 1, FILE_ROOM - 1, f);

	text_r[n] = '\0';
	if (f != NULL)
		(void)fclose(f);
}

static struct sign *
open_ring(void)
{
	struct sign *s = NULL;
	struct why why = {""};

	if (sign_open(dir, &s, &why) != SIGN_OK)
		printf("# %s\n", why.text);
	return s;
}

static void
test_tag(const struct sign *s)
{
	char tag[SIGN_TAG], upper[SIGN_TAG], other[SIGN_TAG];
	unsigned n_passed = 0;

	sign_tag(s, SIGN_REPLY, 104237, "ann@example.org", tag);
	IS_INT(strlen(tag), SIGN_TAG_LETTERS, "a tag has 13 letters");
	IS_INT(strspn(tag, "abcdefghijklmnopqrstuvwxyz234567"), SIGN_TAG_LETTERS, "of base32");
	sign_tag(s, SIGN_REPLY, 104237, "ann@example.org", other);
	IS_STR(other, tag, "the same things have the same tag");
	OK(sign_check(s, SIGN_REPLY, 104237, "ann@example.org", tag), "it is right");
	for (size_t i = 0; i < sizeof tag; i++)
		upper[i] = (char)toupper((unsigned char)tag[i]);
	OK(sign_check(s, SIGN_REPLY, 104237, "ann@example.org", upper), "in upper case too");
	OK(!sign_check(s, SIGN_BOUNCE, 104237, "ann@example.org", tag), "not for another purpose");
	OK(!sign_check(s, SIGN_REPLY, 104238, "ann@example.org", tag), "not for another ticket");
	OK(!sign_check(s, SIGN_REPLY, 104237, "bob@example.org", tag), "not for another person");
	OK(!sign_check(s, SIGN_REPLY, 104237, "", tag), "not for nobody");
	OK(!sign_check(s, SIGN_REPLY, 10423, "7 ann@example.org", tag), "number and text do not run together");
	OK(!sign_check(s, SIGN_REPLY, 104237, "ann@example.org", ""), "an empty tag is wrong");
	OK(!sign_check(s, SIGN_REPLY, 104237, "ann@example.org", "a"), "a short one too");
	for (size_t i = 0; i < SIGN_TAG_LETTERS; i++)
		for (const char *c = "abcdefghijklmnopqrstuvwxyz234567\x01\xff"; *c != '\0'; c++) {
			memcpy(other, tag, sizeof other);
			other[i] = *c;
			n_passed += *c != tag[i] && sign_check(s, SIGN_REPLY, 104237, "ann@example.org", other);
		}
	IS_INT(n_passed, 0, "no single wrong letter passes");
}

static void
test_purposes(const struct sign *s)
{
	char tag[SIGN_PURPOSE_COUNT][SIGN_TAG];
	unsigned n_same = 0;

	for (int p = 0; p < SIGN_PURPOSE_COUNT; p++)
		sign_tag(s, (enum sign_purpose)p, 1, "x", tag[p]);
	for (int p = 0; p < SIGN_PURPOSE_COUNT; p++)
		for (int q = 0; q < p; q++)
			n_same += strcmp(tag[p], tag[q]) == 0;
	IS_INT(n_same, 0, "each purpose has tags of its own");
}

/* A ring is made once, for its owner alone, and read again as it was. */
static void
test_fresh(void)
{
	struct stat st = {0};
	char tag[SIGN_TAG], text[FILE_ROOM], again[FILE_ROOM];
	struct sign *s = open_ring();

	OK(s != NULL, "a ring is made where there is none");
	IS_INT(stat(key_path(), &st), 0, "it is a file");
	IS_INT(st.st_mode & 0777, 0600, "that only its owner reads");
	test_tag(s);
	test_purposes(s);
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", tag);
	read_keys(text);
	sign_close(&s);
	OK(s == NULL, "closed");
	sign_close(&s);
	s = open_ring();
	OK(s != NULL && sign_check(s, SIGN_REPLY, 7, "ann@example.org", tag), "its tags outlive the process");
	sign_close(&s);
	read_keys(again);
	IS_STR(again, text, "opening changes nothing");
}

#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static void
test_rotation(void)
{
	char old[SIGN_TAG], new[SIGN_TAG];

	write_keys("a active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", old);
	sign_close(&s);
	write_keys("a active 1700000000 " HEX_A "\nb active 1800000000 " HEX_B "\n");
	s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", new);
	OK(old[0] == 'a' && new[0] == 'b', "the newest key makes new tags, and is named in them");
	OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", old), "the older key's tags still hold");
	sign_close(&s);
	write_keys("a retired 1700000000 " HEX_A "\nb active 1800000000 " HEX_B "\n");
	s = open_ring();
	OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old), "not when it is retired");
	OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", new), "those of the other do");
	sign_close(&s);
	write_keys("a active 1700000000 " HEX_B "\n");
	s = open_ring();
	OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old), "another secret under the same letter");
	sign_close(&s);
}

/* Whoever lost the ring has lost every thread: it is never quietly made anew. */
static void
test_broken(void)
{
	static const char *const texts[] = {
		"",
		"\n",
		"hello\n",
		"a active 1700000000\n",
		"a active 1700000000 0011\n",
		"a active 1700000000 " HEX_A "00\n",
		"a active 1700000000 Z0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
		"A active 1700000000 " HEX_A "\n",
		"ab active 1700000000 " HEX_A "\n",
		"a young 1700000000 " HEX_A "\n",
		"a retired 1700000000 " HEX_A "\n",
		"a active 1700000000 " HEX_A "\nb act",
		"a active 1700000000 " HEX_A "\r\n",
	};

	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct sign *s = NULL;
		struct why why = {""};
		char text[FILE_ROOM];

		write_keys(texts[i]);
		IS_INT(sign_open(dir, &s, &why), SIGN_BROKEN, "a broken ring is an error");
		OK(s == NULL && strstr(why.text, "keys") != NULL, why.text);
		read_keys(text);
		IS_STR(text, texts[i], "and stays as it is");
	}
	(void)unlink(key_path());
	(void)mkdir(key_path(), 0700);
	struct sign *s = NULL;
	struct why why = {""};
	IS_INT(sign_open(dir, &s, &why), SIGN_BROKEN, "a directory in its place is an error");
	(void)rmdir(key_path());
}

static void
test_too_many(void)
{
	char text[FILE_ROOM] = "";
	struct sign *s = NULL;
	struct why why = {""};

	for (int i = 0; i <= SIGN_KEYS_MAX; i++)
		strcat(text, "a active 1700000000 " HEX_A "\n");
	write_keys(text);
	IS_INT(sign_open(dir, &s, &why), SIGN_BROKEN, "more keys than a ring holds are an error");
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	test_fresh();
	test_rotation();
	test_broken();
	test_too_many();
	(void)unlink(key_path());
	IS_INT(rmdir(dir), 0, "nothing else was left in the directory");
	return tap_done();
}
