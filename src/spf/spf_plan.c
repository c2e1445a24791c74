/* src/spf/spf_plan.c - what libspf2 is to evaluate of a record, for one client */
#include "spf_plan.h"
#include "buf.h"
#include <arpa/inet.h>
#include <string.h>

/* Whether the first bits of two addresses are the same. */
static bool
is_in(const unsigned char *address, const unsigned char *network, unsigned n_bits)
{
	unsigned n_octets = n_bits / 8, n_left = n_bits % 8;
	unsigned char mask = (unsigned char)(0xff00 >> n_left);

	return memcmp(address, network, n_octets) == 0 &&
	       (n_left == 0 || ((address[n_octets] ^ network[n_octets]) & mask) == 0);
}

/* Writes one term. Gives  whether no later one can matter */
static bool
put_network(struct buf *out, const struct spf_term *t, const struct spf_lib_client *client)
{
	bool is_ip6 = t->mechanism == SPF_MECHANISM_IP6;
	char text[INET6_ADDRSTRLEN];

	if (is_ip6 != client->is_ip6 ||
	    !is_in(client->octets, t->octets, is_ip6 ? t->bits6 : t->bits4))
		return false;
	(void)inet_ntop(is_ip6 ? AF_INET6 : AF_INET, client->octets, text, sizeof text);
	buf_printf(out, " %c%s:%s", t->qualifier, is_ip6 ? "ip6" : "ip4", text);
	return true;
}

static void
put_asking(struct buf *out, const struct spf_term *t, const struct spf_lib_client *client,
           const struct spf_plan_names *names)
{
	static const char *const words[] = {
		[SPF_MECHANISM_INCLUDE] = "include", [SPF_MECHANISM_A] = "a",
		[SPF_MECHANISM_MX] = "mx",           [SPF_MECHANISM_PTR] = "ptr",
		[SPF_MECHANISM_EXISTS] = "exists",
	};
	bool takes_bits = t->mechanism == SPF_MECHANISM_A || t->mechanism == SPF_MECHANISM_MX;
	unsigned bits = client->is_ip6 ? t->bits6 : t->bits4;

	buf_printf(out, " %c%s:%s", t->qualifier, words[t->mechanism],
	           names->name(names->arg, t, t->target, takes_bits && bits == 0));
	if (takes_bits && bits > 0)
		buf_printf(out, "%s%u", client->is_ip6 ? "//" : "/", bits);
}

void
spf_plan_write(struct buf *out, const struct spf_record *record,
               const struct spf_lib_client *client, const struct spf_plan_names *names)
{
	bool is_decided = false;
	size_t n_asking = 0;

	buf_text(out, "v=spf1");
	for (size_t i = 0; i < record->n && !is_decided; i++) {
		const struct spf_term *t = &record->term[i];
		if (t->mechanism == SPF_MECHANISM_IP4 || t->mechanism == SPF_MECHANISM_IP6) {
			is_decided = put_network(out, t, client);
		} else if (t->mechanism == SPF_MECHANISM_ALL) {
			buf_printf(out, " %call", t->qualifier);
			is_decided = true;
		} else {
			put_asking(out, t, client, names);
			is_decided = ++n_asking == SPF_PLAN_TERMS_MOST;
		}
	}
	if (!is_decided && record->redirect != NULL)
		buf_printf(out, " redirect=%s",
		           names->name(names->arg, NULL, record->redirect, false));
}
