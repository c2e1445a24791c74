/* src/spf/dns_packet.c - the octets of DNS messages */
#include "dns_packet.h"
#include "arena.h"
#include "buf.h"
#include "dns_name.h"
#include "text.h"
#include <arpa/nameser.h>
#include <limits.h>
#include <string.h>

enum { TYPE_OPT = 41, MX_PREFERENCE_OCTETS = 2 };

static unsigned char *
put_u16(unsigned char *at, unsigned n)
{
	*at++ = (unsigned char)(n >> 8);
	*at++ = (unsigned char)n;
	return at;
}

size_t
dns_packet_write(unsigned char packet_r[DNS_QUESTION_MOST], const struct dns_asked *asked,
                 bool with_opt)
{
	unsigned char *at = put_u16(packet_r, asked->id);

	at = put_u16(at, 0x0100); /* a query, recursion desired */
	at = put_u16(at, 1);
	at = put_u16(at, 0);
	at = put_u16(at, 0);
	at = put_u16(at, with_opt);
	memcpy(at, asked->name, asked->n_name);
	at = put_u16(at + asked->n_name, asked->type);
	at = put_u16(at, ns_c_in);
	if (with_opt) {
		*at++ = 0;
		at = put_u16(at, TYPE_OPT);
		at = put_u16(at, DNS_UDP_OCTETS);
		at = put_u16(at, 0); /* no extended code, version 0 */
		at = put_u16(at, 0);
		at = put_u16(at, 0);
	}
	return (size_t)(at - packet_r);
}

/* ---- reading ---- */

/* A message while it is read. Names are compared as ns_parserr writes them: one writing for one
 * name. */
struct reading {
	struct arena *a;
	ns_msg message;
	const struct dns_asked *asked;
	char name[NS_MAXDNAME]; /* where the aliases led so far */
	uint32_t ttl_s;
	struct dns_record *record;
	size_t n;
};

static void
cap_ttl(struct reading *r, const ns_rr *rr)
{
	if (ns_rr_ttl(*rr) < r->ttl_s)
		r->ttl_s = ns_rr_ttl(*rr);
}

static bool
is_of(const struct reading *r, const ns_rr *rr, unsigned type)
{
	return ns_rr_class(*rr) == ns_c_in && ns_rr_type(*rr) == type &&
	       text_same(ns_rr_name(*rr), r->name);
}

static bool
is_our_question(struct reading *r)
{
	ns_rr rr;

	if (ns_msg_id(r->message) != r->asked->id || !ns_msg_getflag(r->message, ns_f_qr) ||
	    ns_msg_getflag(r->message, ns_f_opcode) != ns_o_query ||
	    ns_msg_count(r->message, ns_s_qd) != 1 ||
	    ns_parserr(&r->message, ns_s_qd, 0, &rr) != 0 ||
	    ns_name_ntop(r->asked->name, r->name, sizeof r->name) < 0)
		return false;
	return is_of(r, &rr, r->asked->type);
}

/* Gives  1 when there was an alias, 0 when there was none, -1 for a message that cannot be read */
static int
follow_alias(struct reading *r)
{
	for (int i = 0; i < ns_msg_count(r->message, ns_s_an); i++) {
		ns_rr rr;
		char next[NS_MAXDNAME];
		if (ns_parserr(&r->message, ns_s_an, i, &rr) != 0)
			return -1;
		if (!is_of(r, &rr, ns_t_cname))
			continue;
		if (ns_name_uncompress(ns_msg_base(r->message), ns_msg_end(r->message),
		                       ns_rr_rdata(rr), next, sizeof next) < 0)
			return -1;
		cap_ttl(r, &rr);
		(void)memcpy(r->name, next, sizeof next);
		return 1;
	}
	return 0;
}

static bool
follow_aliases(struct reading *r)
{
	int more = 1;

	for (int i = 0; more == 1 && i <= DNS_ALIASES_MOST; i++)
		more = follow_alias(r);
	return more == 0;
}

static void
add(struct reading *r, const void *octets, size_t n)
{
	r->record[r->n++] = (struct dns_record){arena_memdup(r->a, octets, n), n};
}

