/* t/unit/kv_t.c - tables, walks, seals, aborts */
#include "kv.h"
#include "seal.h"
#include "store_fix.h"
#include "buf.h"
#include <string.h>

static struct kv *kv;

static struct key
key_of(const char *text)
{
	struct key k = {0};

	key_text(&k, text);
	return k;
}

static struct kv_value
value_of(const char *text)
{
	return (struct kv_value){text, strlen(text)};
}

static enum store_err
put(const char *key, const char *value)
{
	struct store_txn *txn = NULL;
	struct key k = key_of(key);
	enum store_err e = kv_begin(kv, true, &txn, &fix_why);

	if (e == STORE_OK)
		e = kv_put(txn, KV_PARTY, &k, value_of(value), &fix_why);
	if (e == STORE_OK)
		return kv_commit(&txn, &fix_why);
	kv_abort(&txn);
	return e;
}

static enum store_err
join(void *self, const struct kv_row *row, struct why *why)
{
	struct buf *b = self;

	(void)why;
	buf_text(b, (const char *)row->key);
	buf_octet(b, '=');
	buf_add(b, row->value, row->n_value);
	buf_octet(b, ' ');
	return b->n > 100 ? STORE_ABSENT : STORE_OK;
}

static void
walk_is(const char *prefix, const char *from, bool backward, const char *want, const char *what)
{
	AUTO(buf) struct buf b = {0};
	struct store_txn *txn = NULL;
	struct kv_walk w = {.table = KV_PARTY, .backward = backward, .each = join, .self = &b};

	if (prefix != NULL)
		key_octets(&w.prefix, prefix, strlen(prefix));
	if (from != NULL)
		w.from = key_of(from);
	enum store_err e = kv_begin(kv, true, &txn, &fix_why);
	if (e == STORE_OK)
		e = kv_walk(txn, &w, &fix_why);
	kv_abort(&txn);
	IS_INT(e, STORE_OK, what);
	buf_text(&b, "");
	IS_STR(b.octets ? b.octets : "", want, what);
}

static void
test_walks(void)
{
	OK(put("a", "1") == STORE_OK && put("b1", "2") == STORE_OK && put("b2", "3") == STORE_OK &&
	       put("c", "4") == STORE_OK, "four rows");
	walk_is(NULL, NULL, false, "a=1 b1=2 b2=3 c=4 ", "all, forward");
	walk_is(NULL, NULL, true, "c=4 b2=3 b1=2 a=1 ", "all, backward");
	walk_is("b", NULL, false, "b1=2 b2=3 ", "a prefix, forward");
	walk_is("b", NULL, true, "b2=3 b1=2 ", "a prefix, backward");
	walk_is("c", NULL, true, "c=4 ", "the last prefix, backward");
	walk_is("b", "b2", false, "b2=3 ", "from a key on");
	walk_is(NULL, "b2", true, "b2=3 b1=2 a=1 ", "from a key back, itself included");
	walk_is(NULL, "b3", true, "b2=3 b1=2 a=1 ", "from between two keys back");
	walk_is(NULL, "z", true, "c=4 b2=3 b1=2 a=1 ", "from behind the end back");
	walk_is("x", NULL, false, "", "an absent prefix");
	walk_is("x", NULL, true, "", "an absent prefix, backward");
}

