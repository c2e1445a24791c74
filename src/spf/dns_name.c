/* src/spf/dns_name.c - names of the DNS as text and as octets */
#include "dns_name.h"
#include "arena.h"
#include "buf.h"
#include <string.h>

static bool
is_printable(unsigned char c)
{
	return c >= ' ' && c <= '~';
}

bool
dns_name_pack(const char *text, unsigned char wire_r[DNS_NAME_OCTETS_MOST], size_t *n_r)
{
	size_t n_text = strlen(text), label_at = 0;

	if (n_text == 0 || n_text > DNS_NAME_TEXT_MOST)
		return false;
	/* Each octet moves on by one: where a dot was, the length of the next label goes. */
	for (size_t i = 0; i <= n_text; i++) {
		if (text[i] != '.' && text[i] != '\0') {
			if (!is_printable((unsigned char)text[i]))
				return false;
			wire_r[i + 1] = (unsigned char)text[i];
			continue;
		}
		if (i == label_at || i - label_at > DNS_LABEL_MOST)
			return false;
		wire_r[label_at] = (unsigned char)(i - label_at);
		label_at = i + 1;
	}
	wire_r[n_text + 1] = 0;
	*n_r = n_text + 2;
	return true;
}

bool
dns_name_unpack(struct arena *a, const unsigned char *wire, size_t n, const char **text_r)
{
	AUTO(buf) struct buf text = {0};
	size_t at = 0;

	while (at < n && wire[at] != 0) {
		size_t n_label = wire[at++];
		if (n_label > DNS_LABEL_MOST || n_label >= n - at)
			return false;
		if (text.n > 0)
			buf_octet(&text, '.');
		for (size_t i = 0; i < n_label; i++, at++) {
			if (!is_printable(wire[at]) || wire[at] == '.')
				return false;
			buf_octet(&text, (char)wire[at]);
		}
	}
	if (at >= n || text.n > DNS_NAME_TEXT_MOST)
		return false;
	*text_r = arena_memdup(a, text.octets, text.n);
	return true;
}

static bool
is_host_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

bool
dns_name_is_host(const char *text)
{
	unsigned char wire[DNS_NAME_OCTETS_MOST];
	size_t n;

	if (!dns_name_pack(text, wire, &n))
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (*p != '.' && !is_host_octet(*p))
			return false;
	const char *dot = strrchr(text, '.');
	return dot != NULL && dot[1 + strspn(dot + 1, "0123456789")] != '\0';
}
