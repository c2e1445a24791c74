/* src/base/net.c - sockets: places, listening, connecting, peers, deadlines */
#include "net.h"
#include "clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { GROUP_OCTETS = 16384, PORT_OCTETS = 6 };

/* ---- places ---- */

static bool
read_port(const char *text, uint16_t *port_r)
{
	unsigned long port = 0;
	size_t n = strlen(text);

	if (n == 0 || n >= PORT_OCTETS || strspn(text, "0123456789") != n)
		return false;
	port = strtoul(text, NULL, 10);
	*port_r = (uint16_t)port;
	return port <= UINT16_MAX;
}

static enum net_err
parse_path(const char *path, struct net_place *place_r, struct why *why)
{
	struct net_place place = {.is_unix = true};

	if (*path != '/') {
		why_set(why, "\"unix:%s\": the path must begin with a slash", path);
		return NET_BAD;
	}
	if (strlen(path) >= sizeof place.path) {
		why_set(why, "\"unix:%s\": a socket's path has at most %zu octets", path,
		        sizeof place.path - 1);
		return NET_BAD;
	}
	memcpy(place.path, path, strlen(path) + 1);
	*place_r = place;
	return NET_OK;
}

static enum net_err
parse_host(const char *text, struct net_place *place_r, struct why *why)
{
	struct net_place place = {0};
	const char *host = text, *colon = strrchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;

	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		host++;
		n -= 2;
	} else if (memchr(host, ':', n) != NULL || memchr(host, '[', n) != NULL) {
		why_set(why, "\"inet:%s\": an IPv6 address goes into brackets, [::1]:24", text);
		return NET_BAD;
	}
	if (n == 0 || n >= sizeof place.host) {
		why_set(why, "\"inet:%s\": write inet:HOST:PORT", text);
		return NET_BAD;
	}
	if (!read_port(colon + 1, &place.port)) {
		why_set(why, "\"inet:%s\": the port is a number up to 65535", text);
		return NET_BAD;
	}
	memcpy(place.host, host, n);
	*place_r = place;
	return NET_OK;
}

enum net_err
net_parse(const char *text, struct net_place *place_r, struct why *why)
{
	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(text + 5, place_r, why);
	if (strncmp(text, "inet:", 5) == 0)
		return parse_host(text + 5, place_r, why);
	why_set(why, "\"%s\": write unix:/PATH or inet:HOST:PORT", text);
	return NET_BAD;
}

static void
unix_address(const struct net_place *place, struct sockaddr_un *address_r)
{
	*address_r = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address_r->sun_path, place->path, sizeof address_r->sun_path);
}

/* Gives  a list for freeaddrinfo, or NULL with why */
static struct addrinfo *
resolve(const struct net_place *place, int flags, struct why *why)
{
	struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char port[PORT_OCTETS];

	(void)snprintf(port, sizeof port, "%u", (unsigned)place->port);
	int e = getaddrinfo(place->host, port, &want, &list);
	if (e != 0)
		why_set(why, "cannot find host \"%s\": %s", place->host, gai_strerror(e));
	return e == 0 ? list : NULL;
}

/* ---- listening ---- */

static int
open_stream(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static enum net_err
check_parent(const struct net_place *place, const char *setting, struct why *why)
{
	char dir[NET_PATH_OCTETS];
	struct stat st;

	memcpy(dir, place->path, sizeof dir);
	char *slash = strrchr(dir, '/');
	slash[slash == dir] = '\0';
	if (stat(dir, &st) != 0) {
		why_errno(why, errno, "%s: cannot use directory %s", setting, dir);
		return NET_FAILED;
	}
	if (!S_ISDIR(st.st_mode)) {
		why_set(why, "%s: %s is not a directory", setting, dir);
		return NET_FAILED;
	}
	/* Anybody could put a socket of his own in the place of ours. */
	if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0) {
		why_set(why, "%s: everybody may write to %s: chmod o-w it", setting, dir);
		return NET_FAILED;
	}
	return NET_OK;
}

/* Clear the path of a socket without a listener. */
static enum net_err
clear_path(const struct net_place *place, const char *setting, struct why *why)
{
	struct sockaddr_un address;
	struct stat st;

	if (lstat(place->path, &st) != 0) {
		if (errno == ENOENT)
			return NET_OK;
		why_errno(why, errno, "%s: cannot look at %s", setting, place->path);
		return NET_FAILED;
	}
	if (!S_ISSOCK(st.st_mode)) {
		why_set(why, "%s: %s is there and is not a socket; remove it, or choose another "
		             "path", setting, place->path);
		return NET_FAILED;
	}
	AUTO(fd) int fd = open_stream(AF_UNIX);
	unix_address(place, &address);
	/* EAGAIN: a listener whose queue is full. Only ECONNREFUSED proves that there is none. */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0 &&
	    errno == ECONNREFUSED) {
		if (unlink(place->path) == 0 || errno == ENOENT)
			return NET_OK;
		why_errno(why, errno, "%s: cannot remove the dead socket %s", setting, place->path);
		return NET_FAILED;
	}
	why_set(why, "%s: another process listens on %s; stop it first", setting, place->path);
	return NET_IN_USE;
}

