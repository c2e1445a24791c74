/* src/desk/session.h - one LMTP conversation: from socket to engine, from mail to intake */
#ifndef SESSION_H
#define SESSION_H
#include "desk.h"
#include "serve.h"

/* What all conversations of a listener share. */
struct session_door {
	struct desk *desk;
	bool tcp; /* peers outside lmtp_trusted are turned away, their XFORWARD is not asked for */
};

/* Whether a peer may use a door: lmtp_trusted, where it is not a UNIX socket. */
bool session_may_enter(const struct session_door *door, const struct settings *set,
                       const struct serve_peer *peer);

/* Serve one connection until it ends (a serve_handler).
 * Takes   self  a struct session_door
 * Cost    blocks; bounded by lmtp_idle_s between commands and lmtp_message_s for one mail */
void session_serve(void *self, int fd, const struct serve_peer *peer);
#endif
