/* t/unit/net_t.c - places, sockets in the way, peers, deadlines, networks */
#include "arena.h"
#include "clock.h"
#include "net.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static char dir[] = "/tmp/net_t.XXXXXX";

static const struct net_socket how = {.mode = 0660, .setting = "lmtp_listen"};

static void
test_places(void)
{
	static const char *const bad[] = {
		"",            "unix:",           "unix:here",    "inet:",        "inet:host",
		"inet:host:",  "inet:host:0x19",  "inet:host:65536", "inet::24",  "inet:::1:24",
		"inet:[::1]",  "inet:[::1:24",    "inet:h:-1",    "host:24",      "inet:h:000024",
	};
	char path[200] = "unix:/";
	struct net_place place;
	struct why why = {""};

	OK(net_parse("unix:/run/p/lmtp", &place, &why) == NET_OK, "unix:");
	OK(place.is_unix && strcmp(place.path, "/run/p/lmtp") == 0, "... its path");
	OK(net_parse("inet:mail.example:24", &place, &why) == NET_OK, "inet:");
	OK(!place.is_unix && strcmp(place.host, "mail.example") == 0 && place.port == 24,
	   "... host and port");
	OK(net_parse("inet:[2001:db8::1]:2400", &place, &why) == NET_OK, "inet: with IPv6");
	OK(strcmp(place.host, "2001:db8::1") == 0 && place.port == 2400, "... without brackets");
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		why.text[0] = '\0';
		OK(net_parse(bad[i], &place, &why) == NET_BAD && why.text[0] != '\0', bad[i]);
	}
	memset(path + 6, 'p', 107);
	OK(net_parse(path, &place, &why) == NET_BAD, "a path of 108 octets is too long");
	path[5 + 107] = '\0';
	OK(net_parse(path, &place, &why) == NET_OK, "one of 107 is not");
}

static struct net_place
place_of(const char *name)
{
	struct net_place place = {.is_unix = true};

	(void)snprintf(place.path, sizeof place.path, "%s/%s", dir, name);
	return place;
}

static int
accept_soon(int fd)
{
	for (int i = 0; i < 100; i++) {
		int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (got >= 0)
			return got;
		(void)usleep(10000);
	}
	return -1;
}

static void
test_unix(void)
{
	struct net_place place = place_of("lmtp");
	struct net_listeners l, again;
	struct net_peer peer;
	struct stat st;
	struct why why = {""};
	int fd = -1;

	(void)umask(022);
	OK(net_connect(&place, 100, &fd, &why) == NET_AWAY, "nothing there yet");
	OK(net_listen(&place, &how, &l, &why) == NET_OK && l.n == 1, "listens");
	OK(stat(place.path, &st) == 0 && (st.st_mode & 07777) == 0660, "with its mode");
	OK(net_listen(&place, &how, &again, &why) == NET_IN_USE, "a second one is refused");
	OK(strstr(why.text, "lmtp_listen") && strstr(why.text, place.path),
	   "... naming setting and path");
	/* The look whether somebody listens is a connection too. */
	(void)close(accept_soon(l.fds[0]));
	OK(net_connect(&place, 1000, &fd, &why) == NET_OK, "connects");
	int at = accept_soon(l.fds[0]);
	OK(at >= 0 && net_peer_of(at, &peer) == NET_OK, "who is it");
	OK(peer.is_unix && peer.uid == geteuid() && peer.pid == getpid(), "this very process");
	(void)close(at);
	(void)close(fd);
	(void)close(l.fds[0]);
	OK(net_connect(&place, 100, &fd, &why) == NET_AWAY, "a dead socket is nobody");
	OK(net_listen(&place, &how, &l, &why) == NET_OK, "a dead socket is replaced");
	(void)close(l.fds[0]);
	(void)unlink(place.path);
	fd = open(place.path, O_CREAT | O_WRONLY, 0600);
	(void)close(fd);
	OK(net_listen(&place, &how, &l, &why) == NET_FAILED, "a file is not replaced");
	OK(strstr(why.text, "not a socket") && access(place.path, F_OK) == 0, "... and stays");
	(void)unlink(place.path);
}

static void
test_refusals(void)
{
	struct net_place place = place_of("none/lmtp"), open_dir = place_of("open/lmtp");
	struct net_socket other = how;
	struct net_listeners l;
	struct why why = {""};
	char path[64];

	OK(net_listen(&place, &how, &l, &why) == NET_FAILED, "no directory");
	OK(strstr(why.text, "No such file") != NULL, "... says so");
	(void)snprintf(path, sizeof path, "%s/open", dir);
	(void)mkdir(path, 0700);
	(void)chmod(path, 0777);
	OK(net_listen(&open_dir, &how, &l, &why) == NET_FAILED, "a directory open to all");
	OK(strstr(why.text, "chmod") != NULL, "... says what to do");
	(void)chmod(path, 0700);
	other.group = "no-such-group";
	OK(net_listen(&open_dir, &other, &l, &why) == NET_FAILED, "a group that is not");
	OK(access(open_dir.path, F_OK) != 0, "... leaves no socket behind");
	(void)rmdir(path);
}

