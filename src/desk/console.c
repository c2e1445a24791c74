/* src/desk/console.c - what `postern` asks over the control socket: one table of commands */
#include "console.h"
#include "arena.h"
#include "ask.h"
#include "call.h"
#include "clock.h"
#include "control.h"
#include "log.h"
#include "text.h"
#include <pwd.h>
#include <string.h>
#include <sysexits.h>

enum { CONSOLE_REQUEST_MS = 10 * 1000, CONSOLE_NAME_OCTETS = 4096 };

static const struct command {
	const char *name;
	void (*answer)(struct call *c);
} commands[] = {
	{"list", ask_list},
	{"show", ask_show},
	{"log", ask_log},
	{"octets", ask_octets},
	{"outbox", ask_outbox},
	{"held-list", ask_held_list},
	{"held-show", ask_held_show},
	{"held-export", ask_held_export},
	{"held-release", ask_held_release}, {"held-drop", ask_held_drop},
	{"explain", ask_explain},
	{"recall", ask_recall},     {"replay", ask_replay},
	{"person", ask_person},
	{"key-list", ask_key_list},
	{"key-rotate", ask_key_rotate},
	{"key-retire", ask_key_retire},
	{"stats", ask_stats},
	{"conf", ask_conf},
	{"reload", ask_reload},
	{"dump", ask_dump},
	{"backup", ask_backup},
	{"backup-note", ask_backup_note},
	{"check", ask_check},
};

static const char *
name_of(struct arena *a, const struct serve_peer *peer)
{
	char room[CONSOLE_NAME_OCTETS];
	struct passwd entry, *found = NULL;

	if (peer->net.is_unix &&
	    getpwuid_r(peer->net.uid, &entry, room, sizeof room, &found) == 0 && found != NULL)
		return arena_strdup(a, found->pw_name);
	return arena_strdup(a, peer->net.text);
}

static const struct command *
find(const char *name)
{
	const struct command *found = NULL;

	for (size_t i = 0; found == NULL && i < N_ELEMENTS(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			found = &commands[i];
	return found;
}

void
console_serve(void *self, int fd, const struct serve_peer *peer)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(json) struct json *request = NULL;
	AUTO(buf) struct buf raw = {0};
	AUTO(conf) const struct conf *conf = desk_conf(self);
	struct call c = {.desk = self, .conf = conf, .arena = a, .raw = &raw, .fd = fd};

	if (control_read(fd, clock_mono_ms() + CONSOLE_REQUEST_MS, &request, &raw, &c.why) ==
	    CONTROL_OK) {
		const char *name = json_get_str(request, "command", "");
		const struct command *command = find(name);

		c.request = request;
		c.who = name_of(a, peer);
		log_event(LOG_DETAILS, "asked", "command=%s who=%s", log_value(name),
		          log_value(c.who));
		if (command != NULL)
			command->answer(&c);
		else
			call_fail(&c, EX_UNAVAILABLE,
			          "this posternd does not know the command \"%s\"", name);
	} else {
		call_fail(&c, EX_PROTOCOL, "%s", c.why.text);
	}
}
