/* src/desk/sign.c - the key ring, and short MACs that prove that something was made by us */
#include "sign.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "digest.h"
#include "durable.h"
#include "text.h"
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEY_FILE_MAX_OCTETS = 64 * 1024, KEY_OCTETS = DIGEST_OCTETS };

static const char key_file[] = "keys";
static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char *const purpose_label[SIGN_PURPOSE_COUNT] = {
	[SIGN_MESSAGE_ID] = "message-id", [SIGN_REPLY] = "reply", [SIGN_BOUNCE] = "bounce",
	[SIGN_LINK] = "link",
};

struct key {
	char letter;
	bool retired;
	int64_t created_s;
	uint8_t secret[KEY_OCTETS];
};

struct sign {
	struct arena *arena; /* holds this struct too */
	size_t n_keys;
	struct key key[SIGN_KEYS_MAX]; /* the last one that is not retired makes new tags */
};

static int
nibble(char c)
{
	const char *at = c == '\0' ? NULL : strchr("0123456789abcdef", c);

	return at == NULL ? -1 : (int)(at - "0123456789abcdef");
}

static bool
read_hex(const char *hex, uint8_t secret_r[KEY_OCTETS])
{
	bool fine = strlen(hex) == 2 * KEY_OCTETS;

	for (size_t i = 0; fine && i < KEY_OCTETS; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		fine = high >= 0 && low >= 0;
		secret_r[i] = fine ? (uint8_t)(high << 4 | low) : 0;
	}
	return fine;
}

static bool
read_key(char *line, struct key *k_r)
{
	char *rest = NULL;
	const char *letter = strtok_r(line, " ", &rest), *state = strtok_r(NULL, " ", &rest);
	const char *created = strtok_r(NULL, " ", &rest), *hex = strtok_r(NULL, " ", &rest);
	bool fine = hex != NULL && strlen(letter) == 1 && strchr(letters, letter[0]) != NULL &&
	            (strcmp(state, "active") == 0 || strcmp(state, "retired") == 0);

	if (fine) {
		k_r->letter = letter[0];
		k_r->retired = strcmp(state, "retired") == 0;
		k_r->created_s = (int64_t)strtoll(created, NULL, 10);
		fine = read_hex(hex, k_r->secret);
	}
	return fine;
}

static enum sign_err
read_ring(struct sign *s, char *text, struct why *why)
{
	char *rest = NULL;
	unsigned n_line = 0;
	bool fine = true, active = false;

	for (char *line = strtok_r(text, "\n", &rest); fine && line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		n_line++;
		fine = s->n_keys < SIGN_KEYS_MAX && read_key(line, &s->key[s->n_keys]);
		if (!fine)
			why_set(why, "%s:%u: not a key, or more than %d; restore the file from a backup",
			        key_file, n_line, SIGN_KEYS_MAX);
		else
			active |= !s->key[s->n_keys++].retired;
	}
	if (fine && !active)
		why_set(why, "%s: no active key; restore the file from a backup", key_file);
	return fine && active ? SIGN_OK : SIGN_BROKEN;
}

static void
print_key(const struct key *k, struct buf *out)
{
	char hex[DIGEST_HEX];

	digest_hex(k->secret, KEY_OCTETS, hex);
	buf_printf(out, "%c %s %" PRId64 " %s\n", k->letter, k->retired ? "retired" : "active",
	           k->created_s, hex);
	explicit_bzero(hex, sizeof hex);
}

static enum sign_err
make_ring(struct sign *s, int dir_fd, struct why *why)
{
	AUTO(buf) struct buf text = {0};
	struct key *k = &s->key[0];

	*k = (struct key){.letter = letters[0], .created_s = clock_now_s()};
	digest_random(k->secret, sizeof k->secret);
	s->n_keys = 1;
	print_key(k, &text);
	enum durable_err e = durable_write(dir_fd, key_file, text.octets, text.n, false, why);
	explicit_bzero(text.octets, text.n);
	return e == DURABLE_OK ? SIGN_OK : SIGN_BROKEN;
}

static enum sign_err
fill(struct sign *s, const char *state_dir, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(fd) int dir_fd = durable_dir(state_dir, why);
	char *text = NULL;
	size_t n = 0;
	enum sign_err e = SIGN_BROKEN;

	if (dir_fd >= 0)
		switch (durable_read(a, dir_fd, key_file, KEY_FILE_MAX_OCTETS, &text, &n, why)) {
		case DURABLE_OK:
			e = read_ring(s, text, why);
			explicit_bzero(text, n);
			break;
		case DURABLE_ABSENT:
			e = make_ring(s, dir_fd, why);
			break;
		case DURABLE_EXISTS:
		case DURABLE_FULL:
		case DURABLE_TOO_BIG:
		case DURABLE_IO:
			break;
		}
	return e;
}

enum sign_err
sign_open(const char *state_dir, struct sign **s_r, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct sign *s = arena_alloc(a, sizeof *s);
	enum sign_err e = fill(s, state_dir, why);

	if (e == SIGN_OK) {
		s->arena = GIVE(a);
		*s_r = s;
	}
	return e;
}

void
sign_close(struct sign **s)
{
	if (*s != NULL) {
		struct arena *a = (*s)->arena;

		explicit_bzero(*s, sizeof **s);
		arena_free(&a);
		*s = NULL;
	}
}

static void
make_mac(const struct key *k, enum sign_purpose purpose, uint64_t ticket, const char *detail,
         char letters_r[SIGN_TAG])
{
	AUTO(buf) struct buf signed_text = {0};
	uint8_t derived[DIGEST_OCTETS], mac[DIGEST_OCTETS];
	char all[DIGEST_OCTETS * 2];

	digest_hmac(k->secret, KEY_OCTETS, purpose_label[purpose], strlen(purpose_label[purpose]),
	            derived);
	/* The number comes first and ends with a blank, so that no two (ticket, detail) read alike. */
	buf_printf(&signed_text, "%" PRIu64 " %s", ticket, detail);
	digest_hmac(derived, sizeof derived, signed_text.octets, signed_text.n, mac);
	digest_base32(mac, sizeof mac, all);
	letters_r[0] = k->letter;
	memcpy(letters_r + 1, all, SIGN_TAG_LETTERS - 1);
	letters_r[SIGN_TAG_LETTERS] = '\0';
	explicit_bzero(derived, sizeof derived);
}

static const struct key *
newest(const struct sign *s)
{
	const struct key *found = &s->key[0];

	for (size_t i = 0; i < s->n_keys; i++)
		if (!s->key[i].retired)
			found = &s->key[i];
	return found;
}

void
sign_tag(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
         char tag_r[SIGN_TAG])
{
	make_mac(newest(s), purpose, ticket, detail, tag_r);
}

bool
sign_check(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
           const char *tag)
{
	char typed[SIGN_TAG] = "", made[SIGN_TAG];
	bool good = false;

	if (strlen(tag) == SIGN_TAG_LETTERS) {
		memcpy(typed, tag, SIGN_TAG);
		text_lower(typed);
		for (size_t i = 0; i < s->n_keys; i++)
			if (s->key[i].letter == typed[0] && !s->key[i].retired) {
				make_mac(&s->key[i], purpose, ticket, detail, made);
				good |= text_same_secret(made, typed, SIGN_TAG_LETTERS);
			}
	}
	return good;
}
