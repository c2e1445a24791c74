/* src/prog/cli.c - what the commands of postern(1) have in common */
#include "cli.h"
#include "arena.h"
#include "base64.h"
#include "control.h"
#include "settings.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { CLI_CONNECT_MS = 5000, CLI_ANSWER_MS = 30 * 60 * 1000, CLI_READ_OCTETS = 64 * 1024 };

struct asking {
	cli_reader *read;
	void *self;
	int status;
};

int
cli_fail(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fputs("postern: ", stderr);
	(void)vfprintf(stderr, fmt, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return status;
}

const struct settings *
cli_settings(struct cli *c)
{
	struct why why = {""};

	if (c->settings == NULL && settings_load(c->conf_path, c->overrides, c->n_overrides,
	                                         &c->settings, &why) != SETTINGS_OK)
		(void)cli_fail(EX_CONFIG, "%s", why.text);
	return c->settings;
}

static bool
take_frame(void *self, const struct json *answer)
{
	struct asking *asking = self;
	const char *error = json_get_str(answer, "error", NULL);

	if (error != NULL)
		asking->status = cli_fail((int)json_get_int(answer, "status", EX_SOFTWARE), "%s",
		                          error);
	else
		asking->read(asking->self, answer);
	return true;
}

static int
ask_there(const char *path, const struct control_request *request, struct asking *asking)
{
	struct why why = {""};
	AUTO(fd) int fd = -1;
	enum control_err e = control_open(path, CLI_CONNECT_MS, &fd, &why);

	if (e == CONTROL_OK)
		e = control_ask(fd, request, CLI_ANSWER_MS, take_frame, asking, &why);
	return e == CONTROL_OK
	               ? asking->status
	               : cli_fail(e == CONTROL_BAD ? EX_PROTOCOL : EX_TEMPFAIL, "%s", why.text);
}

int
cli_ask(struct cli *c, struct json *request, const struct buf *octets, cli_reader *read, void *self)
{
	AUTO(json) struct json *mine = request;
	struct control_request r = {mine, octets != NULL ? octets->octets : NULL,
	                            octets != NULL ? octets->n : 0};
	struct asking asking = {read, self, EX_OK};
	const char *path = c->socket;

	if (path == NULL && cli_settings(c) != NULL)
		path = c->settings->control_socket;
	return path != NULL ? ask_there(path, &r, &asking) : EX_CONFIG;
}

struct json *
cli_request(const char *command)
{
	struct json *o = json_new_object();

	json_set_str(o, "command", command);
	return o;
}

static void
print_json(void *self, const struct json *answer)
{
	AUTO(buf) struct buf line = {0};

	(void)self;
	json_dump(answer, false, &line);
	(void)puts(line.octets);
}

int
cli_ask_json(struct cli *c, struct json *request, const struct buf *octets)
{
	return cli_ask(c, request, octets, print_json, NULL);
}

void
cli_array_add(struct cli_array *array, const struct json *element)
{
	AUTO(buf) struct buf text = {0};

	json_dump(element, false, &text);
	(void)printf("%s%s", array->any ? ",\n" : "[", text.octets);
	array->any = true;
}

void
cli_array_end(struct cli_array *array)
{
	(void)fputs(array->any ? "]" : "[]", stdout);
}

static void
take_array(void *self, const struct json *answer)
{
	struct cli_array *array = self;
	const struct json *all = json_get_child(answer, array->name);

	for (size_t i = 0; i < json_n(all); i++)
		cli_array_add(array, json_at(all, i));
}

int
cli_ask_array(struct cli *c, struct json *request, const char *name)
{
	struct cli_array array = {name, false};
	int status = cli_ask(c, request, NULL, take_array, &array);

	if (status == EX_OK) {
		cli_array_end(&array);
		(void)putchar('\n');
	}
	return status;
}

const char *
cli_option(struct cli *c, int *i, const char *name)
{
	const char *word = c->argv[*i];
	size_t n = strlen(name);

	if (strncmp(word, name, n) == 0 && word[n] == '=')
		return word + n + 1;
	if (strcmp(word, name) == 0 && *i + 1 < c->argc)
		return c->argv[++*i];
	return NULL;
}

bool
cli_read(const char *path, size_t max_octets, struct buf *out)
{
	bool standard = strcmp(path, "-") == 0;
	AUTO(fd) int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && out->n <= max_octets) {
		got = read(fd, buf_reserve(out, CLI_READ_OCTETS), CLI_READ_OCTETS);
		if (got > 0)
			out->n += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (got < 0)
		(void)cli_fail(EX_NOINPUT, "%s: %s", path, strerror(errno));
	else if (out->n > max_octets)
		(void)cli_fail(EX_DATAERR, "%s: larger than %zu octets", path, max_octets);
	return got >= 0 && out->n <= max_octets;
}

int
cli_write(const struct buf *b)
{
	bool written = b->n == 0 || fwrite(b->octets, 1, b->n, stdout) == b->n;

	return written && fflush(stdout) == 0
	               ? EX_OK
	               : cli_fail(EX_IOERR, "cannot write: %s", strerror(errno));
}

void
cli_take_base64(void *self, const struct json *answer)
{
	const char *text = json_get_str(answer, "base64", "");

	(void)base64_get(self, text, strlen(text));
}
