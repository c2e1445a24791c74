/* src/desk/sign.h - the key ring, and short MACs that prove that something was made by us
 *
 * A tag is one letter that names the key and 12 letters of MAC (60 bits), base32 in lower case: it survives
 * a mail program that changes case. Keys are kept in state_dir/keys, one line each: letter, state, created
 * (UTC seconds), 64 hexadecimal digits. */
#ifndef SIGN_H
#define SIGN_H
#include "why.h"
#include <stdbool.h>
#include <stdint.h>

enum { SIGN_TAG_LETTERS = 13, SIGN_TAG = SIGN_TAG_LETTERS + 1, SIGN_KEYS_MAX = 32 };

struct sign;

enum sign_err {
	SIGN_OK = 0,
	SIGN_BROKEN /* the key file cannot be read, written or understood; why says the line */
};

/* What a tag proves. Each purpose has a key of its own, derived from the ring's. */
enum sign_purpose { SIGN_MESSAGE_ID = 0, SIGN_REPLY, SIGN_BOUNCE, SIGN_LINK, SIGN_PURPOSE_COUNT };

/* Read the ring of a state directory, making it with one fresh key where there is none.
 * Fails   SIGN_BROKEN: a ring that exists is never replaced, or every tag sent would be worthless */
enum sign_err sign_open(const char *state_dir, struct sign **s_r, struct why *why) MUST_USE;

/* Wipe and release. Takes  s  takes; *s may be NULL and is NULL afterwards */
void sign_close(struct sign **s);

/* Make the tag of (purpose, ticket, detail) with the newest active key.
 * Takes   detail  text that is signed too: an address, a row number */
void sign_tag(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
              char tag_r[SIGN_TAG]);

/* Whether a tag was made by us for just this; any case; keys that are not retired count.
 * Cost    one HMAC; compares in constant time */
bool sign_check(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
                const char *tag);
#endif
