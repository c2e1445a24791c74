/* t/bench/fsync_rate.c - how often this disk writes and flushes so many octets a second, one at a time
 *
 * usage: fsync_rate DIRECTORY COUNT OCTETS
 * appends to one file, as a database appends to its log, with fdatasync after each; prints the rate */
#include "number.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { RATE_OCTETS_MOST = 1024 * 1024 };

static double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char *argv[])
{
	static char octets[RATE_OCTETS_MOST];
	char path[4096];
	uint64_t n = 0, n_octets = 0;

	if (argc != 4 || number_unsigned(argv[2], &n) != NUMBER_OK || n < 1 ||
	    number_unsigned(argv[3], &n_octets) != NUMBER_OK || n_octets > sizeof octets ||
	    (size_t)snprintf(path, sizeof path, "%s/fsync_rate.tmp", argv[1]) >= sizeof path) {
		(void)fprintf(stderr, "usage: fsync_rate DIRECTORY COUNT OCTETS\n");
		return EX_USAGE;
	}
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0) {
		perror(path);
		return EX_CANTCREAT;
	}
	memset(octets, 'x', sizeof octets);
	double from_s = now_s();
	bool fine = true;

	for (uint64_t i = 0; fine && i < n; i++)
		fine = write(fd, octets, n_octets) == (ssize_t)n_octets && fdatasync(fd) == 0;
	double took_s = now_s() - from_s;
	if (!fine)
		perror(path);
	(void)close(fd);
	(void)unlink(path);
	if (fine)
		(void)printf("%.1f\n", (double)n / took_s);
	return fine ? EX_OK : EX_IOERR;
}
