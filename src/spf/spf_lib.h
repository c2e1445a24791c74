/* src/spf/spf_lib.h - libspf2, held at arm's length; the only file that includes <spf2/...>
 *
 * libspf2 1.2.10 walks the terms in their order, matches addresses against A, MX and PTR, and knows
 * what include and redirect mean. What it gets wrong, or what overflows it, never reaches it: it is
 * given short canonical records without macros and modifiers (spf_plan.h), names of our own making
 * instead of strangers' (spf_check.c), an empty sender, and no explanation to expand. */
#ifndef SPF_LIB_H
#define SPF_LIB_H
#include "dns.h"
#include "spf.h"

struct spf_lib;

struct spf_lib_client {
	bool is_ip6;
	unsigned char octets[16]; /* the first 4 of an IPv4 address */
};

/* Who answers its questions. */
struct spf_lib_dns {
	/* Takes   name  as a record had it, or a name for PTR, or one that an answer to PTR had
	 * Gives   answer_r; its octets live until spf_lib_evaluate returns */
	enum dns_err (*lookup)(void *arg, const char *name, enum dns_type type,
	                       struct dns_answer *answer_r);
	void *arg;
};

/* Set the library up. Before the jail: it asks for the host's name. Never ended. */
struct spf_lib *spf_lib_new(void);

/* Evaluate the record that lookup gives as the TXT of a domain.
 * Takes   client  no loopback address: to the library these always pass
 *         domain  a name that lookup knows
 * Gives   a result; SPF_TEMPERROR where the library has none
 * Cost    as lookup. The library may call abort() */
enum spf_result spf_lib_evaluate(struct spf_lib *lib, const struct spf_lib_client *client,
                                 const struct spf_lib_dns *dns, const char *domain);
#endif
