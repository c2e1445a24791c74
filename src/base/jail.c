/* src/base/jail.c - give up what the process does not need, for good */
#include "jail.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The sanitizers map terabytes, read /proc and start threads: no filter for a child then, and no
 * memory limit. */
#ifndef __has_feature
#define __has_feature(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { IS_SANITIZED = true };
#else
enum { IS_SANITIZED = false };
#endif

enum {
	LEVEL_OCTETS = 191,
	LOOKUP_OCTETS = 16384, /* of one line of the user or group database */
	STACK_OCTETS = 8 << 20,
	LEAST_FILES = 4 /* 0, 1, 2 and the socket */
};

/* The one state: what was reached. Written at start, before there are threads. */
static char level[LEVEL_OCTETS] = "none";

static void PRINTF_LIKE(1, 2)
add_level(const char *fmt, ...)
{
	size_t n = strcmp(level, "none") == 0 ? 0 : strlen(level);
	va_list args;

	if (n > 0 && n + 2 < sizeof level)
		n += (size_t)snprintf(level + n, sizeof level - n, ", ");
	va_start(args, fmt);
	(void)vsnprintf(level + n, sizeof level - n, fmt, args);
	va_end(args);
}

const char *
jail_level(void)
{
	return level;
}

/* ---- users ---- */

struct identity {
	uid_t uid;
	gid_t gid;
	char name[64];
};

static enum jail_err
find_user(const char *user, struct identity *who_r, struct why *why)
{
	struct passwd row, *found = NULL;
	char room[LOOKUP_OCTETS];

	int error = *user == '\0' ? getpwuid_r(geteuid(), &row, room, sizeof room, &found)
	                          : getpwnam_r(user, &row, room, sizeof room, &found);
	if (found == NULL && *user == '\0') {
		/* A process may run as a number that has no name. */
		*who_r = (struct identity){.uid = geteuid(), .gid = getegid()};
		(void)snprintf(who_r->name, sizeof who_r->name, "%u", (unsigned)who_r->uid);
		return JAIL_OK;
	}
	if (found == NULL) {
		if (error != 0)
			why_errno(why, error, "cannot look up user \"%s\"", user);
		else
			why_set(why, "there is no user \"%s\": make one, or change `user`", user);
		return JAIL_NO_USER;
	}
	*who_r = (struct identity){.uid = row.pw_uid, .gid = row.pw_gid};
	(void)snprintf(who_r->name, sizeof who_r->name, "%s", row.pw_name);
	return JAIL_OK;
}

static enum jail_err
find_group(const char *group, gid_t *gid_r, struct why *why)
{
	struct group row, *found = NULL;
	char room[LOOKUP_OCTETS];

	if (*group == '\0')
		return JAIL_OK;
	int error = getgrnam_r(group, &row, room, sizeof room, &found);
	if (found == NULL) {
		if (error != 0)
			why_errno(why, error, "cannot look up group \"%s\"", group);
		else
			why_set(why, "no group \"%s\": make one, or change `group`", group);
		return JAIL_NO_USER;
	}
	*gid_r = row.gr_gid;
	return JAIL_OK;
}

static bool
is_in_group(gid_t gid)
{
	gid_t groups[256];
	int n = getgroups((int)N_ELEMENTS(groups), groups);

	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return getegid() == gid;
}

static bool
has_root_left(void)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) != 0 || getresgid(&rgid, &egid, &sgid) != 0)
		return true;
	if (ruid == 0 || euid == 0 || suid == 0)
		return true;
	/* The capabilities could have been kept: try, not ask. */
	return setuid(0) == 0 || (egid != 0 && setgid(0) == 0);
}

static enum jail_err
become(const struct identity *who, struct why *why)
{
	if (initgroups(who->name, who->gid) != 0 || setresgid(who->gid, who->gid, who->gid) != 0 ||
	    setresuid(who->uid, who->uid, who->uid) != 0) {
		why_errno(why, errno, "cannot become user \"%s\"", who->name);
		return JAIL_DENIED;
	}
	if (who->uid != 0 && has_root_left()) {
		why_set(why, "became user \"%s\", but could become root again", who->name);
		return JAIL_FAILED;
	}
	return JAIL_OK;
}

