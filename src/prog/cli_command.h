/* src/prog/cli_command.h - the commands of postern(1); each gives the status to exit with */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

struct cli;

/* Tickets, newest first. */
int cli_list(struct cli *c);
/* One ticket, its people and mails. */
int cli_show(struct cli *c);
/* What happened to a ticket. */
int cli_log(struct cli *c);
/* Mails that are still owed. */
int cli_outbox(struct cli *c);
/* Mail that was kept aside. */
int cli_held(struct cli *c);
/* What would be done with a mail, and why. */
int cli_explain(struct cli *c);
/* The keys behind signed addresses and ids. */
int cli_key(struct cli *c);
/* Stored mail through today's rules. */
int cli_replay(struct cli *c);
/* Addresses that are one person's. */
int cli_person(struct cli *c);
/* Counts and figures of the daemon. */
int cli_stats(struct cli *c);
/* The settings in force. */
int cli_conf(struct cli *c);
/* Make the daemon read its configuration again. */
int cli_reload(struct cli *c);
/* The store as text. */
int cli_dump(struct cli *c);
/* Fill an empty store from a dump. */
int cli_load(struct cli *c);
/* Copy the store while it is in use, and verify the copy. */
int cli_backup(struct cli *c);
/* Walk all records of the store. */
int cli_check(struct cli *c);
/* Rebuild the store from all its logs. */
int cli_recover(struct cli *c);
/* Hand a mail from pipe(8) to the daemon. */
int cli_deliver(struct cli *c);
#endif