static void
test_put_get_del(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct store_txn *txn = NULL;
	struct key k = key_of("k"), none = key_of("none");
	struct kv_value v;
	uint64_t n = kv_rows(kv, KV_HELD);

	IS_INT(kv_begin(kv, true, &txn, &fix_why), STORE_OK, "begin");
	IS_INT(kv_put_new(txn, KV_HELD, &k, value_of("x"), &fix_why), STORE_OK, "new");
	IS_INT(kv_put_new(txn, KV_HELD, &k, value_of("y"), &fix_why), STORE_EXISTS, "not twice");
	IS_INT(kv_get(txn, KV_HELD, &k, a, &v, &fix_why), STORE_OK, "get");
	OK(v.n == 1 && memcmp(v.octets, "x", 1) == 0, "what was put first");
	IS_INT(kv_get(txn, KV_HELD, &none, a, &v, &fix_why), STORE_ABSENT, "absent");
	IS_INT(kv_del(txn, KV_HELD, &none, &fix_why), STORE_ABSENT, "nothing to remove");
	kv_abort(&txn);
	OK(txn == NULL, "an ended transaction is gone");
	IS_INT(kv_rows(kv, KV_HELD), n, "an abort counts nothing");
	IS_INT(kv_begin(kv, true, &txn, &fix_why), STORE_OK, "begin");
	IS_INT(kv_get(txn, KV_HELD, &k, a, &v, &fix_why), STORE_ABSENT, "the abort undid it");
	IS_INT(kv_put_new(txn, KV_HELD, &k, value_of(""), &fix_why), STORE_OK, "an empty value");
	IS_INT(kv_commit(&txn, &fix_why), STORE_OK, "commit");
	IS_INT(kv_rows(kv, KV_HELD), n + 1, "a commit counts");
	IS_INT(kv_flush(kv, &fix_why), STORE_OK, "flush");
}

static void
test_seal(void)
{
	AUTO(buf) struct buf b = {0};

	buf_text(&b, "hello");
	seal_add("three", "key", 3, &b);
	OK(seal_holds("three", "key", 3, b.octets, b.n), "a seal holds at its place");
	OK(!seal_holds("four", "key", 3, b.octets, b.n), "not in another table");
	OK(!seal_holds("three", "kez", 3, b.octets, b.n), "not under another key");
	OK(!seal_holds("three", "key", 3, b.octets, b.n - 1), "not cut");
	b.octets[1] ^= 1;
	OK(!seal_holds("three", "key", 3, b.octets, b.n), "not with a bit changed");
	char zero[64] = "";
	bool any = false;
	for (size_t n = 0; n <= sizeof zero; n++)
		for (size_t n_key = 0; n_key <= 32; n_key++)
			any = any || seal_holds("", zero, n_key, zero, n);
	OK(!any, "zeroes are never sealed");
}

static void
test_keys(void)
{
	struct key a = {0}, b = {0}, c = {0};
	char longest[2000];

	key_s(&a, -5);
	key_s(&b, 7);
	OK(memcmp(a.octets, b.octets, 8) < 0, "instants before 1970 sort first");
	IS_INT(key_read_s(a.octets), -5, "and are read back");
	key_u32(&c, 0x01020304);
	OK(memcmp(c.octets, "\1\2\3\4", 4) == 0 && key_read_u32(c.octets) == 0x01020304, "big-endian");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	c.n = 0;
	key_text(&c, longest);
	IS_INT(c.n, 65, "a long text becomes its digest");
}

int
main(void)
{
	fix_make_dir();
	struct kv_options o = {.dir = fix_dir, .cache_octets = 4 << 20, .create = true};
	enum store_err e = kv_open(&o, &kv, &fix_why);

	IS_INT(e, STORE_OK, "open");
	if (e != STORE_OK)
		return tap_done();
	test_keys();
	test_seal();
	test_put_get_del();
	test_walks();
	IS_INT(kv_close(&kv, &fix_why), STORE_OK, "close");
	o.create = false;
	IS_INT(kv_open(&o, &kv, &fix_why), STORE_OK, "open again");
	walk_is("b", NULL, false, "b1=2 b2=3 ", "what was there is there");
	IS_INT(kv_close(&kv, &fix_why), STORE_OK, "close");
	char path[300];
	(void)snprintf(path, sizeof path, "%s/party.db", fix_dir);
	OK(unlink(path) == 0 && kv_open(&o, &kv, &fix_why) == STORE_BROKEN, "no table, no open");
	fix_remove(fix_dir);
	return tap_done();
}
