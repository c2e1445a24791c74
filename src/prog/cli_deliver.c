/* src/prog/cli_deliver.c - postern deliver: a mail from pipe(8) to the daemon
 *
 * Postfix's pipe(8) bounces the customer's mail on every exit status but 0, 75 and 71, and when we
 * outlive its time limit. So whatever goes wrong here is 75; only a recipient that the daemon
 * itself refused with 5xx is told with its enhanced code, as LMTP would have. */
#include "cli_command.h"
#include "arena.h"
#include "cli.h"
#include "lmtp_out.h"
#include "number.h"
#include "settings.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
	DELIVER_LIMIT_S = 240, /* pipe(8)'s own default is 1000 s */
	DELIVER_LIMIT_MAX_S = 900,
	DELIVER_MAX_OCTETS = 1024 * 1024 * 1024,
	DELIVER_GRACE_S = 5 /* the alarm goes off so long after the deadline of the sockets */
};

static void
too_late(int signal_number)
{
	static const char words[] = "4.4.7 postern deliver: out of time\n";

	(void)signal_number;
	if (write(STDOUT_FILENO, words, sizeof words - 1) < 0)
		_exit(EX_TEMPFAIL);
	_exit(EX_TEMPFAIL);
}

static int
defer(const char *words)
{
	(void)printf("4.3.0 postern deliver: %s\n", words);
	return EX_TEMPFAIL;
}

struct request {
	struct lmtp_out_mail mail;
	int first_rcpt; /* in argv */
};

static bool
read_options(struct cli *c, struct request *r, struct why *why)
{
	struct lmtp_out_mail *m = &r->mail;
	struct {
		const char *name;
		const char **value;
	} texts[] = {{"-f", &m->sender},
	             {"-c", &c->conf_path},
	             {"-L", &m->server},
	             {"--client-address", &m->client_address},
	             {"--client-name", &m->client_name},
	             {"--client-port", &m->client_port},
	             {"--client-proto", &m->client_proto},
	             {"--helo", &m->client_helo},
	             {"--queue-id", &m->ident},
	             {"--login", &m->login}};
	bool fine = true;
	int i = 1;

	for (; fine && i < c->argc && strcmp(c->argv[i], "--") != 0; i++) {
		bool known = false;
		const char *value = cli_option(c, &i, "--time-limit");

		if (value != NULL) {
			fine = number_duration(value, &m->timeout_s) == NUMBER_OK &&
			       m->timeout_s > 0 && m->timeout_s <= DELIVER_LIMIT_MAX_S;
			known = true;
		}
		for (size_t j = 0; !known && j < N_ELEMENTS(texts); j++) {
			value = cli_option(c, &i, texts[j].name);
			known = value != NULL;
			if (known)
				*texts[j].value = value;
		}
		if (!fine || !known) {
			why_set(why, "unexpected or wrong \"%s\" in master.cf's argv", c->argv[i]);
			fine = false;
		}
	}
	r->first_rcpt = i + 1;
	if (fine && (m->sender == NULL || r->first_rcpt >= c->argc)) {
		why_set(why, "usage: postern deliver -f SENDER [options] -- RECIPIENT...");
		fine = false;
	}
	return fine;
}

/* pipe(8) writes the null sender as MAILER-DAEMON where null_sender= is not set empty, and a value
 * that it does not know as "unknown" or as nothing. */
static const char *
known_or_null(const char *text)
{
	return text == NULL || text[0] == '\0' || strcmp(text, "unknown") == 0 ? NULL : text;
}

static bool
is_utf8_needed(const struct lmtp_out_mail *m)
{
	bool needed = false;

	for (const char *s = m->sender; *s != '\0'; s++)
		needed |= (unsigned char)*s > 127;
	for (size_t i = 0; i < m->n_rcpt; i++)
		for (const char *s = m->rcpt[i]; *s != '\0'; s++)
			needed |= (unsigned char)*s > 127;
	return needed;
}

/* One status for all recipients: one that must wait makes all wait, and the others are duplicates
 * then. */
static int
tell(const struct lmtp_out_mail *m, const struct lmtp_out_reply replies[])
{
	int status = EX_OK;
	size_t speaks = 0;

	for (size_t i = 0; i < m->n_rcpt; i++) {
		int one = replies[i].code / 100 == 2   ? EX_OK
		          : replies[i].code / 100 == 5 ? EX_NOUSER
		                                       : EX_TEMPFAIL;

		if (one == EX_TEMPFAIL || (one != EX_OK && status == EX_OK)) {
			status = one;
			speaks = i;
		}
	}
	(void)printf("%s\n", replies[speaks].text);
	return status;
}

static int
hand_over(struct cli *c, struct request *r, const struct buf *octets)
{
	struct lmtp_out_mail *m = &r->mail;
	struct lmtp_out_reply *replies = NULL;
	struct why why = {""};

	m->rcpt = (const char *const *)&c->argv[r->first_rcpt];
	m->n_rcpt = (size_t)(c->argc - r->first_rcpt);
	m->octets = octets->octets;
	m->n_octets = octets->n;
	m->smtputf8 = is_utf8_needed(m);
	m->client_address = known_or_null(m->client_address);
	m->client_name = known_or_null(m->client_name);
	m->client_helo = known_or_null(m->client_helo);
	m->ident = known_or_null(m->ident);
	m->login = known_or_null(m->login);
	if (strcmp(m->sender, "MAILER-DAEMON") == 0)
		m->sender = "";
	if (m->server == NULL) {
		const struct settings *set = cli_settings(c);

		if (set == NULL)
			return defer("the configuration cannot be read");
		m->server = set->lmtp_listen.texts[0];
	}
	m->hostname = "localhost";
	replies = arena_array(c->arena, m->n_rcpt, sizeof *replies);
	if (lmtp_out_send(m, replies, &why) != LMTP_OUT_OK)
		return defer(why.text);
	c->handed_over = true;
	return tell(m, replies);
}

int
cli_deliver(struct cli *c)
{
	struct request r = {.mail = {.timeout_s = DELIVER_LIMIT_S}};
	AUTO(buf) struct buf octets = {0};
	struct why why = {""};
	bool fine = read_options(c, &r, &why);

	(void)signal(SIGALRM, too_late);
	(void)alarm((unsigned)r.mail.timeout_s + DELIVER_GRACE_S);
	/* All of it first: pipe(8) takes a program that ends with 0 and left some unread for a
	 * success. */
	if (!cli_read("-", DELIVER_MAX_OCTETS, &octets))
		return defer("the mail cannot be read");
	if (!fine)
		return defer(why.text);
	return hand_over(c, &r, &octets);
}