static enum jail_err
check_self(const struct identity *who, struct why *why)
{
	if (who->uid != geteuid() || who->uid != getuid()) {
		why_set(why, "started as user id %u, which cannot become user \"%s\": start as "
		             "root, or as that user", (unsigned)geteuid(), who->name);
		return JAIL_DENIED;
	}
	if (!is_in_group(who->gid)) {
		why_set(why, "user \"%s\" is not in the wanted group (id %u)", who->name,
		        (unsigned)who->gid);
		return JAIL_DENIED;
	}
	return JAIL_OK;
}

/* What every process of ours gives up. Dumpable 0 keeps other processes of the same user from
 * ptrace and /proc/PID/mem; an exec sets it back, and prlimit on a child does not ask for it. */
static enum jail_err
give_up_common(struct why *why)
{
	struct rlimit none = {0, 0};

	(void)umask(077);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
		why_errno(why, errno, "cannot give up privileges and core files");
		return JAIL_FAILED;
	}
	return JAIL_OK;
}

enum jail_err
jail_drop(const char *user, const char *group, struct why *why)
{
	struct identity who = {0};

	enum jail_err e = find_user(user, &who, why);
	if (e == JAIL_OK)
		e = find_group(group, &who.gid, why);
	if (e != JAIL_OK)
		return e;
	if (who.uid == 0 && strcmp(user, "root") != 0) {
		why_set(why, "started as root: name an unprivileged user in `user`");
		return JAIL_DENIED;
	}
	e = geteuid() == 0 ? become(&who, why) : check_self(&who, why);
	if (e == JAIL_OK)
		e = give_up_common(why);
	if (e == JAIL_OK)
		add_level("user %s, no new privileges", who.name);
	return e;
}

/* ---- limits ---- */

static bool
limit(int what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)what, &now) != 0)
		return false;
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
		most = now.rlim_max;
	now.rlim_cur = now.rlim_max = most;
	return setrlimit((__rlimit_resource_t)what, &now) == 0;
}

static enum jail_err
set_limits(const struct jail_limits *limits, struct why *why)
{
	size_t stack = limits->stack_octets != 0 ? limits->stack_octets : STACK_OCTETS;
	size_t n_files = limits->n_files > LEAST_FILES ? limits->n_files : LEAST_FILES;

	/* Standard error may be a file: a full report of a crash must not itself kill. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (!limit(RLIMIT_FSIZE, 0) || !limit(RLIMIT_NPROC, 0) || !limit(RLIMIT_NOFILE, n_files) ||
	    !limit(RLIMIT_STACK, stack) ||
	    (!IS_SANITIZED && limits->memory_octets != 0 &&
	     !limit(RLIMIT_AS, limits->memory_octets))) {
		why_errno(why, errno, "cannot set the limits of the child");
		return JAIL_FAILED;
	}
	add_level("rlimits");
	return JAIL_OK;
}

/* ---- Landlock ---- */

#ifdef SYS_landlock_create_ruleset
/* The kernel's struct as of ABI 6; the headers of Debian 12 know the first field only. */
struct landlock_rules {
	uint64_t fs, net, scoped;
};

/* Every right that the kernel's ABI can take; a bit it does not know would be an error. */
static struct landlock_rules
all_rights(long abi)
{
	unsigned n_fs = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;

	return (struct landlock_rules){.fs = (UINT64_C(1) << n_fs) - 1,
	                               .net = abi >= 4 ? 3 : 0,
	                               .scoped = abi >= 6 ? 3 : 0};
}

/* struct landlock_net_port_attr and its names, as of ABI 4. */
struct landlock_port {
	uint64_t allowed, port;
};
enum { RULE_NET_PORT = 2, ACCESS_CONNECT_TCP = 2, ABI_NET = 4 };

static bool
open_port(int rules, long abi, unsigned port)
{
	struct landlock_port rule = {ACCESS_CONNECT_TCP, port};

	return port == 0 || abi < ABI_NET ||
	       syscall(SYS_landlock_add_rule, rules, RULE_NET_PORT, &rule, 0) == 0;
}

static enum jail_err
close_files(unsigned port, struct why *why)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1U /* ..._RULESET_VERSION */);
	if (abi <= 0) {
		add_level("no landlock in this kernel");
		return JAIL_OK;
	}
	struct landlock_rules none = all_rights(abi);
	AUTO(fd) int rules = (int)syscall(SYS_landlock_create_ruleset, &none, sizeof none, 0);
	if (rules < 0 || !open_port(rules, abi, port) ||
	    syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
		why_errno(why, errno, "cannot close the file system by Landlock");
		return JAIL_FAILED;
	}
	add_level("landlock %ld", abi);
	return JAIL_OK;
}
#else
static enum jail_err
close_files(unsigned port, struct why *why)
{
	(void)port;
	(void)why;
	add_level("no landlock in this build");
	return JAIL_OK;
}
#endif

