/* src/store/pages.c - look at a table's file without the library */
#include "pages.h"
#include "own.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Where things stand in a page of Berkeley DB 4.x to 6.x (its dbinc/db_page.h); octets are in host
 * order. */
enum {
	AT_PAGE_NUMBER = 8,
	AT_MAGIC = 12,
	AT_PAGE_SIZE = 20,
	AT_ENTRIES = 20,
	AT_TYPE = 25,
	AT_LAST_PAGE = 32,
	HEAD_OCTETS = 36,
	BTREE_MAGIC = 0x053162,
	BTREE_LEAF = 5,
	PAGE_OCTETS_MIN = 512,
	PAGE_OCTETS_MAX = 65536
};

static uint32_t
read_u32(const uint8_t *head, size_t at)
{
	uint32_t v;

	memcpy(&v, head + at, sizeof v);
	return v;
}

static bool
read_head(int fd, uint64_t at, uint8_t head_r[HEAD_OCTETS])
{
	ssize_t n;

	do {
		n = pread(fd, head_r, HEAD_OCTETS, (off_t)at);
	} while (n < 0 && errno == EINTR);
	return n == HEAD_OCTETS;
}

static enum store_err
damaged(const char *path, const char *what, uint32_t page, struct why *why)
{
	why_set(why, "%s: %s (page %" PRIu32 "): restore a backup, or recover from all logs", path,
		what, page);
	return STORE_BROKEN;
}

static enum store_err
check_pages(int fd, const char *path, uint64_t *n_rows_r, struct why *why)
{
	uint8_t head[HEAD_OCTETS];
	struct stat st;
	uint64_t n_rows = 0;

	if (!read_head(fd, 0, head) || fstat(fd, &st) != 0 ||
	    read_u32(head, AT_MAGIC) != BTREE_MAGIC)
		return damaged(path, "is no table, or has lost its first page", 0, why);
	uint32_t size = read_u32(head, AT_PAGE_SIZE), last = read_u32(head, AT_LAST_PAGE);
	if (size < PAGE_OCTETS_MIN || size > PAGE_OCTETS_MAX ||
	    (uint64_t)st.st_size < ((uint64_t)last + 1) * size)
		return damaged(path, "is shorter than it says", last, why);
	for (uint32_t page = 1; page <= last; page++) {
		if (!read_head(fd, (uint64_t)page * size, head))
			return damaged(path, "cannot be read", page, why);
		if (read_u32(head, AT_PAGE_NUMBER) != page)
			return damaged(path, "a page was zeroed or swapped", page, why);
		if (head[AT_TYPE] == BTREE_LEAF) {
			uint16_t entries;
			memcpy(&entries, head + AT_ENTRIES, sizeof entries);
			n_rows += entries / 2; /* a key and a value each */
		}
	}
	*n_rows_r = n_rows;
	return STORE_OK;
}

enum store_err
pages_check(const char *path, uint64_t *n_rows_r, struct why *why)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		why_errno(why, errno, "table file %s", path);
		return STORE_BROKEN;
	}
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return check_pages(fd, path, n_rows_r, why);
}
