/* src/desk/ask.h - the answers to an operator's questions, each sent whole through call.h */
#ifndef ASK_H
#define ASK_H

struct call;

/* Tickets: {"queue", "state", "participant", "after", "max", "oldest_first"} → {"tickets", "after"}
 */
void ask_list(struct call *c);

/* One ticket with its mails and their text: {"ref", "text"} → {"ticket", "messages"} */
void ask_show(struct call *c);

/* A ticket's history: {"ref"} → {"audit"} */
void ask_log(struct call *c);

/* The octets of one mail as they came: {"ref", "message"} → {"base64"}… */
void ask_octets(struct call *c);

/* What is still to be sent: {"max"} → {"outbox"} */
void ask_outbox(struct call *c);

/* Held mails: {"after", "max"} → {"held"} */
void ask_held_list(struct call *c);

/* One of them: {"id"} → the entry */
void ask_held_show(struct call *c);

/* File it all the same: {"id", "as_new" or "ref"} → the entry */
void ask_held_release(struct call *c);

/* Drop it: {"id"} → the entry */
void ask_held_drop(struct call *c);

/* Its octets: {"id"} → {"base64"}… */
void ask_held_export(struct call *c);

/* What would be done with a mail, changing nothing: {"from", "to", …, a raw frame} → see
 * tojson_plan; or
 * {"table": true} → {"text"} */
void ask_explain(struct call *c);

/* The keys behind signed addresses and ids, without their secrets: {} → {"keys"} */
void ask_key_list(struct call *c);

/* Make a new one: {"honour"} → {"letter", "until"} */
void ask_key_rotate(struct call *c);

/* End an old one at once: {"letter"} → {"letter"} */
void ask_key_retire(struct call *c);

/* A mail that is here: {"ref", "message"} or {"queue_id"} → {"mails"}, each with what was decided
 * then and today's plan */
void ask_recall(struct call *c);

/* Stored mail through today's rules: {"held": true}, {"since"} or {"ref"} → frames of {"n",
 * "differ", "failed", "total"}, with "mail" for each that would differ */
void ask_replay(struct call *c);

/* Addresses of one person: {"verb": show | alias | merge | split, "address", "other"} →
 * {"addresses", "who", "at"} */
void ask_person(struct call *c);

/* Counts and figures. */
void ask_stats(struct call *c);

/* One setting, or all as postern.conf: {"name"} → {"text"} */
void ask_conf(struct call *c);

/* Read the configuration again. */
void ask_reload(struct call *c);

/* The store as text: {"base64": …} in frames. */
void ask_dump(struct call *c);

/* A copy of the store in use into a directory of the server: {"dir"} → {"last_log"} */
void ask_backup(struct call *c);

/* The copy was verified, logs up to it may go: {"last_log"} → {} */
void ask_backup_note(struct call *c);

/* Walk all records: {"octets"} → {"problem"}…, {"problems"} */
void ask_check(struct call *c);
#endif
