/* t/unit/spf_dns_t.c - names, messages and cache of the DNS client */
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "dns_cache.h"
#include "dns_client.h"
#include "dns_name.h"
#include "dns_packet.h"
#include "tap.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

enum { ID = 0x1234, N_SHAKEN = 20000 };

/* ---- names ---- */

static void
test_names(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf longest = {0};
	unsigned char wire[DNS_NAME_OCTETS_MOST];
	const char *text;
	size_t n;

	OK(dns_name_pack("a.example.org", wire, &n) && n == 15 &&
	           memcmp(wire, "\1a\7example\3org", 15) == 0,
	   "octets of a name");
	OK(dns_name_unpack(a, wire, n, &text), "and back");
	IS_STR(text, "a.example.org", "... the same");
	OK(dns_name_unpack(a, (const unsigned char *)"", 1, &text) && *text == '\0', "the root");
	while (longest.n < 250)
		buf_text(&longest, "a.");
	buf_text(&longest, "abc");
	OK(dns_name_pack(longest.octets, wire, &n) && n == 255, "253 octets are a name");
	buf_text(&longest, "d");
	OK(!dns_name_pack(longest.octets, wire, &n), "254 are none");
	OK(!dns_name_pack("", wire, &n) && !dns_name_pack("a..b", wire, &n) &&
	           !dns_name_pack(".a", wire, &n) && !dns_name_pack("a.", wire, &n) &&
	           !dns_name_pack("a\x80.b", wire, &n) && !dns_name_pack("a\n.b", wire, &n),
	   "no names");
	OK(!dns_name_unpack(a, (const unsigned char *)"\3a.b", 5, &text), "a dot in a label");
	OK(!dns_name_unpack(a, (const unsigned char *)"\3ab", 3, &text), "a label that is cut");
	OK(!dns_name_unpack(a, (const unsigned char *)"\1a", 2, &text), "a name that is cut");
	OK(!dns_name_unpack(a, (const unsigned char *)"\xc0\x0c", 2, &text), "a pointer");
	OK(dns_name_is_host("mail.example.org") && dns_name_is_host("_x.a-b.c1"), "hosts");
	OK(!dns_name_is_host("localhost") && !dns_name_is_host("192.0.2.1") &&
	           !dns_name_is_host("[192.0.2.1]") && !dns_name_is_host("a b.org") &&
	           !dns_name_is_host("&1.org"),
	   "no hosts");
}

/* ---- messages ---- */

static void
put_u16(struct buf *b, unsigned n)
{
	buf_octet(b, (char)(n >> 8));
	buf_octet(b, (char)n);
}

static void
put_record(struct buf *b, unsigned type, uint32_t ttl_s, const void *data, size_t n)
{
	put_u16(b, 0xc00c); /* the name of the question */
	put_u16(b, type);
	put_u16(b, 1);
	put_u16(b, ttl_s >> 16);
	put_u16(b, ttl_s & 0xffff);
	put_u16(b, (unsigned)n);
	buf_add(b, data, n);
}

static struct dns_asked
ask_for(const char *name, enum dns_type type)
{
	struct dns_asked asked = {.id = ID, .type = type};

	OK(dns_name_pack(name, asked.name, &asked.n_name), name);
	return asked;
}

/* The head and question of an answer. */
static void
begin(struct buf *b, const struct dns_asked *asked, unsigned flags, unsigned n_answers)
{
	put_u16(b, asked->id);
	put_u16(b, flags);
	put_u16(b, 1);
	put_u16(b, n_answers);
	put_u16(b, 0);
	put_u16(b, 0);
	buf_add(b, asked->name, asked->n_name);
	put_u16(b, asked->type);
	put_u16(b, 1);
}

static enum dns_packet
read_it(struct arena *a, const struct buf *b, const struct dns_asked *asked, struct dns_answer *r)
{
	return dns_packet_read(a, (const unsigned char *)b->octets, b->n, asked, r, NULL);
}

static void
test_answers(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf b = {0};
	struct dns_asked asked = ask_for("Example.org", DNS_TXT);
	struct dns_answer answer;

	begin(&b, &asked, 0x8180, 4);
	put_record(&b, DNS_TXT, 300, "\3abc\2de", 7);
	put_record(&b, DNS_TXT, 100, "\5abc", 4);
	put_record(&b, DNS_TXT, 200, "\0", 1);
	put_record(&b, DNS_A, 1, "\1\2\3\4", 4);
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_ANSWER, "an answer");
	IS_INT(answer.n, 2, "a string that is longer than its record is none");
	IS_STR(answer.record[0].octets, "abcde", "strings are joined");
	IS_INT(answer.record[1].n, 0, "an empty one");
	IS_INT(answer.ttl_s, 100, "the least TTL of those that were asked for");

	b.octets[1] ^= 1;
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_NOT_OURS, "another id");
	b.octets[1] ^= 1;
	b.octets[13] = 'x';
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_NOT_OURS, "another question");
	b.octets[13] = 'e';
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_ANSWER, "in another case it is ours");
	b.octets[2] = 0x01;
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_NOT_OURS, "a question is no answer");
	b.octets[2] = (char)0x83;
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_CUT, "truncated");
	b.octets[2] = (char)0x81;
	b.octets[3] = 2;
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_FAILED, "a server failure");
	b.octets[3] = 3;
	IS_INT(read_it(a, &b, &asked, &answer), DNS_PACKET_VOID, "no such name");
}

