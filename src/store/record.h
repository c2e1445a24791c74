/* src/store/record.h - what the store keeps, as plain structs
 *
 * pack.c turns them into protobuf-c messages (record.proto) and back; nothing else sees protobuf.
 * Pointers live in the arena of whoever read the record; "" rather than NULL. Instants: UTC s. */
#ifndef RECORD_H
#define RECORD_H
#include "record_held.h"
#include "record_party.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ticket_state {
	TICKET_NEW = 0,   /* nobody of ours answered yet */
	TICKET_OPEN,
	TICKET_WAITING,   /* for the customer */
	TICKET_PENDING,   /* for somebody else */
	TICKET_CLOSED,
	TICKET_MERGED, TICKET_STATE_COUNT /* merged: into heir */
};

enum party_role {
	ROLE_STRANGER = 0, ROLE_REQUESTER, ROLE_PARTICIPANT, ROLE_COLLEAGUE, ROLE_AGENT, ROLE_COUNT
};

struct participant {
	const char *address, *name; /* address: canonical (addr_canonical) */
	enum party_role role;
	uint32_t since_seq;    /* sees nothing of an earlier message */
	bool muted;            /* wants no notices of this ticket */
};

struct ticket {
	uint64_t id;           /* the sequential number, without check digit; never 0 */
	const char *prefix, *queue; /* "ACM"; name of the queue */
	enum ticket_state state;
	const char *subject, *language; /* subject without reply prefixes and token */
	int64_t created_s, updated_s, closed_s; /* closed_s 0 while not closed */
	uint64_t heir, linked; /* heir with TICKET_MERGED; linked: "mentions" another, or 0 */
	uint32_t n_messages, n_audit;
	const struct participant *participant;
	size_t n_participants;
	const char *assignee;  /* canonical address, or "" */
	uint32_t priority;
	const char *const *tag;
	size_t n_tags;
	int64_t first_response_s, due_s;
	const char *organisation; /* registered domain of a proven requester, or "" */
};

enum message_kind {
	MESSAGE_COMMENT = 0, /* of a customer or agent, public */
	MESSAGE_NOTE,        /* internal */
	MESSAGE_AUTO,        /* automatic reply, list mail: stored, tells nobody */
	MESSAGE_BOUNCE,      /* delivery status about one of our mails */
	MESSAGE_KIND_COUNT
};

enum sender_auth { AUTH_UNVERIFIED = 0, AUTH_VERIFIED, AUTH_FAILED, AUTH_COUNT };

/* How a mail came to us. */
struct envelope_record {
	const char *sender, *recipient; /* "" is the null sender; the recipient as RCPT had it */
	const char *client_address, *client_name, *helo;
	const char *queue_id, *login; /* Postfix's and SASL's, or "" */
};

/* The octets of a mail: in the blob table, or a file when large. */
struct blob_ref {
	uint64_t id, n_octets; /* id 0: none */
	uint8_t digest[32]; /* SHA-256 of the octets */
};

struct message {
	uint64_t ticket;
	uint32_t seq;          /* from 1 */
	enum message_kind kind;
	int64_t received_s, date_s;
	const char *from_address, *from_name, *subject, *message_id;
	enum party_role role;  /* of the author, then */
	enum sender_auth auth;
	const char *because;   /* evidence, reasons and row of the decision table, one line */
	struct envelope_record envelope;
	struct blob_ref blob;
	uint8_t content_digest[32];
	uint32_t n_attachments;
	const char *class_name; /* "human", "bounce", … */
	uint64_t held;         /* the held entry that it was released from, or 0 */
};

enum notice_kind {
	NOTICE_ACKNOWLEDGEMENT = 0, NOTICE_COMMENT, NOTICE_CLOSED, NOTICE_REOPENED, NOTICE_MERGED,
	NOTICE_HELD,     /* to the postmaster: what is held; of no ticket */
	NOTICE_HELD_DONE, /* to the postmaster: what an order by mail did; of no ticket */
	NOTICE_FLOOD,    /* to a queue's agents: mail is held as a flood; of no ticket */
	NOTICE_KIND_COUNT
};

/* A mail that we owe somebody. */
struct outbox_row {
	uint64_t id;
	int64_t due_s, promised_s;
	enum notice_kind kind;
	uint64_t ticket;
	uint32_t first_seq, last_seq, count; /* messages it tells of, and how many comments */
	const char *to_address, *to_name, *language, *in_reply_to;
	const char *message_id; /* of the mail to be sent; fixed when promised */
	uint32_t n_attempts;
	const char *last_error;
	uint64_t held;         /* NOTICE_HELD_DONE, NOTICE_FLOOD: the entry */
};

struct audit_entry {
	uint64_t ticket;
	uint32_t seq, message; /* message: its seq, or 0 */
	int64_t at_s;
	const char *who;    /* address, "postern", or local user of the shell */
	const char *how;    /* "mail", "shell", "postern" */
	const char *what;   /* "opened", "comment", "acknowledgement-sent", … lower-case-words */
	const char *detail; /* one line */
};

struct held_entry {
	uint64_t id;
	int64_t at_s;
	enum held_cause cause;
	const char *detail; /* one line */
	const char *queue, *subject, *from_address, *message_id;
	struct envelope_record envelope;
	struct blob_ref blob;  /* of a released mail, its message has the same */
	uint8_t content_digest[32];
	int64_t told_s;        /* first summary to the postmaster that had it; 0: none yet */
	enum held_fate fate;   /* what follows belongs to one that waits no more */
	int64_t fate_s;
	const char *fate_who, *fate_how; /* as in audit_entry */
	uint64_t ticket;       /* HELD_RELEASED: where it is now */
	uint32_t seq;
};

/* The names used in tables, JSON, dumps; index by the enum. */
extern const char *const ticket_state_name[TICKET_STATE_COUNT];
extern const char *const party_role_name[ROLE_COUNT];
extern const char *const message_kind_name[MESSAGE_KIND_COUNT];
extern const char *const sender_auth_name[AUTH_COUNT];
extern const char *const notice_kind_name[NOTICE_KIND_COUNT];
#endif
