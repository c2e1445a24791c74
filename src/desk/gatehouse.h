/* src/desk/gatehouse.h - Postfix's questions to the gate: from socket to engine to answer */
#ifndef GATEHOUSE_H
#define GATEHOUSE_H
#include "session.h"

/* Serve one connection of a socketmap: table until it ends (a serve_handler). Two tables:
 * "recipient" says which addresses exist, for relay_recipient_maps and its kin; Postfix asks it
 * once more without the extension, so it can refuse no reply address. "access" can, by
 * check_recipient_access.
 * Takes   self  a struct session_door
 * Cost    blocks; a question must be whole in 10 s, and come within gate_idle_s */
void gatehouse_socketmap(void *self, int fd, const struct serve_peer *peer);

/* The same for check_policy_service: the access table's answers for protocol_state RCPT, and no
 * opinion on anything else. */
void gatehouse_policy(void *self, int fd, const struct serve_peer *peer);
#endif
