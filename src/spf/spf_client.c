/* src/spf/spf_client.c - the address of an SMTP client, in the forms that SPF needs */
#include "spf_client.h"
#include "arena.h"
#include "buf.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const char *
dotted_of(struct arena *a, const struct spf_lib_client *client, bool is_reversed)
{
	static const char digits[] = "0123456789abcdef";
	AUTO(buf) struct buf text = {0};
	size_t n = client->is_ip6 ? 32 : 4;

	for (size_t k = 0; k < n; k++) {
		size_t i = is_reversed ? n - 1 - k : k;
		if (k > 0)
			buf_octet(&text, '.');
		unsigned octet = client->octets[client->is_ip6 ? i / 2 : i];
		if (client->is_ip6)
			buf_octet(&text, digits[i % 2 == 0 ? octet >> 4 : octet & 15]);
		else
			buf_printf(&text, "%u", octet);
	}
	return arena_memdup(a, text.octets, text.n);
}

bool
spf_client_read(struct arena *a, const char *address, struct spf_client *client_r)
{
	struct spf_client client = {0};
	struct in6_addr v6;
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, address, client.lib.octets) != 1) {
		if (inet_pton(AF_INET6, address, &v6) != 1)
			return false;
		client.lib.is_ip6 = !IN6_IS_ADDR_V4MAPPED(&v6);
		client.is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
		if (client.lib.is_ip6)
			memcpy(client.lib.octets, &v6, sizeof v6);
		else
			memcpy(client.lib.octets, (const char *)&v6 + 12, 4);
	}
	if (!client.lib.is_ip6)
		client.is_loopback = client.lib.octets[0] == 127;
	(void)inet_ntop(client.lib.is_ip6 ? AF_INET6 : AF_INET, client.lib.octets, text,
	                sizeof text);
	client.text = arena_strdup(a, text);
	client.dotted = dotted_of(a, &client.lib, false);
	client.reverse = arena_printf(a, "%s.%s.arpa", dotted_of(a, &client.lib, true),
	                              client.lib.is_ip6 ? "ip6" : "in-addr");
	*client_r = client;
	return true;
}
