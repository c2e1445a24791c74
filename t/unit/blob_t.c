/* t/unit/blob_t.c - octets inside and in files, damage, the sweep */
#include "blob.h"
#include "held.h"
#include "store_fix.h"
#include <fcntl.h>
#include <string.h>

static struct store *store;
static char octets[100000];

struct one {
	struct blob_ref ref;
	const char *want;
};

static enum store_err
put(struct store_txn *txn, void *arg)
{
	struct one *b = arg;

	return blob_put(txn, &b->ref, octets, &fix_why);
}

static enum store_err
read_back(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct one *b = arg;
	char *got = NULL;
	size_t n = 0;
	enum store_err e = blob_read(txn, a, &b->ref, &got, &n, &fix_why);

	return e == STORE_OK && (n != b->ref.n_octets || memcmp(got, octets, n) != 0) ? STORE_BROKEN : e;
}

static enum store_err
drop(struct store_txn *txn, void *arg)
{
	struct one *b = arg;

	return blob_drop(txn, &b->ref, &fix_why);
}

static void
path_of(const struct one *b, char path_r[400])
{
	char name[BLOB_NAME];

	blob_name(b->ref.id, name);
	(void)snprintf(path_r, 400, "%s/blob/%02x/%s", fix_dir, (unsigned)(b->ref.id % 256), name);
}

static bool
has_file(const struct one *b)
{
	char path[400];

	path_of(b, path);
	return access(path, F_OK) == 0;
}

static struct one
file_it(size_t n)
{
	struct one b = {.ref = {.id = 0}};

	IS_INT(blob_prepare(store, octets, n, &b.ref, &fix_why), STORE_OK, "prepare");
	IS_INT(store_run(store, put, &b, &fix_why), STORE_OK, "put");
	IS_INT(store_peek(store, read_back, &b, &fix_why), STORE_OK, "read");
	return b;
}

static void
sweep_all(void)
{
	for (int i = 0; i < 256 / 16; i++)
		if (store_keep(store, &fix_why) != STORE_OK)
			printf("Bail out! %s\n", fix_why.text);
}

static void
test_sizes(void)
{
	struct one b = file_it(0);

	OK(!has_file(&b), "an empty mail");
	b = file_it(16384);
	OK(!has_file(&b), "at the limit: inside");
	b = file_it(16385);
	OK(has_file(&b), "over it: a file");
	b.ref.id += 1000;
	IS_INT(store_peek(store, read_back, &b, &fix_why), STORE_ABSENT, "an id that is none");
}

static void
test_damage(void)
{
	struct one large = file_it(50000), small = file_it(500);
	char path[400];

	small.ref.digest[0] ^= 1;
	IS_INT(store_peek(store, read_back, &small, &fix_why), STORE_BROKEN, "another digest");
	path_of(&large, path);
	int fd = open(path, O_WRONLY);
	OK(pwrite(fd, "X", 1, 77) == 1 && close(fd) == 0, "change one octet of the file");
	IS_INT(store_peek(store, read_back, &large, &fix_why), STORE_BROKEN, "is seen");
	OK(unlink(path) == 0, "remove the file");
	IS_INT(store_peek(store, read_back, &large, &fix_why), STORE_BROKEN, "is seen");
	OK(strstr(fix_why.text, "blob/") != NULL, "and named");
}

static void
test_sweep(void)
{
	struct store_options o = fix_options();
	struct one kept = file_it(20000), dropped = file_it(20000), forgotten = {.ref = {.id = 0}};
	struct one orphan = {.ref = {.id = 0}};

	IS_INT(blob_prepare(store, octets, 20000, &forgotten.ref, &fix_why), STORE_OK, "prepare");
	OK(has_file(&forgotten), "is on disk before the transaction");
	blob_forget(store, &forgotten.ref);
	OK(!has_file(&forgotten), "forgotten at once");
	IS_INT(blob_prepare(store, octets, 20000, &orphan.ref, &fix_why), STORE_OK, "prepare, and crash");
	IS_INT(store_run(store, drop, &dropped, &fix_why), STORE_OK, "drop one");
	IS_INT(store_peek(store, read_back, &dropped, &fix_why), STORE_ABSENT, "is gone for readers");
	sweep_all();
	OK(has_file(&orphan), "what could still be prepared is not swept");
	store_close(&store);
	store = fix_open(&o);
	sweep_all();
	OK(has_file(&kept), "a named file stays");
	OK(!has_file(&dropped) && !has_file(&orphan), "the others go after the next start");
	IS_INT(store_peek(store, read_back, &kept, &fix_why), STORE_OK, "and it is whole");
	struct store_stats st;
	store_stats(store, &st);
	OK(st.n_blob_octets >= 20000, "files are measured");
}

static enum store_err
hold(struct store_txn *txn, void *arg)
{
	struct one *b = arg;
	struct held_entry h = {.id = 900, .at_s = 4, .cause = HELD_LOOP, .detail = "d", .queue = "q",
		.subject = "s", .from_address = "f", .message_id = "m", .blob = b->ref};

	return held_put(txn, &h, &fix_why);
}

static enum store_err
look_held(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct one *b = arg;
	struct held_entry h, *list;
	struct store_range all = {.first = 0, .max = 10}, later = {.first = 901, .max = 10};
	size_t n = 0;

	OK(held_find(txn, a, 900, &h, &fix_why) == STORE_OK && h.cause == HELD_LOOP && h.at_s == 4 &&
	   strcmp(h.queue, "q") == 0 && h.blob.id == b->ref.id, "held as it was put");
	OK(held_list(txn, a, &all, &list, &n, &fix_why) == STORE_OK && n == 1 && list[0].id == 900, "listed");
	OK(held_list(txn, a, &later, &list, &n, &fix_why) == STORE_OK && n == 0, "from a place on");
	return STORE_OK;
}

static enum store_err
drop_held(struct store_txn *txn, void *arg)
{
	(void)arg;
	return held_drop(txn, 900, &fix_why);
}

static void
test_held(void)
{
	struct one b = file_it(300);

	IS_INT(store_run(store, hold, &b, &fix_why), STORE_OK, "hold");
	IS_INT(store_run(store, hold, &b, &fix_why), STORE_EXISTS, "not twice");
	IS_INT(store_peek(store, look_held, &b, &fix_why), STORE_OK, "look");
	IS_INT(store_run(store, drop_held, NULL, &fix_why), STORE_OK, "drop");
	IS_INT(store_run(store, drop_held, NULL, &fix_why), STORE_ABSENT, "once");
	IS_INT(store_peek(store, read_back, &b, &fix_why), STORE_ABSENT, "its octets too");
}

int
main(void)
{
	fix_make_dir();
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (char)(i * 7 + i / 251);
	struct store_options o = fix_options();
	store = fix_open(&o);
	test_sizes();
	test_damage();
	test_sweep();
	test_held();
	store_close(&store);
	fix_remove(fix_dir);
	return tap_done();
}
