/* t/unit/lmtp_t.c - replays the transcripts of t/lmtp against the engine, whole and split at every octet
 *
 * Lines of a transcript:
 *   # comment
 *   L: name number   a limit, before the first C
 *   C: text          the peer sends text CR LF
 *   C+ text          the peer sends text, with nothing behind it
 *   S: text          the engine answers text CR LF
 *   M: text          a mail came: sender, recipients and facts, as log_mail writes them
 *   D: text          its octets
 *   E: word          how it ends: going, quit, cut-off; asked to stop (stopping, timed-out) before
 * Escapes in text: \r \n \0 \\ \xHH, and \[x*9] for nine times x. */
#include "buf.h"
#include "lmtp.h"
#include "tap.h"
#include <glob.h>
#include <stdlib.h>

struct script {
	struct lmtp_limits limits;
	struct buf in;       /* what the peer sends */
	struct buf want_out; /* what the engine shall answer */
	struct buf want_log; /* the M and D lines */
	struct buf want_end; /* the last E line */
	bool stopping;
	bool timed_out;
};

static void
unescape(struct buf *to, const char *text)
{
	while (*text) {
		char c;
		unsigned value;
		int n;

		if (sscanf(text, "\\[%c*%u]%n", &c, &value, &n) == 2) {
			for (text += n; value > 0; value--)
				buf_octet(to, c);
		} else if (sscanf(text, "\\x%2x%n", &value, &n) == 1) {
			buf_octet(to, (char)value);
			text += n;
		} else if (*text == '\\') {
			c = text[1];
			buf_octet(to, (char)(c == 'r' ? '\r' : c == 'n' ? '\n' : c == '0' ? '\0' : c));
			text += 2;
		} else {
			buf_octet(to, *text++);
		}
	}
}

static void
escape(struct buf *to, const char *octets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)octets[i];

		if (c == '\r')
			buf_text(to, "\\r");
		else if (c == '\n')
			buf_text(to, "\\n");
		else if (c == '\0')
			buf_text(to, "\\0");
		else if (c < 32 || c > 126)
			buf_printf(to, "\\x%02x", c);
		else
			buf_octet(to, (char)c);
	}
}

static void
set_limit(struct script *s, const char *text)
{
	char name[32];
	size_t value = 0;

	if (sscanf(text, "%31s %zu", name, &value) != 2)
		abort();
	if (strcmp(name, "message") == 0)
		s->limits.message_max_octets = value;
	else if (strcmp(name, "header") == 0)
		s->limits.header_max_octets = value;
	else if (strcmp(name, "line") == 0)
		s->limits.line_max_octets = value;
	else if (strcmp(name, "command") == 0)
		s->limits.command_max_octets = value;
	else if (strcmp(name, "recipients") == 0)
		s->limits.max_recipients = (unsigned)value;
	else if (strcmp(name, "errors") == 0)
		s->limits.max_errors = (unsigned)value;
	else if (strcmp(name, "xforward") == 0)
		s->limits.allow_xforward = value != 0;
	else
		abort();
}

static void
read_end(struct script *s, const char *text)
{
	if (strcmp(text, "stopping") == 0)
		s->stopping = true;
	else if (strcmp(text, "timed-out") == 0)
		s->timed_out = true;
	else {
		buf_clear(&s->want_end);
		buf_text(&s->want_end, text);
	}
}

static void
read_line(struct script *s, const char *line)
{
	const char *text = line + 3;

	if (strncmp(line, "C: ", 3) == 0 || strcmp(line, "C:") == 0) {
		unescape(&s->in, line[2] ? text : "");
		buf_text(&s->in, "\r\n");
	} else if (strncmp(line, "C+ ", 3) == 0) {
		unescape(&s->in, text);
	} else if (strncmp(line, "S: ", 3) == 0) {
		unescape(&s->want_out, text);
		buf_text(&s->want_out, "\r\n");
	} else if (strncmp(line, "M: ", 3) == 0 || strncmp(line, "D: ", 3) == 0) {
		buf_printf(&s->want_log, "%s\n", line);
	} else if (strncmp(line, "L: ", 3) == 0) {
		set_limit(s, text);
	} else if (strncmp(line, "E: ", 3) == 0) {
		read_end(s, text);
	} else if (*line != '#' && *line != '\0') {
		printf("Bail out! %s\n", line);
		exit(1);
	}
}

static bool
read_script(const char *path, struct script *s)
{
	static char line[20000];
	FILE *f = fopen(path, "r");

	*s = (struct script){ .limits = { .hostname = "mx.example.org",
		                          .message_max_octets = 100000,
		                          .header_max_octets = 2000,
		                          .line_max_octets = 998,
		                          .command_max_octets = 1024,
		                          .max_recipients = 100,
		                          .max_errors = 20 } };
	buf_text(&s->want_end, "going");
	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		read_line(s, line);
	}
	if (f)
		(void)fclose(f);
	return f != NULL;
}

static void
judge(void *self, const struct lmtp_envelope *env, const char *mailbox, struct lmtp_reply *reply_r)
{
	(void)self;
	(void)env;
	if (strncmp(mailbox, "no", 2) == 0)
		*reply_r = (struct lmtp_reply){ 550, "5.1.1", "No such queue" };
	else if (strncmp(mailbox, "later", 5) == 0)
		*reply_r = (struct lmtp_reply){ 451, "4.3.0", "Later" };
	else if (strncmp(mailbox, "odd", 3) == 0)
		*reply_r = (struct lmtp_reply){ 250, "4.3.0", "code and class disagree" };
}

static void
log_fact(struct buf *log, const char *name, const char *value)
{
	if (value)
		buf_printf(log, " %s=%s", name, value);
}