static enum net_err
set_access(const struct net_place *place, const struct net_socket *how, struct why *why)
{
	struct group row, *found = NULL;
	char room[GROUP_OCTETS];

	if (how->group != NULL && how->group[0] != '\0') {
		int e = getgrnam_r(how->group, &row, room, sizeof room, &found);
		if (found == NULL) {
			why_set(why, "%s: %s group \"%s\" for the socket", how->setting,
			        e != 0 ? "cannot look up" : "there is no", how->group);
			return NET_FAILED;
		}
		if (chown(place->path, (uid_t)-1, found->gr_gid) != 0) {
			why_errno(why, errno, "%s: cannot give %s to group \"%s\"", how->setting,
			          place->path, how->group);
			return NET_FAILED;
		}
	}
	if (chmod(place->path, how->mode) != 0) {
		why_errno(why, errno, "%s: cannot set the mode of %s", how->setting, place->path);
		return NET_FAILED;
	}
	return NET_OK;
}

static enum net_err
listen_unix(const struct net_place *place, const struct net_socket *how, int *fd_r,
            struct why *why)
{
	struct sockaddr_un address;

	enum net_err e = check_parent(place, how->setting, why);
	if (e == NET_OK)
		e = clear_path(place, how->setting, why);
	if (e != NET_OK)
		return e;
	AUTO(fd) int fd = open_stream(AF_UNIX);
	unix_address(place, &address);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		e = errno == EADDRINUSE ? NET_IN_USE : NET_FAILED;
		why_errno(why, errno, "%s: cannot make socket %s", how->setting, place->path);
		return e;
	}
	/* Before listen nobody can connect: no moment with the wrong mode. */
	e = set_access(place, how, why);
	if (e == NET_OK && listen(fd, NET_BACKLOG) != 0) {
		why_errno(why, errno, "%s: cannot listen on %s", how->setting, place->path);
		e = NET_FAILED;
	}
	if (e != NET_OK) {
		(void)unlink(place->path);
		return e;
	}
	*fd_r = fd;
	fd = -1;
	return NET_OK;
}

static enum net_err
listen_address(const struct addrinfo *at, int *fd_r)
{
	int on = 1;
	AUTO(fd) int fd = open_stream(at->ai_family);

	if (fd < 0)
		return NET_FAILED;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	/* The IPv4 addresses of the host have sockets of their own. */
	if (at->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, NET_BACKLOG) != 0)
		return errno == EADDRINUSE ? NET_IN_USE : NET_FAILED;
	*fd_r = fd;
	fd = -1;
	return NET_OK;
}

static enum net_err
listen_inet(const struct net_place *place, const char *setting, struct net_listeners *l,
            struct why *why)
{
	struct why cause = {""};
	struct addrinfo *list = resolve(place, AI_PASSIVE, &cause);
	enum net_err e = list == NULL ? NET_FAILED : NET_OK;

	if (list == NULL)
		why_set(why, "%s: %s", setting, cause.text);
	for (const struct addrinfo *at = list; e == NET_OK && at != NULL; at = at->ai_next) {
		if (l->n == NET_LISTEN_MOST)
			break;
		e = listen_address(at, &l->fds[l->n]);
		/* A name in /etc/hosts with ::1 where IPv6 is off: the other address will do. */
		bool is_foreign = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT;
		if (e == NET_OK)
			l->n++;
		else if (is_foreign && (l->n > 0 || at->ai_next != NULL))
			e = NET_OK;
		else
			why_errno(why, errno, "%s: cannot listen on inet:%s:%u", setting,
			          place->host, (unsigned)place->port);
	}
	if (list != NULL)
		freeaddrinfo(list);
	return e;
}

enum net_err
net_listen(const struct net_place *place, const struct net_socket *how,
           struct net_listeners *listeners_r, struct why *why)
{
	struct net_listeners l = {.n = place->is_unix ? 1 : 0};

	enum net_err e = place->is_unix ? listen_unix(place, how, &l.fds[0], why)
	                                : listen_inet(place, how->setting, &l, why);
	if (e == NET_OK)
		*listeners_r = l;
	else if (!place->is_unix)
		for (size_t i = 0; i < l.n; i++)
			(void)close(l.fds[i]);
	return e;
}

uint16_t
net_port_of(int fd)
{
	struct sockaddr_storage at = {0};
	socklen_t n = sizeof at;

	(void)getsockname(fd, (struct sockaddr *)&at, &n);
	if (at.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&at)->sin_port);
	if (at.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
	return 0;
}

/* ---- connecting ---- */

static enum net_err
wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd ready = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&ready, 1, clock_left_ms(deadline_ms));
	while (n < 0 && errno == EINTR);
	return n > 0 ? NET_OK : n == 0 ? NET_TIMEOUT : NET_FAILED;
}

