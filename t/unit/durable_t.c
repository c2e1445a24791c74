/* t/unit/durable_t.c */
#include "arena.h"
#include "durable.h"
#include "tap.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static char top[] = "/tmp/durable_t.XXXXXX";

static size_t
n_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void
test_files(struct arena *a)
{
	struct why why = {""};
	struct durable_file file = {NULL, 99};
	struct stat st;
	AUTO(fd) int dir = durable_dir(top, &why);

	OK(dir >= 0, "opens a directory");
	IS_INT(durable_write(dir, "f", "a\0b", 3, false, &why), DURABLE_OK, "writes");
	IS_INT(durable_read(a, dir, "f", 3, &file, &why), DURABLE_OK, "reads");
	OK(file.n == 3 && memcmp(file.octets, "a\0b", 4) == 0, "what was written, and a NUL");
	OK(fstatat(dir, "f", &st, 0) == 0 && (st.st_mode & 07777) == 0600, "mode 0600");
	IS_INT(durable_write(dir, "f", "new", 3, false, &why), DURABLE_EXISTS, "does not replace");
	IS_INT(durable_read(a, dir, "f", 2, &file, &why), DURABLE_TOO_BIG, "a bound");
	OK(strstr(why.text, "more than the 2 allowed") != NULL, "in words");
	OK(file.n == 3 && file.octets[0] == 'a', "a failure writes nothing");
	IS_INT(durable_write(dir, "f", "", 0, true, &why), DURABLE_OK, "replaces, by nothing");
	IS_INT(durable_read(a, dir, "f", 0, &file, &why), DURABLE_OK, "reads nothing");
	OK(file.n == 0 && file.octets[0] == '\0', "an empty file");
	IS_INT(n_entries(top), 1, "no temporary file is left");
	IS_INT(durable_remove(dir, "f", &why), DURABLE_OK, "removes");
	IS_INT(durable_remove(dir, "f", &why), DURABLE_ABSENT, "is not there");
	IS_INT(durable_read(a, dir, "f", 9, &file, &why), DURABLE_ABSENT, "cannot be read");
	IS_INT(durable_read(a, AT_FDCWD, top, 9, &file, &why), DURABLE_IO, "a directory");
}

static void
test_trouble(struct arena *a)
{
	struct why why = {""};
	struct durable_file file = {NULL, 0};
	AUTO(fd) int dir = durable_dir(arena_printf(a, "%s/gone", top), &why);
	AUTO(fd) int full = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	OK(dir >= 0 && rmdir(arena_printf(a, "%s/gone", top)) == 0, "a directory, gone");
	IS_INT(durable_write(dir, "f", "x", 1, true, &why), DURABLE_IO, "cannot be written to");
	OK(strstr(why.text, "cannot write f") != NULL, "in words");
	IS_INT(durable_write(dir, "f", "x", 1, true, NULL), DURABLE_IO, "why may be NULL");
	IS_INT(durable_read(a, full, "null", 9, &file, &why), DURABLE_IO, "a device");
	OK(mkfifo(arena_printf(a, "%s/fifo", top), 0600) == 0, "a pipe");
	IS_INT(durable_read(a, AT_FDCWD, arena_printf(a, "%s/fifo", top), 9, &file, &why),
	       DURABLE_IO, "does not block");
	(void)unlink(arena_printf(a, "%s/fifo", top));
}

static void
test_dirs(struct arena *a)
{
	struct why why = {""};
	struct stat st;
	const char *deep = arena_printf(a, "%s/a//b/c/", top);
	AUTO(fd) int fd = durable_dir(deep, &why);

	OK(fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0700, "makes all, mode 0700");
	AUTO(fd) int again = durable_dir(deep, &why);
	OK(again >= 0, "is there already");
	(void)chmod(deep, 0777);
	IS_INT(durable_dir(deep, &why), -1, "one that everybody may write is refused");
	OK(strstr(why.text, "chmod o-w") != NULL, "and how to mend it is told");
	const char *file = arena_printf(a, "%s/file", top);
	AUTO(fd) int made = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	OK(made >= 0, "a file");
	IS_INT(durable_dir(file, &why), -1, "is no directory");
	IS_INT(durable_dir(arena_printf(a, "%s/x", file), &why), -1, "nor has it one");
	IS_INT(durable_dir("", &why), -1, "nor is there one without a name");
	(void)unlink(file);
	(void)rmdir(deep);
	(void)rmdir(arena_printf(a, "%s/a/b", top));
	(void)rmdir(arena_printf(a, "%s/a", top));
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();

	if (mkdtemp(top) == NULL)
		return 1;
	test_files(a);
	test_trouble(a);
	test_dirs(a);
	OK(rmdir(top) == 0, "nothing is left over");
	return tap_done();
}
