/* src/wire/peer.c - a connection to a server, guarded, as a stream of libetpan */
#include "peer.h"
#include "arena.h"
#include "clock.h"
#include "text.h"
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { STREAM_OCTETS = 8192 };

struct peer {
	struct arena *arena; /* holds this struct */
	int fd;              /* non-blocking; -1 once closed */
	mailstream *stream;  /* NULL once closed */
	int64_t deadline_ms;
	size_t n_read;       /* since we last wrote */
	const char *trouble; /* static text; once set, every read and write fails */
	gnutls_session_t tls;
	gnutls_certificate_credentials_t trust;
	bool is_secure; /* hands were shaken, the certificate is good */
};

static void
note_trouble(struct peer *p, enum net_err e)
{
	if (p->trouble)
		return;
	switch (e) {
	case NET_OK:
		break;
	case NET_TIMEOUT:
		p->trouble = "time is up";
		break;
	case NET_CLOSED:
		p->trouble = "the server closed the connection";
		break;
	case NET_BAD:
	case NET_IN_USE:
	case NET_AWAY:
	case NET_FAILED:
		p->trouble = "the connection failed";
		break;
	}
}

/* Wait until the descriptor is ready for what TLS wants to do with it. */
static enum net_err
wait_tls(const struct peer *p)
{
	short want = gnutls_record_get_direction(p->tls) ? POLLOUT : POLLIN;
	struct pollfd ready = { .fd = p->fd, .events = want };
	int left_ms = clock_left_ms(p->deadline_ms);

	if (left_ms == 0)
		return NET_TIMEOUT;
	return poll(&ready, 1, left_ms) < 0 && errno != EINTR ? NET_FAILED : NET_OK;
}

/* Gives  whether a call of GnuTLS shall be made again; else *e_r says what became of it */
static bool
try_again(const struct peer *p, ssize_t result, enum net_err *e_r)
{
	if (result > 0 || result == GNUTLS_E_SUCCESS) {
		*e_r = result > 0 ? NET_OK : NET_CLOSED;
		return false;
	}
	*e_r = gnutls_error_is_fatal((int)result) ? NET_FAILED : wait_tls(p);
	return *e_r == NET_OK;
}

static enum net_err
read_some(struct peer *p, void *octets_r, size_t room, size_t *n_r)
{
	enum net_err e;
	ssize_t n;

	if (!p->tls)
		return net_read(p->fd, octets_r, room, p->deadline_ms, n_r);
	do
		n = gnutls_record_recv(p->tls, octets_r, room);
	while (try_again(p, n, &e));
	*n_r = n > 0 ? (size_t)n : 0;
	return e;
}

static enum net_err
write_all(struct peer *p, const char *octets, size_t n)
{
	enum net_err e = NET_OK;

	if (!p->tls)
		return net_write(p->fd, octets, n, p->deadline_ms);
	while (n > 0 && e == NET_OK) {
		ssize_t n_now;

		do
			n_now = gnutls_record_send(p->tls, octets, n);
		while (try_again(p, n_now, &e));
		if (e == NET_OK) {
			octets += n_now;
			n -= (size_t)n_now;
		}
	}
	return e;
}

/* End of file is an error too: libetpan would take half a line for a whole one. */
static ssize_t
driver_read(mailstream_low *low, void *octets_r, size_t room)
{
	struct peer *p = low->data;
	size_t left = PEER_REPLY_MAX_OCTETS - p->n_read;
	size_t n = 0;

	if (!p->trouble && left == 0)
		p->trouble = "the server's answer has no end";
	if (!p->trouble)
		note_trouble(p, read_some(p, octets_r, room < left ? room : left, &n));
	p->n_read += n;
	return p->trouble ? -1 : (ssize_t)n;
}

static ssize_t
driver_write(mailstream_low *low, const void *octets, size_t n)
{
	struct peer *p = low->data;

	if (!p->trouble)
		note_trouble(p, write_all(p, octets, n));
	p->n_read = 0;
	return p->trouble ? -1 : (ssize_t)n;
}

