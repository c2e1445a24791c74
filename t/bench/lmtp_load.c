/* t/bench/lmtp_load.c - many mails over many LMTP connections, with the time each 250 took
 *
 * usage: lmtp_load PLACE CONNECTIONS COUNT OCTETS
 * prints one line: mails/s, and the median and 99th percentile, in milliseconds, of the time from the
 * end of data to its reply. Every mail has a Message-ID of its own. Exit status 1 when one was refused. */
#include "buf.h"
#include "net.h"
#include "number.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { LOAD_WAIT_MS = 60 * 1000, LOAD_CONNECTIONS_MOST = 256, LOAD_REPLY_OCTETS = 4096 };

struct load {
	struct net_place place;
	uint64_t n_mails, n_octets;
	uint64_t run;            /* makes the Message-IDs of this run unlike any other's */
	_Atomic uint64_t next;   /* number of the next mail */
	_Atomic uint64_t n_refused;
	double *took_ms;         /* by number of the mail */
};

/* Nanoseconds matter here, so not clock_mono_ms. */
static double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int64_t
until(void)
{
	return (int64_t)now_ms() + LOAD_WAIT_MS;
}

/* Read up to the end of n final reply lines; the code of the last, 0 when the peer is gone. */
static int
read_replies(int fd, unsigned n)
{
	char text[LOAD_REPLY_OCTETS];
	size_t room = 0, got = 0;
	int code = 0;

	while (n > 0) {
		char *end = memchr(text, '\n', room);

		if (end == NULL) {
			if (room == sizeof text ||
			    net_read(fd, text + room, sizeof text - room, until(), &got) != NET_OK)
				return 0;
			room += got;
			continue;
		}
		if (end - text >= 4 && text[3] != '-') {
			code = atoi(text);
			n--;
			if (code >= 400)
				(void)fprintf(stderr, "lmtp_load: %.*s\n", (int)(end - text), text);
		}
		room -= (size_t)(end + 1 - text);
		memmove(text, end + 1, room);
	}
	return code;
}

static void
make_mail(const struct load *load, uint64_t number, struct buf *mail)
{
	static const char line[] = "All work and no play makes a dull mail, and this is one line of it.\r\n";

	buf_clear(mail);
	buf_printf(mail,
	           "From: Load %llu <load%llu@customer.test>\r\nTo: support@example.org\r\n"
	           "Subject: a mail of the bench\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
	           "Message-ID: <%llu.%llu@bench.test>\r\nMIME-Version: 1.0\r\n"
	           "Content-Type: text/plain; charset=UTF-8\r\n\r\n",
	           (unsigned long long)number, (unsigned long long)number,
	           (unsigned long long)load->run, (unsigned long long)number);
	while (mail->n < load->n_octets)
		buf_add(mail, line, sizeof line - 1);
	buf_text(mail, ".\r\n");
}

static bool
send_one(struct load *load, int fd, uint64_t number, struct buf *mail)
{
	AUTO(buf) struct buf commands = {0};

	make_mail(load, number, mail);
	buf_printf(&commands,
	           "MAIL FROM:<load%llu@customer.test>\r\nRCPT TO:<support@example.org>\r\nDATA\r\n",
	           (unsigned long long)number);
	if (net_write(fd, commands.octets, commands.n, until()) != NET_OK || read_replies(fd, 3) != 354 ||
	    net_write(fd, mail->octets, mail->n, until()) != NET_OK)
		return false;

	double before_ms = now_ms();
	int code = read_replies(fd, 1);

	load->took_ms[number] = now_ms() - before_ms;
	if (code != 250)
		atomic_fetch_add(&load->n_refused, 1);
	return code != 0;
}

static void *
connection(void *arg)
{
	struct load *load = arg;
	AUTO(buf) struct buf mail = {0};
	int fd = -1;
	bool alive = net_connect(&load->place, LOAD_WAIT_MS, &fd, NULL) == NET_OK &&
	             read_replies(fd, 1) == 220 &&
	             net_write(fd, "LHLO load.test\r\n", 16, until()) == NET_OK &&
	             read_replies(fd, 1) == 250;
	uint64_t number = atomic_fetch_add(&load->next, 1);

	for (; alive && number < load->n_mails; number = atomic_fetch_add(&load->next, 1))
		alive = send_one(load, fd, number, &mail);
	if (!alive && number < load->n_mails)
		atomic_fetch_add(&load->n_refused, 1);
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
run(struct load *load, size_t n_connections)
{
	pthread_t thread[LOAD_CONNECTIONS_MOST];
	size_t n = 0;
	double from_ms = now_ms();

	while (n < n_connections && pthread_create(&thread[n], NULL, connection, load) == 0)
		n++;
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(thread[i], NULL);

	double s = (now_ms() - from_ms) / 1e3;

	if (n < n_connections || atomic_load(&load->n_refused) > 0) {
		(void)fprintf(stderr, "lmtp_load: %llu mails were not taken\n",
		              (unsigned long long)atomic_load(&load->n_refused));
		return EXIT_FAILURE;
	}
	qsort(load->took_ms, load->n_mails, sizeof load->took_ms[0], by_size);
	(void)printf("%.1f %.3f %.3f\n", (double)load->n_mails / s, load->took_ms[load->n_mails / 2],
	             load->took_ms[load->n_mails * 99 / 100]);
	return EXIT_SUCCESS;
}

int
main(int argc, char *argv[])
{
	struct load load = {.run = (uint64_t)time(NULL) * 100000 + (uint64_t)getpid() % 100000};
	uint64_t n_connections = 0;
	struct why why = {""};

	if (argc != 5 || net_parse(argv[1], &load.place, &why) != NET_OK ||
	    number_unsigned(argv[2], &n_connections) != NUMBER_OK || n_connections < 1 ||
	    n_connections > LOAD_CONNECTIONS_MOST ||
	    number_unsigned(argv[3], &load.n_mails) != NUMBER_OK || load.n_mails < 1 ||
	    number_unsigned(argv[4], &load.n_octets) != NUMBER_OK) {
		(void)fprintf(stderr, "usage: lmtp_load PLACE CONNECTIONS COUNT OCTETS\n%s\n", why.text);
		return EX_USAGE;
	}
	load.took_ms = calloc(load.n_mails, sizeof load.took_ms[0]);
	if (load.took_ms == NULL)
		return EX_OSERR;
	int status = run(&load, n_connections);
	free(load.took_ms);
	return status;
}
