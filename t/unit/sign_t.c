/* t/unit/sign_t.c - tags: what they prove, what they do not, and the key file they stand on */
#include "sign.h"
#include "tap.h"
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 200, FILE_ROOM = 8192, NOW_S = 1800000000 };

static char dir[PATH_ROOM / 2] = "/tmp/sign_t.XXXXXX";

static const char *
key_path(void)
{
	static char path[PATH_ROOM];

	(void)snprintf(path, sizeof path, "%s/keys", dir);
	return path;
}

static void
write_keys(const char *text)
{
	FILE *f = fopen(key_path(), "w");

	if (f != NULL) {
		(void)fputs(text, f);
		(void)fclose(f);
	}
}

static void
read_keys(char text_r[FILE_ROOM])
{
	FILE *f = fopen(key_path(), "r");
	size_t n = f == NULL ? 0 : fread(text_r, 1, FILE_ROOM - 1, f);

	text_r[n] = '\0';
	if (f != NULL)
		(void)fclose(f);
}

static struct sign *
open_ring(void)
{
	struct sign *s = NULL;
	struct why why = {""};

	if (sign_open(dir, &s, &why) != SIGN_OK)
		printf("# %s\n", why.text);
	return s;
}

static void
test_tag(const struct sign *s)
{
	char tag[SIGN_TAG], upper[SIGN_TAG], other[SIGN_TAG];
	unsigned n_passed = 0;

	sign_tag(s, SIGN_REPLY, 104237, "ann@example.org", tag);
	IS_INT(strlen(tag), SIGN_TAG_LETTERS, "a tag has 13 letters");
	IS_INT(strspn(tag, "abcdefghijklmnopqrstuvwxyz234567"), SIGN_TAG_LETTERS, "of base32");
	sign_tag(s, SIGN_REPLY, 104237, "ann@example.org", other);
	IS_STR(other, tag, "the same things have the same tag");
	OK(sign_check(s, SIGN_REPLY, 104237, "ann@example.org", tag, NOW_S), "it is right");
	for (size_t i = 0; i < sizeof tag; i++)
		upper[i] = (char)toupper((unsigned char)tag[i]);
	OK(sign_check(s, SIGN_REPLY, 104237, "ann@example.org", upper, NOW_S), "in upper case too");
	OK(!sign_check(s, SIGN_BOUNCE, 104237, "ann@example.org", tag, NOW_S), "not for another purpose");
	OK(!sign_check(s, SIGN_REPLY, 104238, "ann@example.org", tag, NOW_S), "not for another ticket");
	OK(!sign_check(s, SIGN_REPLY, 104237, "bob@example.org", tag, NOW_S), "not for another person");
	OK(!sign_check(s, SIGN_REPLY, 104237, "", tag, NOW_S), "not for nobody");
	OK(!sign_check(s, SIGN_REPLY, 10423, "7 ann@example.org", tag, NOW_S), "they do not run together");
	OK(!sign_check(s, SIGN_REPLY, 104237, "ann@example.org", "", NOW_S), "an empty tag is wrong");
	OK(!sign_check(s, SIGN_REPLY, 104237, "ann@example.org", "a", NOW_S), "a short one too");
	for (size_t i = 0; i < SIGN_TAG_LETTERS; i++)
		for (const char *c = "abcdefghijklmnopqrstuvwxyz234567\x01\xff"; *c != '\0'; c++) {
			memcpy(other, tag, sizeof other);
			other[i] = *c;
			n_passed += *c != tag[i] && sign_check(s, SIGN_REPLY, 104237,
			                                       "ann@example.org", other, NOW_S);
		}
	IS_INT(n_passed, 0, "no single wrong letter passes");
}

static void
test_purposes(const struct sign *s)
{
	char tag[SIGN_PURPOSE_COUNT][SIGN_TAG];
	unsigned n_same = 0;

	for (int p = 0; p < SIGN_PURPOSE_COUNT; p++)
		sign_tag(s, (enum sign_purpose)p, 1, "x", tag[p]);
	for (int p = 0; p < SIGN_PURPOSE_COUNT; p++)
		for (int q = 0; q < p; q++)
			n_same += strcmp(tag[p], tag[q]) == 0;
	IS_INT(n_same, 0, "each purpose has tags of its own");
}