static void
add_text(struct reading *r, const unsigned char *data, size_t n)
{
	AUTO(buf) struct buf text = {0};

	while (n > 0) {
		size_t n_string = *data++;
		n--;
		if (n_string > n)
			return;
		buf_add(&text, data, n_string);
		data += n_string;
		n -= n_string;
	}
	add(r, text.octets, text.n);
}

static void
add_name(struct reading *r, const unsigned char *data)
{
	unsigned char wire[NS_MAXCDNAME];
	const char *text;

	if (ns_name_unpack(ns_msg_base(r->message), ns_msg_end(r->message), data, wire,
	                   sizeof wire) >= 0 &&
	    dns_name_unpack(r->a, wire, sizeof wire, &text))
		add(r, text, strlen(text));
}

static void
add_record(struct reading *r, const ns_rr *rr)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	size_t n = ns_rr_rdlen(*rr);

	cap_ttl(r, rr);
	switch (r->asked->type) {
	case DNS_A:
		if (n == NS_INADDRSZ)
			add(r, data, n);
		break;
	case DNS_AAAA:
		if (n == NS_IN6ADDRSZ)
			add(r, data, n);
		break;
	case DNS_TXT:
		add_text(r, data, n);
		break;
	case DNS_MX:
		if (n > MX_PREFERENCE_OCTETS)
			add_name(r, data + MX_PREFERENCE_OCTETS);
		break;
	case DNS_PTR:
		add_name(r, data);
		break;
	}
}

static enum dns_packet
fail(struct why *why, const char *cause)
{
	why_set(why, "%s", cause);
	return DNS_PACKET_FAILED;
}

static enum dns_packet
read_records(struct reading *r, struct why *why)
{
	int n = ns_msg_count(r->message, ns_s_an);

	if (n > DNS_RECORDS_MOST)
		return fail(why, "the DNS answered with more records than can be meant");
	if (!follow_aliases(r))
		return fail(why, "the DNS answered with a loop of aliases, or with nonsense");
	r->record = arena_array(r->a, (size_t)n + 1, sizeof *r->record);
	for (int i = 0; i < n; i++) {
		ns_rr rr;
		if (ns_parserr(&r->message, ns_s_an, i, &rr) != 0)
			return fail(why, "the DNS answered with nonsense");
		if (is_of(r, &rr, r->asked->type))
			add_record(r, &rr);
	}
	return r->n > 0 ? DNS_PACKET_ANSWER : DNS_PACKET_VOID;
}

/* A message that was cut may end in the middle of a record, so that only its head can be read. */
static bool
is_cut(const unsigned char *octets, size_t n, const struct dns_asked *asked)
{
	return n >= NS_HFIXEDSZ && (octets[0] << 8 | octets[1]) == asked->id &&
	       (octets[2] & 0x80) != 0 && (octets[2] & 0x02) != 0;
}

enum dns_packet
dns_packet_read(struct arena *a, const unsigned char *octets, size_t n,
                const struct dns_asked *asked, struct dns_answer *answer_r, struct why *why)
{
	struct reading r = {.a = a, .asked = asked, .ttl_s = UINT32_MAX};
	enum dns_packet what = DNS_PACKET_VOID;

	if (is_cut(octets, n, asked))
		return DNS_PACKET_CUT;
	if (n > INT_MAX || ns_initparse(octets, (int)n, &r.message) != 0 || !is_our_question(&r))
		return DNS_PACKET_NOT_OURS;
	int code = ns_msg_getflag(r.message, ns_f_rcode);
	if (code != ns_r_noerror && code != ns_r_nxdomain) {
		why_set(why, "the DNS answered with error %d%s", code,
		        code == ns_r_servfail ? " (server failure)" : "");
		return DNS_PACKET_FAILED;
	}
	if (code == ns_r_noerror)
		what = read_records(&r, why);
	if (what == DNS_PACKET_ANSWER || what == DNS_PACKET_VOID)
		*answer_r = (struct dns_answer){
			.record = r.record,
			.n = r.n,
			.ttl_s = what == DNS_PACKET_VOID ? DNS_VOID_TTL_S : r.ttl_s,
		};
	return what;
}
