/* src/store/home.c - the directory of a store: its lock, its identity, its room */
#include "home.h"
#include "arena.h"
#include "digest.h"
#include "durable.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define STORE_FORM "postern store 1\nid %32s\nstate %7s\n"

enum { FILE_OCTETS_MAX = 4096 };

struct home {
	struct arena *arena; /* holds this struct */
	const char *dir, *db_dir;
	int dir_fd, lock_fd, blob_fd;
	enum home_state state;
	uint8_t id[HOME_ID_OCTETS];
};

static enum store_err
meaning(enum durable_err e)
{
	return e == DURABLE_OK ? STORE_OK : e == DURABLE_FULL ? STORE_FULL : STORE_BROKEN;
}

static enum store_err
take_lock(struct home *h, struct why *why)
{
	char owner[32] = "";

	h->lock_fd = openat(h->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (h->lock_fd < 0) {
		why_errno(why, errno, "%s/lock", h->dir);
		return errno == ENOSPC ? STORE_FULL : STORE_BROKEN;
	}
	if (flock(h->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		ssize_t n = pread(h->lock_fd, owner, sizeof owner - 1, 0);
		owner[n > 0 ? n : 0] = '\0';
		owner[strcspn(owner, "\n")] = '\0';
		why_set(why,
			"another posternd (pid %s) owns %s: stop it first, or ask it by its "
			"control socket",
			owner[0] ? owner : "unknown", h->dir);
		return STORE_BUSY;
	}
	/* For people only; a full disk is no reason not to start. */
	int n = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
	if (ftruncate(h->lock_fd, 0) == 0 && pwrite(h->lock_fd, owner, (size_t)n, 0) != n)
		(void)!ftruncate(h->lock_fd, 0);
	return STORE_OK;
}

static bool
from_hex(const char *hex, uint8_t id_r[HOME_ID_OCTETS])
{
	for (size_t i = 0; i < HOME_ID_OCTETS; i++) {
		unsigned octet = 0;
		if (sscanf(hex + 2 * i, "%2x", &octet) != 1)
			return false;
		id_r[i] = (uint8_t)octet;
	}
	return hex[(size_t)2 * HOME_ID_OCTETS] == '\0';
}

static enum store_err
write_identity(struct home *h, const char *state, struct why *why)
{
	char hex[2 * HOME_ID_OCTETS + 1];

	digest_hex(h->id, sizeof h->id, hex);
	const char *text = arena_printf(h->arena, STORE_FORM, hex, state);
	return meaning(durable_write(h->dir_fd, "STORE", text, strlen(text), true, why));
}

/* Whether a directory holds anything; with remove, it is emptied of its files. */
static bool
holds_files(const char *path, bool remove)
{
	DIR *d = opendir(path);
	bool found = false;

	for (struct dirent *e = d ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		found = found || !remove || unlinkat(dirfd(d), e->d_name, 0) != 0;
	}
	if (d != NULL)
		(void)closedir(d);
	return found;
}

/* A database whose making was cut off: nothing was ever promised about it. */
static enum store_err
start_again(struct home *h, struct why *why)
{
	if (!holds_files(h->db_dir, true))
		return STORE_OK;
	why_set(why, "%s holds files that cannot be removed: empty it", h->db_dir);
	return STORE_BROKEN;
}

static enum store_err
begin_fresh(struct home *h, struct why *why)
{
	if (holds_files(h->db_dir, false)) {
		why_set(why,
			"%s holds a database, but %s/STORE is missing: restore that file from a "
			"backup",
			h->db_dir, h->dir);
		return STORE_BROKEN;
	}
	digest_random(h->id, sizeof h->id);
	return write_identity(h, "new", why);
}

static enum store_err
read_identity(struct home *h, struct why *why)
{
	char hex[33] = "", state[8] = "";
	struct durable_file file = {NULL, 0};
	struct why said = {""};
	enum durable_err e =
		durable_read(h->arena, h->dir_fd, "STORE", FILE_OCTETS_MAX, &file, &said);

	if (e == DURABLE_ABSENT)
		return begin_fresh(h, why);
	if (e != DURABLE_OK) {
		why_set(why, "%s: %s", h->dir, said.text);
		return STORE_BROKEN;
	}
	if (sscanf(file.octets, STORE_FORM, hex, state) != 2 || !from_hex(hex, h->id)) {
		why_set(why,
			"%s/STORE is not in a form that this version knows (\"postern store 1\")",
			h->dir);
		return STORE_BROKEN;
	}
	h->state = strcmp(state, "ready") == 0 ? HOME_READY : HOME_FRESH;
	return h->state == HOME_READY ? STORE_OK : start_again(h, why);
}

static enum store_err
make_blob_dirs(struct home *h, struct why *why)
{
	for (unsigned i = 0; i < HOME_BLOB_DIRS; i++) {
		char name[3];
		(void)snprintf(name, sizeof name, "%02x", i);
		if (mkdirat(h->blob_fd, name, 0700) != 0 && errno != EEXIST) {
			why_errno(why, errno, "%s/blob/%s", h->dir, name);
			return errno == ENOSPC || errno == EDQUOT ? STORE_FULL : STORE_BROKEN;
		}
	}
	if (fsync(h->blob_fd) == 0)
		return STORE_OK;
	why_errno(why, errno, "%s/blob", h->dir);
	return STORE_BROKEN;
}

/* The library would take settings from a file DB_CONFIG, over ours. */
static enum store_err
refuse_config(const struct home *h, struct why *why)
{
	struct stat st;

	if (fstatat(h->dir_fd, "db/DB_CONFIG", &st, AT_SYMLINK_NOFOLLOW) != 0)
		return STORE_OK;
	why_set(why, "%s/DB_CONFIG is not ours and would change how the store works: remove it",
		h->db_dir);
	return STORE_BROKEN;
}

static enum store_err
open_dirs(struct home *h, struct why *why)
{
	AUTO(fd) int db_fd = durable_dir(h->db_dir, why);

	if (db_fd < 0)
		return STORE_BROKEN;
	h->blob_fd = durable_dir(arena_printf(h->arena, "%s/blob", h->dir), why);
	enum store_err e = h->blob_fd < 0 ? STORE_BROKEN : make_blob_dirs(h, why);
	return e == STORE_OK ? refuse_config(h, why) : e;
}

enum store_err
home_open(const char *path, struct home **home_r, struct why *why)
{
	struct arena *a = arena_new();
	struct home *h = arena_alloc(a, sizeof *h);
	enum store_err e = STORE_OK;

	h->arena = a;
	h->dir = arena_strdup(a, path);
	h->db_dir = arena_printf(a, "%s/db", path);
	h->lock_fd = h->blob_fd = -1;
	h->dir_fd = durable_dir(path, why);
	if (h->dir_fd < 0)
		e = STORE_BROKEN;
	if (e == STORE_OK)
		e = take_lock(h, why);
	if (e == STORE_OK)
		e = open_dirs(h, why);
	if (e == STORE_OK)
		e = read_identity(h, why);
	if (e == STORE_OK)
		*home_r = h;
	else
		home_close(&h);
	return e;
}

void
home_close(struct home **home)
{
	struct home *h = *home;

	if (h == NULL)
		return;
	auto_fd(&h->blob_fd);
	auto_fd(&h->dir_fd);
	auto_fd(&h->lock_fd); /* last: closing unlocks */
	struct arena *a = h->arena;
	arena_free(&a);
	*home = NULL;
}

enum home_state
home_state(const struct home *home)
{
	return home->state;
}

const uint8_t *
home_id(const struct home *home)
{
	return home->id;
}

const char *
home_dir(const struct home *home)
{
	return home->dir;
}

const char *
home_db_dir(const struct home *home)
{
	return home->db_dir;
}

enum store_err
home_made(struct home *home, struct why *why)
{
	enum store_err e = write_identity(home, "ready", why);

	if (e == STORE_OK)
		home->state = HOME_READY;
	return e;
}

enum store_err
home_unmake(struct home *home, const uint8_t *id, struct why *why)
{
	memcpy(home->id, id, sizeof home->id);
	home->state = HOME_FRESH;
	return write_identity(home, "new", why);
}

int
home_blob_dir(const struct home *home, unsigned number, struct why *why)
{
	char name[3];

	(void)snprintf(name, sizeof name, "%02x", number % HOME_BLOB_DIRS);
	int fd = openat(home->blob_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		why_errno(why, errno, "%s/blob/%s", home->dir, name);
	return fd;
}

enum store_err
home_load_ballast(struct home *home, uint64_t octets, struct why *why)
{
	struct stat st;

	if (octets == 0 || (fstatat(home->dir_fd, "ballast", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			    (uint64_t)st.st_size >= octets))
		return STORE_OK;
	int fd = openat(home->dir_fd, "ballast", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)octets);
	if (fd >= 0 && close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0)
		return STORE_OK;
	(void)home_drop_ballast(home);
	why_errno(why, error, "%s/ballast", home->dir);
	return STORE_FULL;
}

bool
home_drop_ballast(struct home *home)
{
	return unlinkat(home->dir_fd, "ballast", 0) == 0;
}

uint64_t
home_free_octets(const struct home *home)
{
	struct statvfs fs;

	/* Some file systems count no inodes at all: f_files is 0 there. */
	if (fstatvfs(home->dir_fd, &fs) != 0 || (fs.f_files > 0 && fs.f_favail == 0))
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}