/* A copy is the same file, and is never laid over another ring. */
static void
test_copy(const struct sign *s, const char *text)
{
	char to[] = "/tmp/sign_t-copy.XXXXXX", path[PATH_MAX], copied[FILE_ROOM] = "";
	struct why why = {""};

	OK(mkdtemp(to) != NULL, "a place for a copy");
	(void)snprintf(path, sizeof path, "%s/keys", to);
	IS_INT(sign_copy(s, to, &why), SIGN_OK, "copied");
	FILE *f = fopen(path, "r");
	OK(f != NULL && fread(copied, 1, sizeof copied - 1, f) > 0, "there it is");
	if (f != NULL)
		(void)fclose(f);
	IS_STR(copied, text, "as it is");
	IS_INT(sign_copy(s, to, &why), SIGN_BROKEN, "not over another one");
	IS_INT(unlink(path), 0, "removed");
	IS_INT(rmdir(to), 0, "nothing else was left there");
}

/* A ring is made once, for its owner alone, and read again as it was. */
static void
test_fresh(void)
{
	struct stat st = {0};
	char tag[SIGN_TAG], text[FILE_ROOM], again[FILE_ROOM];
	struct sign *s = open_ring();

	OK(s != NULL, "a ring is made where there is none");
	IS_INT(stat(key_path(), &st), 0, "it is a file");
	IS_INT(st.st_mode & 0777, 0600, "that only its owner reads");
	test_tag(s);
	test_purposes(s);
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", tag);
	read_keys(text);
	test_copy(s, text);
	sign_close(&s);
	OK(s == NULL, "closed");
	sign_close(&s);
	s = open_ring();
	OK(s != NULL && sign_check(s, SIGN_REPLY, 7, "ann@example.org", tag, NOW_S),
	   "its tags outlive the process");
	sign_close(&s);
	read_keys(again);
	IS_STR(again, text, "opening changes nothing");
}

#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static void
test_rotation(void)
{
	char old[SIGN_TAG], new[SIGN_TAG];

	write_keys("a active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", old);
	sign_close(&s);
	write_keys("a active 1700000000 " HEX_A "\nb active 1800000000 " HEX_B "\n");
	s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", new);
	OK(old[0] == 'a' && new[0] == 'b', "the newest key makes new tags, and is named in them");
	OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S), "the older key's tags still hold");
	sign_close(&s);
	write_keys("a retired 1700000000 " HEX_A "\nb active 1800000000 " HEX_B "\n");
	s = open_ring();
	OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S), "not when it is retired");
	OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", new, NOW_S), "those of the other do");
	sign_close(&s);
	write_keys("a active 1700000000 " HEX_B "\n");
	s = open_ring();
	OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S), "another secret, same letter");
	sign_close(&s);
}

/* Whoever lost the ring has lost every thread: it is never quietly made anew. */
static void
test_broken(void)
{
	static const char *const texts[] = {
		"",
		"\n",
		"hello\n",
		"a active 1700000000\n",
		"a active 1700000000 0011\n",
		"a active 1700000000 " HEX_A "00\n",
		"a active 1700000000 Z0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
		"A active 1700000000 " HEX_A "\n",
		"ab active 1700000000 " HEX_A "\n",
		"a young 1700000000 " HEX_A "\n",
		"a retired 1700000000 " HEX_A "\n",
		"a active 1700000000 " HEX_A "\nb act",
		"a active 1700000000 " HEX_A "\r\n",
		"a active 1700000000 " HEX_A "\na retired 1700000000 " HEX_B "\n",
		"a active -1 " HEX_A "\n",
		"a active 99999999999999999999 " HEX_A "\n",
		"a active 1700000000 " HEX_A " 1800000000\n",
		"a active 1700000000 " HEX_A "\nb old 1700000000 " HEX_B "\n",
		"a active 1700000000 " HEX_A "\nb old 1700000000 " HEX_B " x\n",
		"a active 1700000000 " HEX_A "\nb old 1700000000 " HEX_B " 1 1\n",
		"b old 1700000000 " HEX_B " 1800000000\n",
	};

	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct sign *s = NULL;
		struct why why = {""};
		char text[FILE_ROOM];

		write_keys(texts[i]);
		IS_INT(sign_open(dir, &s, &why), SIGN_BROKEN, "a broken ring is an error");
		OK(s == NULL && strstr(why.text, "keys") != NULL, why.text);
		read_keys(text);
		IS_STR(text, texts[i], "and stays as it is");
	}
	(void)unlink(key_path());
	(void)mkdir(key_path(), 0700);
	struct sign *s = NULL;
	struct why why = {""};
	IS_INT(sign_open(dir, &s, &why), SIGN_BROKEN, "a directory in its place is an error");
	(void)rmdir(key_path());
}