static void
test_inet(void)
{
	struct net_place place = {.host = "127.0.0.1"};
	struct net_place nobody = {.host = "host.invalid", .port = 1};
	struct net_listeners l, again;
	struct net_peer peer;
	struct why why = {""};
	int fd = -1;

	OK(net_listen(&place, &how, &l, &why) == NET_OK && l.n == 1, "inet: listens");
	place.port = net_port_of(l.fds[0]);
	OK(place.port != 0, "on a port of the kernel's choice");
	OK(net_listen(&place, &how, &again, &why) == NET_IN_USE, "a second one is refused");
	OK(strstr(why.text, "lmtp_listen") != NULL, "... naming the setting");
	OK(net_connect(&place, 1000, &fd, &why) == NET_OK, "connects");
	int at = accept_soon(l.fds[0]);
	OK(net_peer_of(at, &peer) == NET_OK && !peer.is_unix, "who is it");
	IS_STR(peer.text, "127.0.0.1", "this machine");
	(void)close(at);
	(void)close(fd);
	(void)close(l.fds[0]);
	OK(net_connect(&place, 1000, &fd, &why) == NET_AWAY, "nobody listens any more");
	OK(net_connect(&nobody, 1000, &fd, &why) == NET_AWAY, "no such host");
	OK(strstr(why.text, "host.invalid") != NULL, "... named");
}

static void
test_deadlines(void)
{
	static char much[4 << 20];
	char octets[10];
	size_t n = 0;
	int pair[2];

	(void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	int64_t from_ms = clock_mono_ms();
	OK(net_read(pair[0], octets, 1, from_ms + 100, &n) == NET_TIMEOUT, "nothing came");
	int64_t took_ms = clock_mono_ms() - from_ms;
	OK(took_ms >= 100 && took_ms < 2000, "... in 100 ms");
	OK(net_write(pair[1], "abc", 3, clock_mono_ms() + 1000) == NET_OK, "three octets");
	OK(net_read(pair[0], octets, sizeof octets, clock_mono_ms() + 1000, &n) == NET_OK && n == 3,
	   "... come over");
	(void)!net_write(pair[1], "x", 1, clock_mono_ms() + 1000);
	OK(net_read(pair[0], octets, 1, clock_mono_ms(), &n) == NET_TIMEOUT,
	   "after the deadline nothing is read, though it is there");
	from_ms = clock_mono_ms();
	OK(net_write(pair[1], much, sizeof much, from_ms + 100) == NET_TIMEOUT, "a stuck peer");
	OK(clock_mono_ms() - from_ms < 2000, "... in 100 ms");
	(void)close(pair[0]);
	OK(net_write(pair[1], much, 1, clock_mono_ms() + 1000) == NET_CLOSED, "writing to nobody");
	(void)close(pair[1]);
	(void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	(void)close(pair[1]);
	OK(net_read(pair[0], octets, 1, clock_mono_ms() + 1000, &n) == NET_CLOSED, "end of file");
	(void)close(pair[0]);
}

static bool
is_in(const struct net_cidrs *cidrs, const char *text)
{
	struct net_address address;

	return net_address_parse(text, &address) && net_cidrs_have(cidrs, &address);
}

static void
test_networks(void)
{
	static const char *const bad[] = {"10.0.0.0/33", "10.1.2.3/8", "::1/129",  "ten",
	                                  "10.0.0.0/",   "10.0.0.0/x", "::2/127x", "/8",
	                                  "1.2.3.4/-1",  "1.2.3"};
	AUTO(arena) struct arena *a = arena_new();
	struct net_cidrs cidrs, none;
	struct net_address address;
	struct why why = {""};

	OK(net_cidrs_parse(a, "127.0.0.0/8, ::1\t192.0.2.128/25,2001:db8::/33\n", &cidrs, &why) ==
	       NET_OK && cidrs.n == 4, "four networks");
	OK(is_in(&cidrs, "127.255.0.1") && !is_in(&cidrs, "128.0.0.1"), "/8");
	OK(is_in(&cidrs, "192.0.2.128") && !is_in(&cidrs, "192.0.2.127"), "/25");
	OK(is_in(&cidrs, "2001:db8:7fff::1") && !is_in(&cidrs, "2001:db8:8000::1"), "/33");
	OK(is_in(&cidrs, "::1") && !is_in(&cidrs, "::2"), "one address");
	OK(is_in(&cidrs, "::ffff:127.0.0.1"), "IPv4 in IPv6 clothes");
	OK(net_cidrs_parse(a, "0.0.0.0/0", &cidrs, &why) == NET_OK, "all of IPv4");
	OK(is_in(&cidrs, "203.0.113.9") && !is_in(&cidrs, "2001:db8::1"), "... and none of IPv6");
	OK(net_cidrs_parse(a, " , ", &none, &why) == NET_OK && none.n == 0, "an empty list");
	OK(!is_in(&none, "127.0.0.1"), "... holds nobody");
	OK(!net_address_parse("[::1]", &address) && !net_address_parse("", &address), "no address");
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		OK(net_cidrs_parse(a, bad[i], &cidrs, &why) == NET_BAD, bad[i]);
}

int
main(void)
{
	OK(mkdtemp(dir) != NULL, "a directory");
	test_places();
	test_unix();
	test_refusals();
	test_inet();
	test_deadlines();
	test_networks();
	(void)rmdir(dir);
	return tap_done();
}
