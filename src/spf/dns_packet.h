/* src/spf/dns_packet.h - the octets of DNS messages (RFC 1035 4, RFC 6891) */
#ifndef DNS_PACKET_H
#define DNS_PACKET_H
#include "dns.h"

enum {
	DNS_QUESTION_MOST = 12 + 255 + 4 + 11,
	DNS_UDP_OCTETS = 1232,   /* what we take: no fragments (DNS flag day 2020) */
	DNS_VOID_TTL_S = 60,     /* of an answer without records */
	DNS_ALIASES_MOST = 10    /* CNAMEs behind one another; more is a loop */
};

/* What a message turned out to be. */
enum dns_packet {
	DNS_PACKET_ANSWER,
	DNS_PACKET_VOID,
	DNS_PACKET_CUT,     /* ask again by TCP */
	DNS_PACKET_FAILED,  /* it is the answer, and a bad one; the cause is told */
	DNS_PACKET_NOT_OURS /* another id, another question, not an answer: as if it never came */
};

struct dns_asked {
	uint16_t id;
	enum dns_type type;
	unsigned char name[255]; /* as octets */
	size_t n_name;
};

/* Write a question that wants recursion.
 * Takes   with_opt  say that we take DNS_UDP_OCTETS; else 512 by RFC 1035
 * Gives   the number of octets */
size_t dns_packet_write(unsigned char packet_r[DNS_QUESTION_MOST], const struct dns_asked *asked,
                        bool with_opt);

/* Read what came. CNAMEs are followed inside the message.
 * Gives   answer_r in the arena for DNS_PACKET_ANSWER; records that cannot be used (an A of 5
 *         octets, an MX whose name cannot be written) are left out */
enum dns_packet dns_packet_read(struct arena *a, const unsigned char *octets, size_t n,
                                const struct dns_asked *asked, struct dns_answer *answer_r,
                                struct why *why);
#endif