static enum net_err
kind_of(int error)
{
	switch (error) {
	case 0:
		return NET_OK;
	case ETIMEDOUT:
		return NET_TIMEOUT;
	case ECONNREFUSED:
	case ENOENT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ECONNRESET:
	case EADDRNOTAVAIL:
	case EAGAIN: /* UNIX: the listener's queue is full */
		return NET_AWAY;
	default:
		return NET_FAILED;
	}
}

/* One address. Gives  an errno through error_r for words */
static enum net_err
connect_to(int fd, const struct sockaddr *to, socklen_t n, int64_t deadline_ms, int *error_r)
{
	socklen_t n_error = sizeof *error_r;

	*error_r = connect(fd, to, n) == 0 ? 0 : errno;
	if (*error_r == EINPROGRESS || *error_r == EINTR) {
		enum net_err e = wait_for(fd, POLLOUT, deadline_ms);
		*error_r = e == NET_OK ? 0 : ETIMEDOUT;
		if (e == NET_OK && getsockopt(fd, SOL_SOCKET, SO_ERROR, error_r, &n_error) != 0)
			*error_r = errno;
	}
	return kind_of(*error_r);
}

static enum net_err
connect_any(const struct net_place *place, const struct addrinfo *list, int64_t deadline_ms,
            int *fd_r, struct why *why)
{
	enum net_err e = NET_AWAY;

	for (const struct addrinfo *at = list; e != NET_OK && at != NULL; at = at->ai_next) {
		int error = 0;
		AUTO(fd) int fd = open_stream(at->ai_family);
		if (fd < 0)
			error = errno;
		e = fd < 0 ? NET_FAILED
		           : connect_to(fd, at->ai_addr, at->ai_addrlen, deadline_ms, &error);
		if (e == NET_OK) {
			*fd_r = fd;
			fd = -1;
		} else {
			why_errno(why, error, "cannot connect to inet:%s:%u", place->host,
			          (unsigned)place->port);
		}
	}
	return e;
}

static enum net_err
connect_unix(const struct net_place *place, int64_t deadline_ms, int *fd_r, struct why *why)
{
	struct sockaddr_un address;
	int error = 0;
	AUTO(fd) int fd = open_stream(AF_UNIX);

	unix_address(place, &address);
	if (fd < 0)
		error = errno;
	enum net_err e = fd < 0 ? NET_FAILED
	                        : connect_to(fd, (struct sockaddr *)&address, sizeof address,
	                                     deadline_ms, &error);
	if (e != NET_OK) {
		why_errno(why, error, "cannot connect to unix:%s", place->path);
		return e;
	}
	*fd_r = fd;
	fd = -1;
	return NET_OK;
}

enum net_err
net_connect(const struct net_place *place, int64_t timeout_ms, int *fd_r, struct why *why)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;

	if (place->is_unix)
		return connect_unix(place, deadline_ms, fd_r, why);
	struct addrinfo *list = resolve(place, 0, why);
	if (list == NULL)
		return NET_AWAY;
	enum net_err e = connect_any(place, list, deadline_ms, fd_r, why);
	freeaddrinfo(list);
	return e;
}

/* ---- reading and writing ---- */

enum net_err
net_read(int fd, void *octets_r, size_t room, int64_t deadline_ms, size_t *n_r)
{
	/* The instant rules even when there is something to read: a peer that dribbles. */
	while (clock_left_ms(deadline_ms) > 0) {
		ssize_t n = recv(fd, octets_r, room, MSG_DONTWAIT);
		if (n > 0) {
			*n_r = (size_t)n;
			return NET_OK;
		}
		if (n == 0 || errno == ECONNRESET)
			return NET_CLOSED;
		if (errno == ETIMEDOUT)
			return NET_TIMEOUT;
		if (errno != EAGAIN && errno != EINTR)
			return NET_FAILED;
		if (wait_for(fd, POLLIN, deadline_ms) == NET_FAILED)
			return NET_FAILED;
	}
	return NET_TIMEOUT;
}

enum net_err
net_write(int fd, const void *octets, size_t n, int64_t deadline_ms)
{
	size_t n_sent = 0;

	while (n_sent < n) {
		ssize_t got = send(fd, (const char *)octets + n_sent, n - n_sent,
		                   MSG_DONTWAIT | MSG_NOSIGNAL);
		enum net_err e = NET_OK;
		if (got >= 0)
			n_sent += (size_t)got;
		else if (clock_left_ms(deadline_ms) == 0)
			e = NET_TIMEOUT;
		else if (errno == EPIPE || errno == ECONNRESET)
			e = NET_CLOSED;
		else if (errno == EAGAIN)
			e = wait_for(fd, POLLOUT, deadline_ms);
		else if (errno != EINTR)
			e = NET_FAILED;
		if (e != NET_OK)
			return e;
	}
	return NET_OK;
}
