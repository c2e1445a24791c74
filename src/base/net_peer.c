/* src/base/net_peer.c - who is at the other end, and whether a list of networks holds him */
#include "arena.h"
#include "net.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { V4_AT = 12, V4_BITS = 96, V6_BITS = 128 };

static void
put_v4(struct net_address *address_r, const void *v4)
{
	*address_r = (struct net_address){.octets = {[10] = 0xff, [11] = 0xff}};
	memcpy(address_r->octets + V4_AT, v4, 4);
}

static bool
is_v4(const struct net_address *address)
{
	static const uint8_t mapped[V4_AT] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address->octets, mapped, sizeof mapped) == 0;
}

bool
net_address_parse(const char *text, struct net_address *address_r)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		put_v4(address_r, &v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	memcpy(address_r->octets, &v6, sizeof address_r->octets);
	return true;
}

static enum net_err
unix_peer(int fd, struct net_peer *peer_r)
{
	struct ucred who = {0};
	socklen_t n = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return NET_FAILED;
	*peer_r = (struct net_peer){.is_unix = true, .uid = who.uid, .gid = who.gid,
	                            .pid = who.pid};
	(void)snprintf(peer_r->text, sizeof peer_r->text, "uid %u", (unsigned)who.uid);
	return NET_OK;
}

enum net_err
net_peer_of(int fd, struct net_peer *peer_r)
{
	struct sockaddr_storage at = {0};
	socklen_t n = sizeof at;
	struct net_peer peer = {0};

	if (getpeername(fd, (struct sockaddr *)&at, &n) != 0)
		return NET_FAILED;
	if (at.ss_family == AF_UNIX)
		return unix_peer(fd, peer_r);
	if (at.ss_family == AF_INET) {
		put_v4(&peer.address, &((struct sockaddr_in *)&at)->sin_addr);
		peer.port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	} else if (at.ss_family == AF_INET6) {
		memcpy(peer.address.octets, &((struct sockaddr_in6 *)&at)->sin6_addr,
		       sizeof peer.address.octets);
		peer.port = ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
	} else {
		return NET_FAILED;
	}
	if (is_v4(&peer.address))
		(void)inet_ntop(AF_INET, peer.address.octets + V4_AT, peer.text, sizeof peer.text);
	else
		(void)inet_ntop(AF_INET6, peer.address.octets, peer.text, sizeof peer.text);
	*peer_r = peer;
	return NET_OK;
}

/* ---- networks ---- */

static uint8_t
mask_octet(unsigned n_bits, unsigned at)
{
	unsigned before = at * 8;

	if (n_bits >= before + 8)
		return 0xff;
	return n_bits <= before ? 0 : (uint8_t)(0xff << (8 - (n_bits - before)));
}

static bool
read_bits(const char *text, unsigned most, unsigned *n_bits_r)
{
	size_t n = strlen(text);

	if (n == 0 || n > 3 || strspn(text, "0123456789") != n)
		return false;
	*n_bits_r = (unsigned)strtoul(text, NULL, 10);
	return *n_bits_r <= most;
}

static enum net_err
parse_word(char *word, struct net_cidr *cidr_r, struct why *why)
{
	char *slash = strchr(word, '/');

	if (slash != NULL)
		*slash = '\0';
	if (!net_address_parse(word, &cidr_r->address)) {
		why_set(why, "\"%s\" is not an address: write 192.0.2.0/24 or 2001:db8::/32", word);
		return NET_BAD;
	}
	bool four = strchr(word, ':') == NULL;
	unsigned n_bits = four ? V6_BITS - V4_BITS : V6_BITS;
	if (slash != NULL && !read_bits(slash + 1, n_bits, &n_bits)) {
		why_set(why, "\"%s/%s\": the mask is a number of bits", word, slash + 1);
		return NET_BAD;
	}
	cidr_r->n_bits = four ? n_bits + V4_BITS : n_bits;
	for (unsigned i = 0; i < sizeof cidr_r->address.octets; i++)
		if (cidr_r->address.octets[i] & ~mask_octet(cidr_r->n_bits, i)) {
			why_set(why, "\"%s/%u\" has bits outside of its mask", word, n_bits);
			return NET_BAD;
		}
	return NET_OK;
}

enum net_err
net_cidrs_parse(struct arena *a, const char *text, struct net_cidrs *cidrs_r, struct why *why)
{
	static const char blanks[] = ", \t\r\n";
	struct net_cidrs cidrs = {0};
	enum net_err e = NET_OK;

	for (const char *at = text; *(at += strspn(at, blanks)) != '\0';) {
		at += strcspn(at, blanks);
		cidrs.n++;
	}
	if (cidrs.n > NET_CIDRS_MOST) {
		why_set(why, "more than %d networks", NET_CIDRS_MOST);
		return NET_BAD;
	}
	cidrs.rows = arena_array(a, cidrs.n, sizeof *cidrs.rows);
	for (size_t i = 0; e == NET_OK && i < cidrs.n; i++) {
		text += strspn(text, blanks);
		size_t n = strcspn(text, blanks);
		e = parse_word(arena_strndup(a, text, n), &cidrs.rows[i], why);
		text += n;
	}
	if (e == NET_OK)
		*cidrs_r = cidrs;
	return e;
}

static bool
holds(const struct net_cidr *cidr, const struct net_address *address)
{
	for (unsigned i = 0; i < sizeof address->octets; i++)
		if ((cidr->address.octets[i] ^ address->octets[i]) & mask_octet(cidr->n_bits, i))
			return false;
	return true;
}

bool
net_cidrs_have(const struct net_cidrs *cidrs, const struct net_address *address)
{
	for (size_t i = 0; i < cidrs->n; i++)
		if (holds(&cidrs->rows[i], address))
			return true;
	return false;
}
