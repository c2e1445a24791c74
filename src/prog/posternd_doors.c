/* src/prog/posternd_doors.c - the doors of posternd: its sockets, and the children it hires */
#include "posternd_doors.h"
#include "arena.h"
#include "child.h"
#include "console.h"
#include "gatehouse.h"
#include "launcher.h"
#include "net.h"
#include "outside_wire.h"
#include "sd.h"
#include "serve.h"
#include "session.h"
#include "spf_call.h"
#include "spf_wire.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>

enum {
	DOORS_REPLY_MAX_OCTETS = 16 * 1024 * 1024,
	DOORS_EXEC_MS = 5000,  /* over the program's own time: to end it and to say so */
	DOORS_EXEC_FIRST = 3,  /* of exec_command, the first program of the operator's */
	DOORS_SPF_RECYCLE = 2000, /* libspf2 leaks a little with each check */
	RUN_DIR_MODE = 0755,
	STATE_DIR_MODE = 0700
};

/* Rows of the launcher's table. */
enum { PROGRAM_PARSER = 0, PROGRAM_SPF, PROGRAM_EXEC };

static const char lmtp_full[] = "421 4.3.2 too many connections, try again later\r\n";

struct posternd_doors {
	struct arena *arena; /* holds this struct too */
	struct serve_listener row[SERVE_LISTENERS_MOST];
	size_t n_rows;
	struct session_door by_unix, by_tcp;
	struct serve *serve;
	struct launcher *launcher;
	struct child_pool *parser, *spf, *exec;
};

static int
status_of(enum net_err e)
{
	return e == NET_IN_USE ? EX_UNAVAILABLE : e == NET_BAD ? EX_CONFIG : EX_CANTCREAT;
}

static bool
add(struct posternd_doors *doors, struct serve_listener row, struct why *why)
{
	bool room = doors->n_rows < SERVE_LISTENERS_MOST;

	if (room)
		doors->row[doors->n_rows++] = row;
	else
		why_set(why, "more than %d sockets to listen on", SERVE_LISTENERS_MOST);
	return room;
}

static bool
is_unix_socket(int fd)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof address;

	return getsockname(fd, (struct sockaddr *)&address, &n) == 0 &&
	       address.ss_family == AF_UNIX;
}

/* What may be listened on: the doors for Postfix, and the operator's. */
enum door { DOOR_LMTP, DOOR_SOCKETMAP, DOOR_POLICY, DOOR_CONTROL, DOOR_COUNT };

static const struct {
	const char *name;    /* in log lines; part of the name of a socket that systemd opened */
	const char *setting; /* where it stands */
	const char *full_line;
	serve_handler *handle;
} kinds[DOOR_COUNT] = {
	[DOOR_LMTP] = {"lmtp", "lmtp_listen", lmtp_full, session_serve},
	[DOOR_SOCKETMAP] = {"socketmap", "socketmap_listen", NULL, gatehouse_socketmap},
	[DOOR_POLICY] = {"policy", "policy_listen", NULL, gatehouse_policy},
	[DOOR_CONTROL] = {"control", "control_socket", NULL, console_serve},
};

static size_t
most_of(const struct settings *set, enum door door)
{
	return door == DOOR_LMTP      ? set->lmtp_max_connections
	       : door == DOOR_CONTROL ? set->control_max_connections
	                              : set->gate_max_connections;
}

static bool
add_door(struct posternd_doors *doors, const struct settings *set, enum door door, int fd,
         struct why *why)
{
	struct session_door *sessions = is_unix_socket(fd) ? &doors->by_unix : &doors->by_tcp;
	struct serve_listener row = {.fd = fd,
	                             .name = kinds[door].name,
	                             .n_most = most_of(set, door),
	                             .full_line = kinds[door].full_line,
	                             .handle = kinds[door].handle,
	                             .self = door == DOOR_CONTROL ? (void *)sessions->desk
	                                                          : (void *)sessions};

	return add(doors, row, why);
}

/* Where root starts us and nothing made the directories: as the user who will own what is in them.
 */
static bool
make_dir(const char *path, mode_t mode, const struct settings *set, struct why *why)
{
	const struct passwd *user = set->user[0] != '\0' ? getpwnam(set->user) : NULL;
	const struct group *group = set->group[0] != '\0' ? getgrnam(set->group) : NULL;
	bool made = mkdir(path, mode) == 0;
	bool fine = made || errno == EEXIST;

	if (made && geteuid() == 0 && user != NULL)
		fine = chown(path, user->pw_uid, group != NULL ? group->gr_gid : user->pw_gid) ==
		               0 &&
		       chmod(path, mode) == 0;
	if (!fine)
		why_errno(why, errno, "cannot make the directory %s", path);
	return fine;
}

