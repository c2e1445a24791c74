/* src/spf/spf.h - may this client send mail for that domain (RFC 7208): question and answer */
#ifndef SPF_H
#define SPF_H
#include <stdbool.h>

enum {
	SPF_ADDRESS_MOST_OCTETS = 64,
	SPF_HELO_MOST_OCTETS = 255,
	SPF_SENDER_MOST_OCTETS = 320,
	SPF_DOMAIN_MOST_OCTETS = 253,
	SPF_EXPLANATION_MOST_OCTETS = 400
};

/* RFC 7208 2.6. Only SPF_PASS is one. */
enum spf_result {
	SPF_NONE = 0,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR, /* could not ask; another try may tell */
	SPF_PERMERROR  /* the domain publishes nonsense, or too much of it */
};
enum { SPF_RESULT_COUNT = SPF_PERMERROR + 1 };

struct spf_query {
	const char *address; /* of the client, as text: IPv4, IPv6, or IPv4 as ::ffff:a.b.c.d */
	const char *helo;    /* what it called itself; may be anything, or "" */
	const char *sender;  /* envelope sender; "" for the null sender: then helo is checked */
};

struct spf_answer {
	enum spf_result result;
	const char *domain;      /* that was checked, as it was given; "" when there was none */
	const char *explanation; /* one line for people */
	unsigned n_lookups;      /* terms that asked the DNS, at most 10 unless it is a permerror */
	unsigned n_void;         /* of these, those that found nothing */
};

/* The name of a result as RFC 7208 and RFC 8601 write it: "softfail". */
const char *spf_result_name(enum spf_result result);

/* Whether octets of the child are a result. */
bool spf_result_from(unsigned n, enum spf_result *result_r);
#endif