static void
log_flags(struct buf *log, unsigned flags)
{
	static const char *const names[] = { "bare-lf", "bare-cr",   "nul",
		                             "8bit",    "long-line", "long-header" };

	for (unsigned i = 0; i < 6; i++)
		if (flags & (1u << i))
			buf_printf(log, " %s", names[i]);
}

static void
log_mail(struct buf *log, const struct lmtp_envelope *env)
{
	buf_printf(log, "M: <%s>", env->sender);
	for (size_t i = 0; i < env->n_rcpt; i++)
		buf_printf(log, " <%s>", env->rcpt[i]);
	if (env->declared_octets > 0)
		buf_printf(log, " size=%zu", env->declared_octets);
	buf_text(log, env->body_8bitmime ? " 8bitmime" : "");
	buf_text(log, env->smtputf8 ? " smtputf8" : "");
	log_fact(log, "name", env->client_name);
	log_fact(log, "addr", env->client_address);
	log_fact(log, "port", env->client_port);
	log_fact(log, "proto", env->client_proto);
	log_fact(log, "helo", env->client_helo);
	log_fact(log, "ident", env->ident);
	log_fact(log, "source", env->source);
	log_fact(log, "login", env->login);
	log_flags(log, env->flags);
	buf_octet(log, '\n');
}

static void
file(void *self, const struct lmtp_envelope *env, const void *octets, size_t n,
     struct lmtp_reply replies[])
{
	struct buf *log = self;

	log_mail(log, env);
	buf_text(log, "D: ");
	escape(log, octets, n);
	buf_octet(log, '\n');
	for (size_t i = 0; i < env->n_rcpt; i++) {
		if (strncmp(env->rcpt[i], "full", 4) == 0)
			replies[i] = (struct lmtp_reply){ 452, "4.3.1", "Store is\r\nfull \xc3\xa9" };
		else if (strncmp(env->rcpt[i], "wrong", 5) == 0)
			replies[i] = (struct lmtp_reply){ 354, "3.0.0", "not an answer" };
		else if (strncmp(env->rcpt[i], "forgot", 6) != 0)
			replies[i] = (struct lmtp_reply){ 250, "2.0.0", "Filed" };
	}
}

/* Feed the script in two pieces; step > 0 cuts both into pieces of that size. */
static bool
replay(const struct script *s, size_t split, size_t step, struct buf *out, struct buf *log)
{
	static const char *const ends[] = { "going", "quit", "cut-off" };
	const struct lmtp_calls calls = { log, judge, file };
	AUTO(lmtp) struct lmtp *l = lmtp_new(&s->limits, &calls);
	enum lmtp_state end = LMTP_GOING;

	buf_clear(out);
	buf_clear(log);
	lmtp_greet(l, out);
	for (size_t i = 0; i < s->in.n;) {
		size_t n = i < split ? split - i : s->in.n - i;

		n = step > 0 && n > step ? step : n;
		/* from a copy of exactly this length, so that an overrun is seen */
		AUTO(mem) char *piece = malloc(n);
		memcpy(piece, s->in.octets + i, n);
		end = lmtp_feed(l, piece, n, out);
		i += n;
	}
	if (s->stopping)
		lmtp_stopping(l, out);
	if (s->timed_out)
		lmtp_timed_out(l, out);
	if (s->stopping || s->timed_out)
		end = lmtp_feed(l, "NOOP\r\n", 6, out);
	buf_text(log, "");
	return strcmp(ends[end], s->want_end.octets) == 0 && out->n == s->want_out.n &&
	       memcmp(out->octets, s->want_out.octets, out->n) == 0 &&
	       strcmp(log->octets, s->want_log.octets) == 0;
}

static void
show_difference(const struct script *s, const struct buf *out, const struct buf *log)
{
	AUTO(buf) struct buf shown = { 0 };

	escape(&shown, out->octets, out->n);
	buf_text(&shown, "\n# want ");
	escape(&shown, s->want_out.octets, s->want_out.n);
	buf_text(&shown, "\n# got  ");
	escape(&shown, log->octets, log->n);
	buf_text(&shown, "\n# want ");
	escape(&shown, s->want_log.octets, s->want_log.n);
	printf("# got  %s\n# end %s\n", shown.octets, s->want_end.octets);
}

static void
try_script(const char *path)
{
	AUTO(buf) struct buf out = { 0 };
	AUTO(buf) struct buf log = { 0 };
	struct script s;

	OK(read_script(path, &s), path);
	buf_text(&s.want_log, "");
	bool good = replay(&s, 0, 0, &out, &log);
	OK(good, "in one piece");
	if (!good)
		show_difference(&s, &out, &log);
	OK(replay(&s, 0, 1, &out, &log), "octet by octet");
	/* long scripts are mostly filling: there only every so many octets */
	size_t stride = s.in.n / 2000 + 1;
	size_t bad_at = 0;
	for (size_t at = 1; at < s.in.n && !bad_at; at += stride)
		if (!replay(&s, at, 0, &out, &log))
			bad_at = at;
	IS_INT(bad_at, 0, "split at every octet");
	buf_free(&s.in);
	buf_free(&s.want_end);
	buf_free(&s.want_out);
	buf_free(&s.want_log);
}

int
main(void)
{
	const char *srcdir = getenv("srcdir");
	AUTO(buf) struct buf pattern = { 0 };
	glob_t found;

	buf_printf(&pattern, "%s/t/lmtp/*.txt", srcdir ? srcdir : ".");
	OK(glob(pattern.octets, 0, NULL, &found) == 0 && found.gl_pathc >= 40, "40 transcripts");
	for (size_t i = 0; i < found.gl_pathc; i++)
		try_script(found.gl_pathv[i]);
	globfree(&found);
	return tap_done();
}
