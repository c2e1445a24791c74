/* src/spf/dns.h - questions to the DNS and what comes back, whoever answers */
#ifndef DNS_H
#define DNS_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28 };

enum {
	DNS_RECORDS_MOST = 256,      /* in one answer; more is a failure */
	DNS_ANSWER_OCTETS_MOST = 65535
};

enum dns_err {
	DNS_OK = 0, /* at least one record */
	DNS_VOID,   /* no such name, or no such record there */
	DNS_FAILED  /* could not ask: no answer in time, a server failure, or nonsense */
};

struct dns_question {
	const char *name; /* labels with dots between, any printable octets (dns_name.h) */
	enum dns_type type;
	int64_t deadline_ms; /* instant of clock_mono_ms */
};

/* A and AAAA: 4 and 16 octets. TXT: its strings joined, may hold NUL. MX and PTR: a name, "" for
 * the root; the preference of an MX is left out. A NUL stands behind all of them. */
struct dns_record {
	const char *octets;
	size_t n;
};

struct dns_answer {
	const struct dns_record *record;
	size_t n;       /* at most DNS_RECORDS_MOST */
	uint32_t ttl_s; /* the least of those used */
};

/* Somebody who can be asked. */
struct dns_source {
	/* Gives   answer_r in the arena
	 * Fails   DNS_VOID, DNS_FAILED with the cause */
	enum dns_err (*ask)(void *arg, struct arena *a, const struct dns_question *q,
	                    struct dns_answer *answer_r, struct why *why);
	void *arg;
};
#endif