static int
driver_close(mailstream_low *low)
{
	struct peer *p = low->data;

	if (p->tls) {
		if (p->is_secure) /* before the handshake GnuTLS would crash on it */
			(void)gnutls_bye(p->tls, GNUTLS_SHUT_WR); /* non-blocking: sent or not */
		gnutls_deinit(p->tls);
		gnutls_certificate_free_credentials(p->trust);
		p->tls = NULL;
	}
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
	return 0;
}

static int
driver_get_fd(mailstream_low *low)
{
	const struct peer *p = low->data;

	return p->fd;
}

static void
driver_free(mailstream_low *low)
{
	struct peer *p = low->data;

	p->stream = NULL;
	if (!p->trouble)
		p->trouble = "the connection was closed";
	free(low);
}

static mailstream_low_driver driver = {
	.mailstream_read = driver_read,
	.mailstream_write = driver_write,
	.mailstream_close = driver_close,
	.mailstream_get_fd = driver_get_fd,
	.mailstream_free = driver_free,
};

enum net_err
peer_open(const struct net_place *place, int64_t deadline_ms, struct peer **peer_r,
          struct why *why)
{
	int fd = -1;
	enum net_err e = net_connect(place, clock_left_ms(deadline_ms), &fd, why);

	if (e != NET_OK)
		return e;
	struct arena *a = arena_new();
	struct peer *p = arena_alloc(a, sizeof *p);
	p->arena = a;
	p->fd = fd;
	p->deadline_ms = deadline_ms;
	mailstream_low *low = mailstream_low_new(p, &driver);
	if (!low)
		abort();
	p->stream = mailstream_new(low, STREAM_OCTETS);
	if (!p->stream)
		abort();
	*peer_r = p;
	return NET_OK;
}

void
peer_close(struct peer **p)
{
	if (!*p)
		return;
	if ((*p)->stream)
		(void)mailstream_close((*p)->stream);
	struct arena *a = (*p)->arena;
	*p = NULL;
	arena_free(&a);
}

void
peer_set_deadline(struct peer *p, int64_t deadline_ms)
{
	p->deadline_ms = deadline_ms;
}

mailstream *
peer_stream(const struct peer *p)
{
	return p->stream;
}

const char *
peer_trouble(const struct peer *p)
{
	return p->trouble ? p->trouble : "";
}