/* ---- seccomp ---- */

/* What GMime, libxml2, GLib and glibc call to compute on what they have. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(poll),
	SCMP_SYS(lseek), SCMP_SYS(fstat),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo), /* qsort asks how much memory there is */
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask), /* abort */
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(restart_syscall),
};

/* What libraries ask in passing and do without: an error instead of death. */
static const struct {
	int call;
	int error;
} refused[] = {
	{SCMP_SYS(newfstatat), EACCES}, /* fstat of glibc, on first use of a stream */
	{SCMP_SYS(statx), EACCES},
	{SCMP_SYS(ioctl), ENOTTY}, /* is standard output a terminal */
};

/* What posternd never needs. exec belongs to the launcher; io_uring passes by every filter. */
static const int denied[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(personality),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
	SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(move_mount),
	SCMP_SYS(open_tree), SCMP_SYS(mount_setattr), SCMP_SYS(unshare), SCMP_SYS(setns),
	SCMP_SYS(open_by_handle_at), SCMP_SYS(quotactl), SCMP_SYS(acct),
	SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(reboot), SCMP_SYS(syslog),
	SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
	SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl),
	SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex),
	SCMP_SYS(clock_adjtime), SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
	SCMP_SYS(iopl), SCMP_SYS(ioperm),
};

/* Calls that this machine's kernel interface does not have have negative numbers of libseccomp's
 * own; it leaves them out by itself. */
static int
add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	int e = 0;

	for (size_t i = 0; e == 0 && i < n; i++)
		e = seccomp_rule_add(filter, action, calls[i], 0);
	return e;
}

/* Allowed for some arguments only. */
static int
add_conditions(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp itself = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	int e = 0;

	for (size_t i = 0; e == 0 && i < N_ELEMENTS(refused); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)refused[i].error),
		                     refused[i].call, 0);
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
	/* abort: then the cause reads SIGABRT, as it should. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, itself);
	return e;
}

/* Sockets of the internet families: no other can be named. */
static int
add_sockets(scmp_filter_ctx filter)
{
	int e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
	                         SCMP_A0(SCMP_CMP_EQ, AF_INET, 0));

	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
		                     SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0));
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
	return e;
}

static enum jail_err
say_failed(struct why *why, int e)
{
	why_errno(why, -e, "cannot load the seccomp filter");
	return JAIL_FAILED;
}

enum jail_err
jail_child(const struct jail_limits *limits, struct why *why)
{
	enum jail_err err = give_up_common(why);

	if (err == JAIL_OK)
		/* Takes a descriptor for a moment: before the limits. */
		err = close_files(limits->connect_port, why);
	if (err == JAIL_OK)
		err = set_limits(limits, why);
	if (err != JAIL_OK)
		return err;
	if (IS_SANITIZED) {
		add_level("no seccomp (sanitizers)");
		return JAIL_OK;
	}
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return say_failed(why, -ENOMEM);
	int e = add_calls(filter, SCMP_ACT_ALLOW, allowed, N_ELEMENTS(allowed));
	if (e == 0)
		e = add_conditions(filter);
	if (e == 0 && limits->connect_port != 0)
		e = add_sockets(filter);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	if (e != 0)
		return say_failed(why, e);
	add_level("seccomp %zu calls%s", N_ELEMENTS(allowed) + 3,
	          limits->connect_port != 0 ? " and internet sockets" : "");
	return JAIL_OK;
}

enum jail_err
jail_daemon(struct why *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		return say_failed(why, -ENOMEM);
	/* Every thread, should a library have started one already. */
	int e = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (e == 0)
		e = add_calls(filter, SCMP_ACT_ERRNO(EPERM), denied, N_ELEMENTS(denied));
	/* The leak sanitizer stops its own threads by ptrace. */
	if (e == 0 && !IS_SANITIZED)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ptrace), 0);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	if (e != 0)
		return say_failed(why, e);
	add_level("seccomp denies %zu calls",
	          N_ELEMENTS(denied) + !IS_SANITIZED);
	return JAIL_OK;
}