static void
test_names_in_answers(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf mx = {0}, loop = {0}, none = {0};
	struct dns_asked asked = ask_for("example.org", DNS_MX);
	struct dns_answer answer;

	begin(&mx, &asked, 0x8180, 4);
	put_record(&mx, DNS_MX, 300, "\0\12\4mail\xc0\x0c", 9);
	put_record(&mx, DNS_MX, 300, "\0\0\0", 3);
	put_record(&mx, DNS_MX, 300, "\0", 1);
	put_record(&mx, DNS_MX, 300, "\0\1\3a.b\0", 7);
	IS_INT(read_it(a, &mx, &asked, &answer), DNS_PACKET_ANSWER, "MX");
	IS_INT(answer.n, 2, "what cannot be written is left out");
	IS_STR(answer.record[0].octets, "mail.example.org", "a compressed name");
	IS_STR(answer.record[1].octets, "", "a null MX");

	begin(&loop, &asked, 0x8180, 1);
	put_record(&loop, 5, 300, "\xc0\x0c", 2);
	IS_INT(read_it(a, &loop, &asked, &answer), DNS_PACKET_FAILED, "an alias of itself");
	begin(&none, &asked, 0x8180, 0);
	IS_INT(read_it(a, &none, &asked, &answer), DNS_PACKET_VOID, "no records");
}

/* Each beginning of a message, and messages with octets changed: the reader lives (the sanitizers
 * watch), and gives nothing out of bounds. */
static void
test_shaken(void)
{
	AUTO(buf) struct buf b = {0};
	struct dns_asked asked = ask_for("example.org", DNS_MX);
	bool is_bounded = true;

	begin(&b, &asked, 0x8180, 3);
	put_record(&b, 5, 300, "\3www\xc0\x0c", 6);
	put_record(&b, DNS_MX, 300, "\0\12\4mail\xc0\x0c", 9);
	put_record(&b, DNS_MX, 300, "\0\12\4mail\xc0\x0c", 9);
	srandom(7208);
	for (int i = 0; i < N_SHAKEN; i++) {
		AUTO(arena) struct arena *a = arena_new();
		size_t n = i < (int)b.n ? (size_t)i : b.n;
		unsigned char *copy = arena_memdup(a, b.octets, n);
		struct dns_answer answer = {0};
		for (int k = 0; i >= (int)b.n && k < 1 + i % 4; k++)
			copy[4 + (size_t)random() % (n - 4)] = (unsigned char)random();
		if (dns_packet_read(a, copy, n, &asked, &answer, NULL) == DNS_PACKET_ANSWER)
			for (size_t k = 0; k < answer.n; k++)
				is_bounded = is_bounded &&
				             strlen(answer.record[k].octets) <= DNS_NAME_TEXT_MOST;
	}
	OK(is_bounded, "shaken messages");
}

static void
test_question(void)
{
	unsigned char packet[DNS_QUESTION_MOST];
	struct dns_asked asked = ask_for("a.b", DNS_TXT);

	IS_INT(dns_packet_write(packet, &asked, false), 12 + 5 + 4, "a question");
	OK(memcmp(packet, "\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\20\0\1", 21) == 0, "... octet by octet");
	IS_INT(dns_packet_write(packet, &asked, true), 12 + 5 + 4 + 11, "and with the option");
}

/* ---- cache ---- */

