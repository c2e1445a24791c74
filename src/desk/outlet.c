/* src/desk/outlet.c - one connection to the mail server, as the settings of now want it */
#include "outlet.h"
#include "arena.h"
#include "durable.h"
#include "smtp_out.h"
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

enum { OUTLET_PASSWORD_MAX_OCTETS = 1000 };

struct outlet {
	struct arena *arena;     /* holds this struct too */
	const struct conf *conf; /* that smtp was made from; NULL: none yet */
	struct arena *words;     /* what the settings borrow */
	struct smtp_out_settings settings;
	struct smtp_out *smtp;
};

/* Gives  the password, NULL where none is wanted; false: it cannot be read */
static bool
read_password(struct arena *a, const struct settings *set, const char **password_r,
              struct why *why)
{
	const char *path = set->smtp_password_file;
	struct durable_file file = {NULL, 0};
	struct why cause = {""};
	bool fine = path[0] == '\0' || durable_read(a, AT_FDCWD, path, OUTLET_PASSWORD_MAX_OCTETS,
	                                            &file, &cause) == DURABLE_OK;

	if (file.octets != NULL)
		file.octets[strcspn(file.octets, "\r\n")] = '\0';
	if (fine)
		*password_r = file.octets;
	else
		why_set(why, "smtp_password_file: %s", cause.text);
	return fine;
}

bool
outlet_check(const struct settings *set, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *password = NULL;

	return read_password(a, set, &password, why);
}

struct outlet *
outlet_new(void)
{
	struct arena *a = arena_new();
	struct outlet *o = arena_alloc(a, sizeof *o);

	o->arena = a;
	return o;
}

static struct smtp_out_settings
settings_of(struct arena *a, const struct settings *set, const char *password)
{
	static const enum smtp_out_tls tls[] = {[SET_TLS_NONE] = SMTP_OUT_TLS_NONE,
	                                        [SET_TLS_STARTTLS] = SMTP_OUT_TLS_STARTTLS,
	                                        [SET_TLS_TLS] = SMTP_OUT_TLS_WRAPPED};
	const char *host = set->smtp_host;
	bool is_v6 = strchr(host, ':') != NULL;
	const char *server = arena_printf(a, "inet:%s%s%s:%" PRIu64, is_v6 ? "[" : "", host,
	                                  is_v6 ? "]" : "", set->smtp_port);

	return (struct smtp_out_settings){.server = server,
	                                  .hostname = set->smtp_helo,
	                                  .tls = tls[set->smtp_tls],
	                                  .login = set->smtp_user[0] != '\0' ? set->smtp_user
	                                                                     : NULL,
	                                  .password = password,
	                                  .timeout_s = set->smtp_timeout_s};
}

/* Close, and forget what it was made from. */
static void
shut(struct outlet *o)
{
	smtp_out_free(&o->smtp);
	conf_release(&o->conf);
	if (o->words != NULL)
		arena_free(&o->words);
	o->words = NULL;
}

bool
outlet_open(struct outlet *o, const struct conf *conf, struct smtp_out **smtp_r, struct why *why)
{
	const char *password = NULL;
	bool fine = true;

	if (o->conf != conf) {
		shut(o);
		o->words = arena_new();
		fine = read_password(o->words, conf->settings, &password, why);
		if (fine) {
			o->conf = conf_hold(conf);
			o->settings = settings_of(o->words, conf->settings, password);
			o->smtp = smtp_out_new(&o->settings);
		}
	}
	if (fine)
		*smtp_r = o->smtp;
	return fine;
}

void
outlet_rest(struct outlet *o, int64_t idle_s)
{
	if (o->smtp != NULL)
		smtp_out_rest(o->smtp, idle_s);
}

void
outlet_free(struct outlet **o)
{
	struct arena *a = (*o)->arena;

	shut(*o);
	*o = NULL;
	arena_free(&a);
}