/* Listen on one place of a door. */
static int
listen_on(struct posternd_doors *doors, const struct settings *set, enum door door,
          const char *text, struct why *why)
{
	struct net_place place;
	struct net_listeners got = {.n = 0};
	bool changes_user = geteuid() == 0 && set->user[0] != '\0' &&
	                    strcmp(set->user, "root") != 0;
	struct net_socket how = {set->lmtp_socket_mode, set->lmtp_socket_group,
	                         kinds[door].setting};
	enum net_err e = net_parse(text, &place, why);

	/* The group of the daemon may ask; one that stays who it is has no other group to give. */
	if (door == DOOR_CONTROL) {
		how.mode = set->control_socket_mode;
		how.group = changes_user ? set->group : "";
	}
	if (e == NET_OK)
		e = net_listen(&place, &how, &got, why);
	for (size_t i = 0; e == NET_OK && i < got.n; i++)
		if (!add_door(doors, set, door, got.fds[i], why))
			e = NET_BAD;
	return e == NET_OK ? EX_OK : status_of(e);
}

/* The last part of the path that a UNIX socket is bound to; "" for any other. */
static const char *
file_of(struct arena *a, int fd)
{
	struct sockaddr_un at = {0};
	socklen_t n = sizeof at - 1; /* a NUL stays behind the longest path */
	bool has_path = getsockname(fd, (struct sockaddr *)&at, &n) == 0 &&
	                at.sun_family == AF_UNIX && at.sun_path[0] == '/';

	return has_path ? arena_strdup(a, strrchr(at.sun_path, '/') + 1) : "";
}

/* Which door a socket that systemd opened is. One unit gives all its sockets one name, so their
 * paths count first; without a word of ours in either it takes mail. */
static enum door
door_of(struct arena *a, const struct sd_socket *socket)
{
	const char *const texts[] = {socket->name, file_of(a, socket->fd)};
	enum door door = DOOR_LMTP;

	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		for (int j = 0; j < DOOR_COUNT; j++)
			if (strstr(texts[i], kinds[j].name) != NULL)
				door = (enum door)j;
	return door;
}

static int
take_activated(struct posternd_doors *doors, const struct settings *set, bool has_r[DOOR_COUNT],
               struct why *why)
{
	struct sd_socket got[SD_LISTEN_MOST];
	size_t n = 0;
	int status = sd_sockets(got, &n, why) == SD_OK ? EX_OK : EX_PROTOCOL;

	for (size_t i = 0; status == EX_OK && i < n; i++) {
		enum door door = door_of(doors->arena, &got[i]);

		has_r[door] = true;
		status = add_door(doors, set, door, got[i].fd, why) ? EX_OK : EX_CONFIG;
	}
	return status;
}

static int
open_all(struct posternd_doors *doors, const struct settings *set, struct why *why)
{
	const char *control = arena_printf(doors->arena, "unix:%s", set->control_socket);
	const struct set_list places[DOOR_COUNT] = {[DOOR_LMTP] = set->lmtp_listen,
	                                            [DOOR_SOCKETMAP] = set->socketmap_listen,
	                                            [DOOR_POLICY] = set->policy_listen,
	                                            [DOOR_CONTROL] = {&control, 1}};
	bool has[DOOR_COUNT] = {false};
	int status = make_dir(set->run_dir, RUN_DIR_MODE, set, why) &&
	                             make_dir(set->state_dir, STATE_DIR_MODE, set, why)
	                     ? EX_OK
	                     : EX_CANTCREAT;

	if (status == EX_OK)
		status = take_activated(doors, set, has, why);
	for (int door = 0; door < DOOR_COUNT; door++)
		for (size_t i = 0; status == EX_OK && !has[door] && i < places[door].n; i++)
			status = listen_on(doors, set, (enum door)door, places[door].texts[i], why);
	return status;
}

int
posternd_doors_open(struct desk *d, const struct settings *set, struct posternd_doors **doors_r,
                    struct why *why)
{
	struct arena *a = arena_new();
	struct posternd_doors *doors = arena_alloc(a, sizeof *doors);

	doors->arena = a;
	doors->by_unix = (struct session_door){d, false};
	doors->by_tcp = (struct session_door){d, true};
	*doors_r = doors;
	int status = open_all(doors, set, why);
	if (status == EX_OK) {
		doors->serve = serve_new(doors->row, doors->n_rows, why);
		status = doors->serve != NULL ? EX_OK : EX_OSERR;
	}
	return status;
}

/* The operator's filter programs are arguments: no mail can name another. */
static const char *const *
exec_command(struct arena *a, const struct settings *set)
{
	const char **argv = arena_array(a, set->exec_filters.n + 4, sizeof *argv);
	size_t n = 0;

	argv[n++] = set->exec_program;
	argv[n++] = arena_printf(a, "--deadline-s=%lld", (long long)set->exec_deadline_s);
	argv[n++] = arena_printf(a, "--memory-octets=%llu",
	                         (unsigned long long)set->exec_memory_octets);
	for (size_t i = 0; i < set->exec_filters.n; i++)
		argv[n++] = arena_strdup(a, set->exec_filters.texts[i]);
	return argv;
}

