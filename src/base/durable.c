/* src/base/durable.c - files that are wholly there, or not at all */
#include "durable.h"
#include "arena.h"
#include "digest.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { TEMP_RANDOM_OCTETS = 8, TEMP_NAME_OCTETS = 40 };

static enum durable_err
failed(struct why *why, int error, const char *doing, const char *name)
{
	why_errno(why, error, "cannot %s %s", doing, name);
	if (error == ENOENT)
		return DURABLE_ABSENT;
	if (error == EEXIST)
		return DURABLE_EXISTS;
	return error == ENOSPC || error == EDQUOT ? DURABLE_FULL : DURABLE_IO;
}

static bool
write_all(int fd, const char *octets, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, octets, n);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			octets += done;
			n -= (size_t)done;
		}
	}
	return true;
}

/* Fill and flush a new file.
 * Gives  0, or what errno said; the file may be there then */
static int
write_new(int dir_fd, const char *name, const void *octets, size_t n)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	int error = write_all(fd, octets, n) && fsync(fd) == 0 ? 0 : errno;
	if (close(fd) != 0 && error == 0 && errno != EINTR)
		error = errno;
	return error;
}

/* Give the finished file its name. Without `replace` a hard link does it: unlike rename it refuses
 * a name that is taken, on every file system. */
static int
name_it(int dir_fd, const char *temp, const char *name, bool replace)
{
	if (replace)
		return renameat(dir_fd, temp, dir_fd, name) == 0 ? 0 : errno;
	if (linkat(dir_fd, temp, dir_fd, name, 0) != 0)
		return errno;
	return unlinkat(dir_fd, temp, 0) == 0 ? 0 : errno;
}

enum durable_err
durable_write(int dir_fd, const char *name, const void *octets, size_t n, bool replace,
              struct why *why)
{
	uint8_t random[TEMP_RANDOM_OCTETS];
	char hex[2 * TEMP_RANDOM_OCTETS + 1], temp[TEMP_NAME_OCTETS];
	struct stat st;

	if (!replace && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return failed(why, EEXIST, "write", name);
	digest_random(random, sizeof random);
	digest_hex(random, sizeof random, hex);
	(void)snprintf(temp, sizeof temp, DURABLE_TEMP_PREFIX "%s", hex);
	int error = write_new(dir_fd, temp, octets, n);
	if (error == 0)
		error = name_it(dir_fd, temp, name, replace);
	if (error != 0) {
		(void)unlinkat(dir_fd, temp, 0);
		enum durable_err e = failed(why, error, "write", name);
		/* A directory that is gone is a failure to write, not an absent file. */
		return e == DURABLE_ABSENT ? DURABLE_IO : e;
	}
	if (fsync(dir_fd) != 0)
		return failed(why, errno, "flush the directory of", name);
	return DURABLE_OK;
}

enum durable_err
durable_read(struct arena *a, int dir_fd, const char *name, size_t max_octets,
             struct durable_file *file_r, struct why *why)
{
	AUTO(fd) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return failed(why, errno, "read", name);
	if (!S_ISREG(st.st_mode)) {
		why_set(why, "cannot read %s: not a regular file", name);
		return DURABLE_IO;
	}
	if ((uintmax_t)st.st_size > max_octets) {
		why_set(why, "cannot read %s: %jd octets, more than the %zu allowed", name,
		        (intmax_t)st.st_size, max_octets);
		return DURABLE_TOO_BIG;
	}
	size_t n = 0, n_file = (size_t)st.st_size;
	char *octets = arena_alloc(a, n_file + 1);
	ssize_t got = 1;
	while (n < n_file && got != 0) {
		got = read(fd, octets + n, n_file - n);
		if (got < 0 && errno != EINTR)
			return failed(why, errno, "read", name);
		n += got > 0 ? (size_t)got : 0;
	}
	*file_r = (struct durable_file){octets, n};
	return DURABLE_OK;
}

enum durable_err
durable_remove(int dir_fd, const char *name, struct why *why)
{
	if (unlinkat(dir_fd, name, 0) != 0)
		return failed(why, errno, "remove", name);
	if (fsync(dir_fd) != 0)
		return failed(why, errno, "flush the directory of", name);
	return DURABLE_OK;
}

/* Flush the directory that holds the last component of path. */
static int
flush_parent(const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	if (slash == NULL)
		(void)snprintf(parent, sizeof parent, ".");
	else
		(void)snprintf(parent, sizeof parent, "%.*s/", (int)n, path);
	AUTO(fd) int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? 0 : errno;
}

static int
make_one(const char *path)
{
	if (mkdir(path, 0700) == 0)
		return flush_parent(path);
	return errno == EEXIST ? 0 : errno;
}

/* Make every missing directory of path, the first ones first. */
static int
make_all(const char *path)
{
	char prefix[PATH_MAX];
	int error = 0;

	if (strlen(path) >= sizeof prefix)
		return ENAMETOOLONG;
	(void)snprintf(prefix, sizeof prefix, "%s", path);
	for (char *p = prefix + 1; error == 0 && prefix[0] != '\0' && *p != '\0'; p++) {
		/* A parent that is there is not made: a read-only one would answer otherwise. */
		if (*p == '/' && p[-1] != '/') {
			*p = '\0';
			error = access(prefix, F_OK) == 0 ? 0 : make_one(prefix);
			*p = '/';
		}
	}
	return error != 0 || access(path, F_OK) == 0 ? error : make_one(path);
}

int
durable_dir(const char *path, struct why *why)
{
	struct stat st;
	int error = make_all(path);

	if (error != 0) {
		why_errno(why, error, "cannot make the directory %s", path);
		return -1;
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		why_errno(why, errno, "cannot open the directory %s", path);
	} else if ((st.st_mode & S_IWOTH) != 0) {
		why_set(why, "%s can be written by everybody; try: chmod o-w %s", path, path);
	} else if (geteuid() != 0 && st.st_uid != geteuid() && st.st_uid != 0) {
		why_set(why, "%s belongs to user %ju, not to the user %ju that runs this", path,
		        (uintmax_t)st.st_uid, (uintmax_t)geteuid());
	} else {
		return fd;
	}
	auto_fd(&fd);
	return -1;
}
