/* src/store/key.h - keys of the tables: octets whose order is the order that lists want
 *
 * Numbers are big-endian, texts end with a NUL, so that memcmp sorts by the fields in turn. */
#ifndef KEY_H
#define KEY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	KEY_OCTETS_MAX = 512,
	KEY_TEXT_MAX = 128 /* a longer text stands in keys as its SHA-256, in hexadecimal */
};

/* A zeroed struct key is an empty one. */
struct key {
	size_t n;
	uint8_t octets[KEY_OCTETS_MAX];
};

/* Add a number, eight octets. */
void key_u64(struct key *k, uint64_t number);

/* Add a number, four octets. */
void key_u32(struct key *k, uint32_t number);

/* Add an instant, eight octets, so that those before 1970 sort first. */
void key_s(struct key *k, int64_t at_s);

/* Add a text and a NUL: no text is the prefix of another field's. Takes  text  any length, no NUL
 * */
void key_text(struct key *k, const char *text);

/* Add octets of a fixed width. Takes  n  with what is there at most KEY_OCTETS_MAX */
void key_octets(struct key *k, const void *octets, size_t n);

/* The first key behind all that begin with a prefix. Gives  false when there is none */
bool key_behind(const struct key *prefix, struct key *k_r);

/* Read what key_u64, key_u32, key_s wrote. Takes  at  eight or four octets */
uint64_t key_read_u64(const uint8_t *at);
uint32_t key_read_u32(const uint8_t *at);
int64_t key_read_s(const uint8_t *at);
#endif