/* Also for the desk: a reload does not change what the children were started for. */
static int
hire_exec(struct posternd_doors *doors, struct desk *d, const struct settings *set,
          struct why *why)
{
	struct child_limits limits = {.n_children = set->exec_children,
	                              .deadline_ms = set->exec_deadline_s * 1000 + DOORS_EXEC_MS,
	                              .max_reply_octets = OUTSIDE_WIRE_ANSWER_MOST_OCTETS};

	if (set->exec_filters.n == 0)
		return EX_OK;
	doors->exec = child_pool_new(doors->launcher, PROGRAM_EXEC, &limits);
	d->exec = doors->exec;
	d->programs = (struct set_list){exec_command(doors->arena, set) + DOORS_EXEC_FIRST,
	                                set->exec_filters.n};
	return child_pool_warm(doors->exec, why) == CHILD_OK ? EX_OK : EX_UNAVAILABLE;
}

/* The table is fixed here, once: the launcher starts nothing else. */
static enum launcher_err
start_launcher(struct posternd_doors *doors, const struct settings *set, struct why *why)
{
	struct arena *a = doors->arena;
	const char *parser[] = {
		set->parser_program,
		arena_printf(a, "--mail-octets=%llu", (unsigned long long)set->message_max_octets),
		arena_printf(a, "--memory-octets=%llu",
	                     (unsigned long long)set->parse_memory_octets),
		arena_printf(a, "--header-octets=%llu", (unsigned long long)set->header_max_octets),
		arena_printf(a, "--parts=%llu", (unsigned long long)set->parse_max_parts),
		arena_printf(a, "--nesting=%llu", (unsigned long long)set->parse_max_nesting),
		arena_printf(a, "--fields=%llu", (unsigned long long)set->parse_max_headers),
		NULL};
	const char *spf[] = {
		set->spf_program,
		set->spf_server[0] != '\0' ? arena_printf(a, "--server=%s", set->spf_server) : NULL,
		NULL};
	const char *const *programs[] = {[PROGRAM_PARSER] = parser, [PROGRAM_SPF] = spf,
	                                [PROGRAM_EXEC] = exec_command(a, set)};

	return launcher_start(programs, N_ELEMENTS(programs), &doors->launcher, why);
}

int
posternd_doors_hire(struct posternd_doors *doors, struct desk *d, const struct settings *set,
                    struct why *why)
{
	struct child_limits limits = {.n_children = set->parse_children,
	                              .deadline_ms = set->parse_deadline_s * 1000,
	                              .cpu_s = (unsigned)set->parse_cpu_s,
	                              .recycle_after = (unsigned)set->parse_recycle,
	                              .max_reply_octets = DOORS_REPLY_MAX_OCTETS};
	struct child_limits asking = {.n_children = set->spf_children,
	                              .deadline_ms = SPF_CALL_DEADLINE_MS,
	                              .recycle_after = DOORS_SPF_RECYCLE,
	                              .max_reply_octets = SPF_WIRE_ANSWER_MOST_OCTETS};
	int status = EX_OK;

	if (start_launcher(doors, set, why) != LAUNCHER_OK)
		return EX_OSERR;
	doors->parser = child_pool_new(doors->launcher, PROGRAM_PARSER, &limits);
	d->parser = doors->parser;
	if (child_pool_warm(doors->parser, why) != CHILD_OK)
		status = EX_UNAVAILABLE;
	if (status == EX_OK && set->spf_check) {
		doors->spf = child_pool_new(doors->launcher, PROGRAM_SPF, &asking);
		d->spf = doors->spf;
		if (child_pool_warm(doors->spf, why) != CHILD_OK)
			status = EX_UNAVAILABLE;
	}
	return status == EX_OK ? hire_exec(doors, d, set, why) : status;
}

size_t
posternd_doors_serve(struct posternd_doors *doors, int64_t drain_ms)
{
	return serve_run(doors->serve, drain_ms);
}

void
posternd_doors_close(struct posternd_doors *doors)
{
	serve_stop(doors->serve);
}

bool
posternd_doors_closed(const struct posternd_doors *doors)
{
	return serve_stopping(doors->serve);
}

bool
posternd_doors_sound(struct posternd_doors *doors, struct why *why)
{
	bool alive = launcher_alive(doors->launcher);

	if (!alive)
		why_set(why, "the launcher of children died");
	return alive;
}

void
posternd_doors_free(struct posternd_doors **doors)
{
	if (*doors != NULL) {
		struct arena *a = (*doors)->arena;

		if ((*doors)->exec != NULL)
			child_pool_free(&(*doors)->exec);
		if ((*doors)->spf != NULL)
			child_pool_free(&(*doors)->spf);
		if ((*doors)->parser != NULL)
			child_pool_free(&(*doors)->parser);
		if ((*doors)->launcher != NULL)
			launcher_stop(&(*doors)->launcher);
		if ((*doors)->serve != NULL)
			serve_free(&(*doors)->serve);
		*doors = NULL;
		arena_free(&a);
	}
}