static void
test_cache(void)
{
	struct dns_cache *c = dns_cache_new();
	struct dns_question q = {"Example.org", DNS_A, 0}, same = {"example.ORG", DNS_A, 0};
	struct dns_question other = {"example.org", DNS_MX, 0};
	char big[DNS_CACHE_ENTRY_MOST_OCTETS + 1] = {0};
	size_t n = 0;

	OK(dns_cache_find(c, &q, 0, &n) == NULL, "empty");
	dns_cache_put(c, &q, "abc", 3, 10, 1000);
	const char *got = dns_cache_find(c, &same, 10999, &n);
	OK(got != NULL && n == 3 && memcmp(got, "abc", 3) == 0, "found in any case");
	OK(dns_cache_find(c, &other, 1000, &n) == NULL, "not under another type");
	OK(dns_cache_find(c, &q, 11000, &n) == NULL, "not when it is old");
	dns_cache_put(c, &q, "abc", 3, UINT32_MAX, 0);
	OK(dns_cache_find(c, &q, DNS_CACHE_MOST_S * 1000 - 1, &n) != NULL &&
	           dns_cache_find(c, &q, DNS_CACHE_MOST_S * 1000, &n) == NULL,
	   "five minutes at most");
	dns_cache_put(c, &other, "abc", 3, 0, 0);
	OK(dns_cache_find(c, &other, 0, &n) == NULL, "a TTL of 0 is not kept");
	dns_cache_put(c, &other, big, sizeof big, 10, 0);
	OK(dns_cache_find(c, &other, 0, &n) == NULL, "nor what is too long");
	int n_kept = 0;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < DNS_CACHE_SETS; i++) {
			char name[32];
			struct dns_question one = {name, DNS_A, 0};
			(void)snprintf(name, sizeof name, "n%d.example.org", i);
			if (pass == 0)
				dns_cache_put(c, &one, "x", 1, 10, 0);
			else
				n_kept += dns_cache_find(c, &one, 1, &n) != NULL;
		}
	}
	OK(n_kept > DNS_CACHE_SETS * 9 / 10, "names seldom push each other out");
	dns_cache_free(&c);
	OK(c == NULL, "freed");
}

/* ---- servers ---- */

static void
test_servers(void)
{
	static const char *const bad[] = {"", "x", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "[::1",
	                                  "[::1]53", "[::1]:x", "192.0.2.1:5x", "[]", "host:53"};
	struct dns_server s;
	struct dns_client c = {0};
	char path[] = "/tmp/postern-resolv-XXXXXX";
	static const char text[] = "# nameserver 192.0.2.9\nsearch x\nnameserver 192.0.2.1\n"
				   " nameserver\t2001:db8::53\nnameserver junk\nnameserver 192.0.2.2\n"
				   "nameserver 192.0.2.3\n";

	OK(dns_client_server("192.0.2.1", &s) && s.port == 53, "an address");
	OK(dns_client_server("192.0.2.1:5353", &s) && s.port == 5353, "and a port");
	OK(dns_client_server("2001:db8::1", &s) && s.at.ss_family == AF_INET6, "IPv6");
	OK(dns_client_server("[2001:db8::1]:5353", &s) && s.port == 5353, "and a port");
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		OK(!dns_client_server(bad[i], &s), bad[i]);
	int fd = mkstemp(path);
	OK(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1, "a resolv.conf");
	(void)close(fd);
	dns_client_read(&c, path);
	IS_INT(c.n_servers, 3, "three servers of it");
	OK(c.server[1].at.ss_family == AF_INET6, "in their order");
	(void)unlink(path);
	dns_client_read(&c, path);
	OK(c.n_servers == 1 && ((struct sockaddr_in *)(void *)&c.server[0].at)->sin_addr.s_addr ==
	                               htonl(INADDR_LOOPBACK),
	   "no file: this machine");
}

/* Three servers of which nobody listens to the first two. */
static void
test_dead_servers(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct dns_client c = {.n_servers = 3, .try_ms = 200, .n_tries = 2};
	struct dns_question q = {"example.org", DNS_A, clock_mono_ms() + 10000};
	struct dns_answer answer;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	unsigned char octet;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	OK(fd >= 0 && bind(fd, (struct sockaddr *)&at, n) == 0 &&
	           getsockname(fd, (struct sockaddr *)&at, &n) == 0,
	   "a server that listens");
	OK(dns_client_server("127.0.0.1:9", &c.server[0]) &&
	           dns_client_server("127.0.0.1:9", &c.server[1]),
	   "and two that do not");
	memcpy(&c.server[2].at, &at, sizeof at);
	c.server[2].n_at = sizeof at;
	IS_INT(dns_client_ask(&c, a, &q, &answer, NULL), DNS_FAILED, "two tries are in vain");
	OK(recv(fd, &octet, 1, MSG_DONTWAIT) < 0, "... the third server heard nothing");
	IS_INT(dns_client_ask(&c, a, &q, &answer, NULL), DNS_FAILED, "the next question");
	OK(recv(fd, &octet, 1, MSG_DONTWAIT) == 1, "... goes to the third");
	q.deadline_ms = clock_mono_ms();
	IS_INT(dns_client_ask(&c, a, &q, &answer, NULL), DNS_FAILED, "no time");
	OK(recv(fd, &octet, 1, MSG_DONTWAIT) < 0, "... nothing is asked");
	(void)close(fd);
}

int
main(void)
{
	test_names();
	test_answers();
	test_names_in_answers();
	test_shaken();
	test_question();
	test_cache();
	test_servers();
	test_dead_servers();
	return tap_done();
}