static void
test_too_many(void)
{
	char text[FILE_ROOM] = "";
	struct sign *s = NULL;
	struct why why = {""};

	for (int i = 0; i <= SIGN_KEYS_MAX; i++)
		strcat(text, "a active 1700000000 " HEX_A "\n");
	write_keys(text);
	IS_INT(sign_open(dir, &s, &why), SIGN_BROKEN, "more keys than a ring holds are an error");
}

/* A rotation keeps what was sent proven for a time, a retirement ends it; both are on disk at
 * once. */
static void
test_rotate(void)
{
	char old[SIGN_TAG], new[SIGN_TAG], letter = '?', text[FILE_ROOM];
	struct sign_key key[SIGN_KEYS_MAX];
	struct why why = {""};

	write_keys("a active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", old);
	IS_INT(sign_rotate(s, NOW_S, 100, &letter, &why), SIGN_OK, "rotated");
	IS_INT(letter, 'b', "the next letter");
	sign_tag(s, SIGN_REPLY, 7, "ann@example.org", new);
	IS_INT(new[0], 'b', "makes new tags at once");
	for (int round = 0; round < 2; round++) {
		OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", new, NOW_S), "which hold");
		OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", new, INT64_MAX), "without an end");
		OK(sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S + 99), "the old hold");
		OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S + 100), "for a time");
		IS_INT(sign_list(s, key), 2, "two keys");
		OK(key[0].letter == 'a' && key[0].state == SIGN_OLD && !key[0].makes, "an old one");
		IS_INT(key[0].until_s, NOW_S + 100, "with its end");
		OK(key[1].letter == 'b' && key[1].state == SIGN_ACTIVE && key[1].makes, "an active one");
		IS_INT(key[1].created_s, NOW_S, "with its beginning");
		sign_close(&s);
		s = open_ring();
	}
	IS_INT(sign_retire(s, 'b', &why), SIGN_IN_USE, "the key in use stays");
	IS_INT(sign_retire(s, 'z', &why), SIGN_UNKNOWN, "no such key");
	IS_INT(sign_retire(s, '\0', &why), SIGN_UNKNOWN, "nor one without a letter");
	IS_INT(sign_retire(s, 'A', &why), SIGN_OK, "retired");
	IS_INT(sign_retire(s, 'a', &why), SIGN_OK, "again: nothing to do");
	OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S), "its tags are worthless now");
	sign_close(&s);
	read_keys(text);
	OK(strncmp(text, "a retired 1700000000 " HEX_A "\nb active ", 95) == 0, "the file has it");
	s = open_ring();
	OK(!sign_check(s, SIGN_REPLY, 7, "ann@example.org", old, NOW_S), "and after a restart");
	sign_close(&s);
}

