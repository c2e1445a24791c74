/* src/spf/spf_client.h - the address of an SMTP client, in the forms that SPF needs */
#ifndef SPF_CLIENT_H
#define SPF_CLIENT_H
#include "spf_lib.h"

struct arena;

struct spf_client {
	struct spf_lib_client lib;
	bool is_loopback;
	const char *text;    /* 192.0.2.1, 2001:db8::1 */
	const char *dotted;  /* the macro i: 192.0.2.1, 2.0.0.1.0.d. ... .1 */
	const char *reverse; /* whose PTR names it */
};

/* Read an address. An IPv4 address in IPv6 clothes (::ffff:a.b.c.d) is an IPv4 address
 * (RFC 7208 5).
 * Gives   client_r, its texts in the arena; false when it is no address */
bool spf_client_read(struct arena *a, const char *address, struct spf_client *client_r);
#endif
