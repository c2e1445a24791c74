/* src/desk/sign.h - the key ring, and short MACs that prove that something was made by us
 *
 * A tag is one letter that names the key and 12 letters of MAC (60 bits), base32 in lower case: it
 * survives a mail program that changes case. Keys are kept in state_dir/keys, one line each:
 * letter, state, created (UTC seconds), 64 hexadecimal digits, and for an old key the second until
 * which it is honoured. All functions may be called by several threads at a time. */
#ifndef SIGN_H
#define SIGN_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGN_TAG_LETTERS = 13, SIGN_TAG = SIGN_TAG_LETTERS + 1, SIGN_KEYS_MAX = 32 };

struct sign;

enum sign_err {
	SIGN_OK = 0,
	SIGN_BROKEN,  /* the key file cannot be read, written or understood; why says the line */
	SIGN_FULL,    /* no room for a further key: each one still proves something */
	SIGN_UNKNOWN, /* no key has that letter */
	SIGN_IN_USE   /* it makes the new tags: rotate first */
};

/* What a tag proves. Each purpose has a key of its own, derived from the ring's. */
enum sign_purpose {
	SIGN_MESSAGE_ID = 0,
	SIGN_REPLY,
	SIGN_BOUNCE,
	SIGN_LINK,
	SIGN_HELD_RELEASE,
	SIGN_HELD_DROP,
	SIGN_PURPOSE_COUNT
};

enum sign_state {
	SIGN_ACTIVE = 0, /* the last one of these makes new tags; the tags of all of them hold */
	SIGN_OLD,        /* its tags hold until until_s, no new ones are made */
	SIGN_RETIRED     /* its tags prove nothing any more */
};

/* A key as people may see it. */
struct sign_key {
	char letter;
	enum sign_state state;
	int64_t created_s;
	int64_t until_s; /* of an old one, else 0 */
	bool makes;      /* new tags are made with it */
};

/* Read the ring of a state directory, making it with one fresh key where there is none.
 * Fails   SIGN_BROKEN: a ring that exists is never replaced, or every tag sent would be
 *         worthless */
enum sign_err sign_open(const char *state_dir, struct sign **s_r, struct why *why) MUST_USE;

/* Wipe and release. Takes  s  takes; *s may be NULL and is NULL afterwards */
void sign_close(struct sign **s);

/* Make the tag of (purpose, ticket, detail) with the newest active key.
 * Takes   detail  text that is signed too: an address, a row number */
void sign_tag(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
              char tag_r[SIGN_TAG]);

/* Whether a tag was made by us for just this; any case.
 * Takes   now_s  an old key counts until its time, that second not included
 * Cost    one HMAC; compares in constant time */
bool sign_check(const struct sign *s, enum sign_purpose purpose, uint64_t ticket,
                const char *detail, const char *tag, int64_t now_s);

/* The keys, oldest first. Gives  how many */
size_t sign_list(const struct sign *s, struct sign_key key_r[SIGN_KEYS_MAX]);

/* Make a new key, and new tags with it from now on; the active ones become old. A full ring gives
 * up its first key that proves nothing any more.
 * Takes   honour_s  how long the tags made so far still hold, 0 or more
 * Gives   the new key's letter, when the ring is on disk with it
 * Fails   SIGN_FULL, SIGN_BROKEN; the ring in use is as it was then */
enum sign_err sign_rotate(struct sign *s, int64_t now_s, int64_t honour_s, char *letter_r,
                          struct why *why) MUST_USE;

/* End a key now: for one that somebody may have seen. It stays in the file.
 * Takes   letter  any case
 * Fails   SIGN_UNKNOWN, SIGN_IN_USE, SIGN_BROKEN; the ring in use is as it was then */
enum sign_err sign_retire(struct sign *s, char letter, struct why *why) MUST_USE;
/* Write the ring into another directory, for a backup: with it go all proofs sent so far.
 * Takes   dir  exists, and holds no ring
 * Fails   SIGN_BROKEN: why says what; no part of a ring is there then */
enum sign_err sign_copy(const struct sign *s, const char *dir, struct why *why) MUST_USE;

#endif