/* Several active keys, as earlier rings may have: all of them become old. */
static void
test_rotate_several(void)
{
	char old[SIGN_TAG], letter = '?';
	struct why why = {""};

	write_keys("7 active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "", old);
	sign_close(&s);
	write_keys("7 active 1700000000 " HEX_A "\na active 1800000000 " HEX_B "\n");
	s = open_ring();
	IS_INT(sign_rotate(s, NOW_S, INT64_MAX, &letter, &why), SIGN_OK, "honoured for ever");
	OK(sign_check(s, SIGN_REPLY, 7, "", old, INT64_MAX - 1), "and no overflow");
	IS_INT(sign_rotate(s, NOW_S, 0, &letter, &why), SIGN_OK, "honoured not at all");
	OK(sign_check(s, SIGN_REPLY, 7, "", old, NOW_S), "which ends no older key early");
	sign_close(&s);
}

static void
test_full(void)
{
	char letter = '?', first[SIGN_TAG], tag[SIGN_TAG];
	struct sign_key key[SIGN_KEYS_MAX];
	unsigned n_good = 0;
	struct why why = {""};

	write_keys("a active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	sign_tag(s, SIGN_REPLY, 7, "", first);
	for (int i = 1; i < SIGN_KEYS_MAX; i++)
		n_good += sign_rotate(s, NOW_S, 1000, &letter, &why) == SIGN_OK;
	IS_INT(n_good, SIGN_KEYS_MAX - 1, "as many keys as letters");
	IS_INT(letter, '7', "the last letter");
	sign_tag(s, SIGN_REPLY, 7, "", tag);
	IS_INT(sign_rotate(s, NOW_S + 999, 1000, &letter, &why), SIGN_FULL, "no further one");
	OK(strstr(why.text, "retire") != NULL, why.text);
	OK(sign_check(s, SIGN_REPLY, 7, "", first, NOW_S + 999), "the first still holds");
	sign_tag(s, SIGN_REPLY, 7, "", first);
	IS_STR(first, tag, "the last still makes tags");
	IS_INT(sign_list(s, key), SIGN_KEYS_MAX, "none was lost");
	IS_INT(sign_retire(s, 'c', &why), SIGN_OK, "one is retired");
	IS_INT(sign_rotate(s, NOW_S + 999, 1000, &letter, &why), SIGN_OK, "so there is room");
	IS_INT(letter, 'c', "its letter is used again");
	OK(sign_check(s, SIGN_REPLY, 7, "", tag, NOW_S + 999), "the others hold");
	IS_INT(sign_rotate(s, NOW_S + 1000, 1000, &letter, &why), SIGN_OK, "the first is past its time");
	IS_INT(letter, 'a', "and gives way");
	sign_close(&s);
	s = open_ring();
	IS_INT(sign_list(s, key), SIGN_KEYS_MAX, "a full ring can be read");
	sign_close(&s);
}

/* What cannot be written is not used: a tag made with it would be worthless after the next
 * start. */
static void
test_unwritable(void)
{
	char letter = '?', tag[SIGN_TAG];
	struct why why = {""};

	write_keys("a active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	(void)unlink(key_path());
	(void)mkdir(key_path(), 0700);
	IS_INT(sign_rotate(s, NOW_S, 100, &letter, &why), SIGN_BROKEN, "the file cannot be written");
	IS_INT(letter, '?', "so there is no new key");
	sign_tag(s, SIGN_REPLY, 7, "", tag);
	IS_INT(tag[0], 'a', "the old one goes on");
	OK(sign_check(s, SIGN_REPLY, 7, "", tag, INT64_MAX), "as before");
	(void)rmdir(key_path());
	IS_INT(sign_rotate(s, NOW_S, 100, &letter, &why), SIGN_OK, "later it can");
	sign_close(&s);
}

enum { ROUNDS = 200, READERS = 3 };

static void *
read_on(void *arg)
{
	const struct sign *s = arg;
	uintptr_t n_wrong = 0;

	for (int i = 0; i < ROUNDS * 10; i++) {
		char tag[SIGN_TAG];

		sign_tag(s, SIGN_REPLY, (uint64_t)i, "ann@example.org", tag);
		n_wrong += !sign_check(s, SIGN_REPLY, (uint64_t)i, "ann@example.org", tag, NOW_S);
	}
	return (void *)n_wrong;
}

/* Tags that are made while the ring turns are good ones. */
static void
test_threads(void)
{
	pthread_t thread[READERS];
	char letter = '?';
	unsigned n_bad = 0;
	struct why why = {""};

	write_keys("a active 1700000000 " HEX_A "\n");
	struct sign *s = open_ring();
	for (int i = 0; i < READERS; i++)
		if (pthread_create(&thread[i], NULL, read_on, s) != 0)
			abort();
	for (int i = 0; i < SIGN_KEYS_MAX - 1; i++)
		n_bad += sign_rotate(s, NOW_S, 1000, &letter, &why) != SIGN_OK;
	for (int i = 0; i < READERS; i++) {
		void *n_wrong = NULL;

		(void)pthread_join(thread[i], &n_wrong);
		n_bad += n_wrong != NULL;
	}
	IS_INT(n_bad, 0, "readers and a writer get on");
	sign_close(&s);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	test_fresh();
	test_rotation();
	test_rotate();
	test_rotate_several();
	test_full();
	test_unwritable();
	test_threads();
	test_broken();
	test_too_many();
	(void)unlink(key_path());
	IS_INT(rmdir(dir), 0, "nothing else was left in the directory");
	return tap_done();
}
