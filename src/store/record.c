/* src/store/record.c - the names of states, roles, kinds and causes */
#include "record.h"

const char *const ticket_state_name[TICKET_STATE_COUNT] = {
	[TICKET_NEW] = "new",	      [TICKET_OPEN] = "open",	  [TICKET_WAITING] = "waiting",
	[TICKET_PENDING] = "pending", [TICKET_CLOSED] = "closed", [TICKET_MERGED] = "merged",
};

const char *const party_role_name[ROLE_COUNT] = {
	[ROLE_STRANGER] = "stranger",
	[ROLE_REQUESTER] = "requester",
	[ROLE_PARTICIPANT] = "participant",
	[ROLE_COLLEAGUE] = "colleague",
	[ROLE_AGENT] = "agent",
};

const char *const message_kind_name[MESSAGE_KIND_COUNT] = {
	[MESSAGE_COMMENT] = "comment",
	[MESSAGE_NOTE] = "note",
	[MESSAGE_AUTO] = "auto",
	[MESSAGE_BOUNCE] = "bounce",
};

const char *const sender_auth_name[AUTH_COUNT] = {
	[AUTH_UNVERIFIED] = "unverified",
	[AUTH_VERIFIED] = "verified",
	[AUTH_FAILED] = "failed",
};

const char *const notice_kind_name[NOTICE_KIND_COUNT] = {
	[NOTICE_ACKNOWLEDGEMENT] = "acknowledgement",
	[NOTICE_COMMENT] = "comment",
	[NOTICE_CLOSED] = "closed",
	[NOTICE_REOPENED] = "reopened",
	[NOTICE_MERGED] = "merged",
	[NOTICE_HELD] = "held",
	[NOTICE_HELD_DONE] = "held-done",
	[NOTICE_FLOOD] = "held-flood",
};

const char *const held_cause_name[HELD_CAUSE_COUNT] = {
	[HELD_PARSER_DIED] = "parser-died",
	[HELD_PARSER_TIMEOUT] = "parser-timeout",
	[HELD_NOT_MAIL] = "not-mail",
	[HELD_LOOP] = "loop",
	[HELD_FORGED] = "forged",
	[HELD_CONFLICT] = "conflict",
	[HELD_FLOOD] = "flood",
	[HELD_TOO_BIG] = "too-big",
	[HELD_FILTER] = "filter",
	[HELD_BOUNCE] = "bounce",
	[HELD_UNVERIFIED] = "unverified",
};

const char *const held_fate_name[HELD_FATE_COUNT] = {
	[HELD_WAITING] = "waiting",
	[HELD_RELEASED] = "released",
	[HELD_DROPPED] = "dropped",
	[HELD_EXPIRED] = "expired",
};
