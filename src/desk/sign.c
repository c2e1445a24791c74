/* src/desk/sign.c - the key ring, and short MACs that prove that something was made by us */
#include "sign.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "digest.h"
#include "durable.h"
#include "number.h"
#include "text.h"
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

enum { KEY_FILE_MAX_OCTETS = 64 * 1024, KEY_OCTETS = DIGEST_OCTETS };

static const char key_file[] = "keys";
static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char *const purpose_label[SIGN_PURPOSE_COUNT] = {
	[SIGN_MESSAGE_ID] = "message-id",     [SIGN_REPLY] = "reply",
	[SIGN_BOUNCE] = "bounce",             [SIGN_LINK] = "link",
	[SIGN_HELD_RELEASE] = "held-release", [SIGN_HELD_DROP] = "held-drop",
};
static const char *const state_name[] = {
	[SIGN_ACTIVE] = "active", [SIGN_OLD] = "old", [SIGN_RETIRED] = "retired",
};

struct key {
	struct sign_key shown; /* `makes` is not kept: it follows from the place */
	uint8_t secret[KEY_OCTETS];
};

struct ring {
	size_t n_keys;
	struct key key[SIGN_KEYS_MAX]; /* in the order in which they were made */
};

/* Readers of a const struct sign take its lock too, so all that changes is behind a pointer. */
struct inside {
	pthread_rwlock_t lock;  /* of the ring */
	pthread_mutex_t writer; /* one change at a time; readers do not wait for its disk */
	struct ring ring;
};