/* Gives  0 or an error of GnuTLS */
static int
prepare_tls(struct peer *p, const char *host, const char *ca_file)
{
	struct net_address literal;

	int e = gnutls_certificate_allocate_credentials(&p->trust);
	if (e < 0)
		return e;
	e = gnutls_init(&p->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (e < 0) {
		gnutls_certificate_free_credentials(p->trust);
		return e;
	}
	e = ca_file ? gnutls_certificate_set_x509_trust_file(p->trust, ca_file,
	                                                     GNUTLS_X509_FMT_PEM)
	            : gnutls_certificate_set_x509_system_trust(p->trust);
	if (e >= 0)
		e = gnutls_set_default_priority(p->tls);
	if (e >= 0)
		e = gnutls_credentials_set(p->tls, GNUTLS_CRD_CERTIFICATE, p->trust);
	if (e >= 0 && !net_address_parse(host, &literal)) /* RFC 6066 3: names only */
		e = gnutls_server_name_set(p->tls, GNUTLS_NAME_DNS, host, strlen(host));
	gnutls_session_set_verify_cert(p->tls, host, 0);
	gnutls_transport_set_int(p->tls, p->fd);
	return e;
}

static int
shake_hands(struct peer *p)
{
	int e;

	do
		e = gnutls_handshake(p->tls);
	while (e < 0 && !gnutls_error_is_fatal(e) && wait_tls(p) == NET_OK);
	return e == GNUTLS_E_AGAIN ? GNUTLS_E_TIMEDOUT : e;
}

static void
explain_tls(const struct peer *p, int e, const char *host, struct why *why)
{
	gnutls_datum_t words = { NULL, 0 };

	if (e == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		(void)gnutls_certificate_verification_status_print(
			gnutls_session_get_verify_cert_status(p->tls), GNUTLS_CRT_X509, &words, 0);
	why_set(why, "no safe connection to %s: %s", host,
	        words.data ? (const char *)words.data : gnutls_strerror(e));
	gnutls_free(words.data);
}

bool
peer_start_tls(struct peer *p, const char *host, const char *ca_file, struct why *why)
{
	if (p->trouble)
		return false;
	if (p->stream->read_buffer_len > 0) {
		p->trouble = "the server spoke before TLS";
		why_set(why, "%s sent more than its answer before TLS began", host);
		return false;
	}
	int e = prepare_tls(p, host, ca_file);
	if (e >= 0)
		e = shake_hands(p);
	p->is_secure = e >= 0;
	if (p->is_secure)
		return true;
	explain_tls(p, e, host, why);
	p->trouble = "TLS failed";
	return false;
}

bool
peer_send(struct peer *p, const void *octets, size_t n)
{
	if (!p->stream || p->trouble)
		return false;
	(void)mailstream_write(p->stream, octets, n);
	return !p->trouble; /* a write that fell short is not told by libetpan */
}

static bool
is_digit_between(char c, char least, char most)
{
	return c >= least && c <= most;
}

/* The code of a line of an answer, 0 when it is none. */
static int
code_of(const char *line)
{
	if (!is_digit_between(line[0], '2', '5') || !is_digit_between(line[1], '0', '9') ||
	    !is_digit_between(line[2], '0', '9'))
		return 0;
	if (line[3] != ' ' && line[3] != '-' && line[3] != '\0')
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static int
read_lines(struct peer *p, struct peer_reply *reply_r, MMAPString *line)
{
	int code = 0;
	bool more = true;

	while (more) {
		if (!mailstream_read_line_remove_eol(p->stream, line))
			return 0;
		int code_now = code_of(line->str);
		if (code_now == 0 || (code != 0 && code_now != code)) {
			p->trouble = "the server's answer is not SMTP";
			return 0;
		}
		code = code_now;
		more = line->str[3] == '-';
		buf_text(&reply_r->text, line->str[3] ? line->str + 4 : "");
		buf_octet(&reply_r->text, '\n');
	}
	return code;
}

int
peer_reply_read(struct peer *p, struct peer_reply *reply_r)
{
	buf_clear(&reply_r->text);
	buf_text(&reply_r->text, "");
	reply_r->code = 0;
	if (!p->stream || p->trouble || mailstream_flush(p->stream) != 0)
		return 0;
	MMAPString *line = mmap_string_new("");
	if (!line)
		abort();
	reply_r->code = read_lines(p, reply_r, line);
	mmap_string_free(line);
	return reply_r->code;
}

int
peer_ask(struct peer *p, const char *command, struct peer_reply *reply_r)
{
	if (peer_send(p, command, strlen(command)) && peer_send(p, "\r\n", 2))
		return peer_reply_read(p, reply_r);
	reply_r->code = 0;
	return 0;
}

const char *
peer_extension(const struct peer_reply *hello, const char *keyword)
{
	/* the first line is the server's name */
	const char *line = strchr(hello->text.octets, '\n');

	for (; line && line[1]; line = strchr(line + 1, '\n')) {
		const char *rest = line + 1 + strlen(keyword);

		if (text_begins(line + 1, keyword) && strchr(" =\n", *rest))
			return rest;
	}
	return NULL;
}

void
peer_reply_line(const char *lines, char *text_r, size_t room)
{
	(void)snprintf(text_r, room, "%.*s", (int)strcspn(lines, "\n"), lines);
	text_clean_line(text_r);
}