struct sign {
	struct arena *arena; /* holds this struct too */
	int dir_fd;
	struct inside *inside;
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
read_seconds(const char *text, int64_t *s_r)
{
	uint64_t s = 0;
	bool fine = text != NULL && number_unsigned(text, &s) == NUMBER_OK && s <= INT64_MAX;

	if (fine)
		*s_r = (int64_t)s;
	return fine;
}

static bool
read_state(const char *word, enum sign_state *state_r)
{
	size_t i = 0;

	while (i < N_ELEMENTS(state_name) && strcmp(word, state_name[i]) != 0)
		i++;
	*state_r = (enum sign_state)i;
	return i < N_ELEMENTS(state_name);
}

static bool
read_key(char *line, struct key *k_r)
{
	struct sign_key *shown = &k_r->shown;
	char *rest = NULL;
	const char *letter = strtok_r(line, " ", &rest), *state = strtok_r(NULL, " ", &rest);
	const char *created = strtok_r(NULL, " ", &rest), *hex = strtok_r(NULL, " ", &rest);
	const char *until = strtok_r(NULL, " ", &rest);
	bool fine = hex != NULL && strlen(letter) == 1 && strchr(letters, letter[0]) != NULL &&
	            read_state(state, &shown->state) && read_seconds(created, &shown->created_s) &&
	            read_hex(hex, k_r->secret);

	if (fine && shown->state == SIGN_OLD)
		fine = read_seconds(until, &shown->until_s);
	else if (fine)
		fine = until == NULL;
	if (fine)
		shown->letter = letter[0];
	return fine && strtok_r(NULL, " ", &rest) == NULL;
}

/* Which key has this letter, or n_keys. */
static size_t
find_key(const struct ring *r, char letter)
{
	size_t i = 0;

	while (i < r->n_keys && r->key[i].shown.letter != letter)
		i++;
	return i;
}

/* Which key makes new tags, or n_keys. */
static size_t
newest(const struct ring *r)
{
	size_t i = r->n_keys;

	while (i > 0 && r->key[i - 1].shown.state != SIGN_ACTIVE)
		i--;
	return i > 0 ? i - 1 : r->n_keys;
}

static enum sign_err
read_ring(struct ring *r, char *text, struct why *why)
{
	char *rest = NULL;
	unsigned n_line = 0;
	bool fine = true;

	for (char *line = strtok_r(text, "\n", &rest); fine && line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct key k = {.shown = {.letter = '\0'}};

		n_line++;
		fine = r->n_keys < SIGN_KEYS_MAX && read_key(line, &k) &&
		       find_key(r, k.shown.letter) == r->n_keys;
		if (fine)
			r->key[r->n_keys++] = k;
		else
			why_set(why, "%s:%u: not a key, a letter twice, or more than %d keys; "
			             "restore the file from a backup",
			        key_file, n_line, SIGN_KEYS_MAX);
		explicit_bzero(&k, sizeof k);
	}
	if (fine && newest(r) == r->n_keys) {
		why_set(why, "%s: no active key; restore the file from a backup", key_file);
		fine = false;
	}
	return fine ? SIGN_OK : SIGN_BROKEN;
}

static void
print_key(const struct key *k, struct buf *out)
{
	char hex[DIGEST_HEX];

	digest_hex(k->secret, KEY_OCTETS, hex);
	buf_printf(out, "%c %s %" PRId64 " %s", k->shown.letter, state_name[k->shown.state],
	           k->shown.created_s, hex);
	if (k->shown.state == SIGN_OLD)
		buf_printf(out, " %" PRId64, k->shown.until_s);
	buf_octet(out, '\n');
	explicit_bzero(hex, sizeof hex);
}

static enum sign_err
write_ring(const struct ring *r, int dir_fd, bool replace, struct why *why)
{
	enum { LINE_MAX_OCTETS = 128 };
	AUTO(buf) struct buf text = {0};

	/* Room for all at once: a buffer that grows would leave copies of the secrets behind. */
	(void)buf_reserve(&text, SIGN_KEYS_MAX * LINE_MAX_OCTETS);
	for (size_t i = 0; i < r->n_keys; i++)
		print_key(&r->key[i], &text);
	enum durable_err e = durable_write(dir_fd, key_file, text.octets, text.n, replace, why);
	explicit_bzero(text.octets, text.n);
	return e == DURABLE_OK ? SIGN_OK : SIGN_BROKEN;
}

static void
add_key(struct ring *r, char letter, int64_t now_s)
{
	struct key *k = &r->key[r->n_keys++];

	*k = (struct key){.shown = {.letter = letter, .created_s = now_s}};
	digest_random(k->secret, sizeof k->secret);
}

static enum sign_err
fill(struct sign *s, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct ring *r = &s->inside->ring;
	struct durable_file file = {NULL, 0};
	enum sign_err e = SIGN_BROKEN;

	switch (durable_read(a, s->dir_fd, key_file, KEY_FILE_MAX_OCTETS, &file, why)) {
	case DURABLE_OK:
		e = read_ring(r, file.octets, why);
		explicit_bzero(file.octets, file.n);
		break;
	case DURABLE_ABSENT:
		add_key(r, letters[0], clock_now_s());
		e = write_ring(r, s->dir_fd, false, why);
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
	struct arena *a = arena_new();
	struct sign *s = arena_alloc(a, sizeof *s);
	enum sign_err e = SIGN_BROKEN;

	s->arena = a;
	s->inside = arena_alloc(a, sizeof *s->inside);
	/* With default attributes these two fail on no Linux system. */
	if (pthread_rwlock_init(&s->inside->lock, NULL) != 0 ||
	    pthread_mutex_init(&s->inside->writer, NULL) != 0)
		abort();
	s->dir_fd = durable_dir(state_dir, why);
	if (s->dir_fd >= 0)
		e = fill(s, why);
	if (e == SIGN_OK)
		*s_r = s;
	else
		sign_close(&s);
	return e;
}

void
sign_close(struct sign **s)
{
	if (*s != NULL) {
		struct arena *a = (*s)->arena;

		auto_fd(&(*s)->dir_fd);
		(void)pthread_rwlock_destroy(&(*s)->inside->lock);
		(void)pthread_mutex_destroy(&(*s)->inside->writer);
		explicit_bzero(&(*s)->inside->ring, sizeof (*s)->inside->ring);
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
	/* The number comes first and ends with a blank: no two (ticket, detail) read alike. */
	buf_printf(&signed_text, "%" PRIu64 " %s", ticket, detail);
	digest_hmac(derived, sizeof derived, signed_text.octets, signed_text.n, mac);
	digest_base32(mac, sizeof mac, all);
	letters_r[0] = k->shown.letter;
	memcpy(letters_r + 1, all, SIGN_TAG_LETTERS - 1);
	letters_r[SIGN_TAG_LETTERS] = '\0';
	explicit_bzero(derived, sizeof derived);
}

void
sign_tag(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
         char tag_r[SIGN_TAG])
{
	struct inside *in = s->inside;

	(void)pthread_rwlock_rdlock(&in->lock);
	make_mac(&in->ring.key[newest(&in->ring)], purpose, ticket, detail, tag_r);
	(void)pthread_rwlock_unlock(&in->lock);
}

static bool
holds(const struct key *k, int64_t now_s)
{
	return k->shown.state == SIGN_ACTIVE ||
	       (k->shown.state == SIGN_OLD && now_s < k->shown.until_s);
}

bool
sign_check(const struct sign *s, enum sign_purpose purpose, uint64_t ticket, const char *detail,
           const char *tag, int64_t now_s)
{
	struct inside *in = s->inside;
	char typed[SIGN_TAG] = "", made[SIGN_TAG];
	bool good = false;

	if (strlen(tag) != SIGN_TAG_LETTERS)
		return false;
	memcpy(typed, tag, SIGN_TAG);
	text_lower(typed);
	(void)pthread_rwlock_rdlock(&in->lock);
	size_t i = find_key(&in->ring, typed[0]);
	if (i < in->ring.n_keys && holds(&in->ring.key[i], now_s)) {
		make_mac(&in->ring.key[i], purpose, ticket, detail, made);
		good = text_same_secret(made, typed, SIGN_TAG_LETTERS);
	}
	(void)pthread_rwlock_unlock(&in->lock);
	return good;
}

size_t
sign_list(const struct sign *s, struct sign_key key_r[SIGN_KEYS_MAX])
{
	struct inside *in = s->inside;

	(void)pthread_rwlock_rdlock(&in->lock);
	size_t n = in->ring.n_keys;
	for (size_t i = 0; i < n; i++)
		key_r[i] = in->ring.key[i].shown;
	key_r[newest(&in->ring)].makes = true;
	(void)pthread_rwlock_unlock(&in->lock);
	return n;
}

/* The letter that was not used for longest: one that is free, looking on from the last key's. */
static char
next_letter(const struct ring *r)
{
	size_t n = strlen(letters);
	size_t at = (size_t)(strchr(letters, r->key[r->n_keys - 1].shown.letter) - letters);
	size_t step = 1;

	while (step < n && find_key(r, letters[(at + step) % n]) < r->n_keys)
		step++;
	return letters[(at + step) % n];
}

/* Make room in a full ring: the first key that proves nothing goes. */
static bool
make_room(struct ring *r, int64_t now_s)
{
	size_t i = 0;

	if (r->n_keys < SIGN_KEYS_MAX)
		return true;
	while (i < r->n_keys && holds(&r->key[i], now_s))
		i++;
	if (i == r->n_keys)
		return false;
	memmove(&r->key[i], &r->key[i + 1], (r->n_keys - i - 1) * sizeof r->key[0]);
	r->n_keys--;
	return true;
}

/* Put a changed copy of the ring on disk, then in use. The writer's mutex is held. */
static enum sign_err
adopt(struct sign *s, struct ring *changed, struct why *why)
{
	enum sign_err e = write_ring(changed, s->dir_fd, true, why);

	if (e == SIGN_OK) {
		(void)pthread_rwlock_wrlock(&s->inside->lock);
		s->inside->ring = *changed;
		(void)pthread_rwlock_unlock(&s->inside->lock);
	}
	return e;
}

enum sign_err
sign_rotate(struct sign *s, int64_t now_s, int64_t honour_s, char *letter_r, struct why *why)
{
	enum sign_err e = SIGN_FULL;

	(void)pthread_mutex_lock(&s->inside->writer);
	struct ring r = s->inside->ring; /* only writers change it, and we are the one */
	int64_t until_s = honour_s > INT64_MAX - now_s ? INT64_MAX : now_s + honour_s;
	for (size_t i = 0; i < r.n_keys; i++)
		if (r.key[i].shown.state == SIGN_ACTIVE) {
			r.key[i].shown.state = SIGN_OLD;
			r.key[i].shown.until_s = until_s;
		}
	if (make_room(&r, now_s)) {
		char letter = next_letter(&r);

		add_key(&r, letter, now_s);
		e = adopt(s, &r, why);
		if (e == SIGN_OK)
			*letter_r = letter;
	} else {
		why_set(why, "%d keys are still honoured; retire one first", SIGN_KEYS_MAX);
	}
	(void)pthread_mutex_unlock(&s->inside->writer);
	explicit_bzero(&r, sizeof r);
	return e;
}

enum sign_err
sign_retire(struct sign *s, char letter, struct why *why)
{
	enum sign_err e = SIGN_OK;
	char name[2] = {letter, '\0'};

	text_lower(name);
	(void)pthread_mutex_lock(&s->inside->writer);
	struct ring r = s->inside->ring;
	size_t i = find_key(&r, name[0]);
	if (i == r.n_keys) {
		e = SIGN_UNKNOWN;
		why_set(why, "no key has the letter %s", name);
	} else if (i == newest(&r)) {
		e = SIGN_IN_USE;
		why_set(why, "key %s makes the new tags; rotate first", name);
	} else if (r.key[i].shown.state != SIGN_RETIRED) {
		r.key[i].shown.state = SIGN_RETIRED;
		r.key[i].shown.until_s = 0;
		e = adopt(s, &r, why);
	}
	(void)pthread_mutex_unlock(&s->inside->writer);
	explicit_bzero(&r, sizeof r);
	return e;
}

enum sign_err
sign_copy(const struct sign *s, const char *dir, struct why *why)
{
	AUTO(fd) int dir_fd = durable_dir(dir, why);
	enum sign_err e = SIGN_BROKEN;

	/* Against a change meanwhile; readers go on during the disk write. */
	(void)pthread_mutex_lock(&s->inside->writer);
	if (dir_fd >= 0)
		e = write_ring(&s->inside->ring, dir_fd, false, why);
	(void)pthread_mutex_unlock(&s->inside->writer);
	return e;
}
