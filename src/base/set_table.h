/* src/base/set_table.h - every global setting, once: struct settings, its reader, postern.conf(5)
 * and conf/postern.conf are made from these rows
 *
 * X(kind, name, default, least, most, what it says); G(heading of the rows that follow).
 * A kind that expands replaces $name of an earlier row, and $hostname, $pkgdatadir, $libexecdir. */
#ifndef SET_TABLE_H
#define SET_TABLE_H
#include "set_limit.h"

#define SETTINGS(X, G) \
	G("The instance") \
	X(domain, instance, "$hostname", "", "", \
	  "Domain of the Message-IDs and of the addresses that are not set.") \
	X(name, user, "postern", "", "", \
	  "User to run as when started by root; empty: do not change.") \
	X(name, group, "postern", "", "", \
	  "Group to run as when started by root; empty: that of the user.") \
	X(path, state_dir, "/var/lib/postern", "1", "", "Where tickets and mail are kept.") \
	X(path, run_dir, "/run/postern", "1", "", "Where the sockets are made.") \
	X(path, template_dir, "$pkgdatadir/templates", "1", "", \
	  "Where the notices are written, a directory for each language.") \
	X(path, parser_program, "$libexecdir/postern-parse", "1", "", \
	  "Program that reads mail in a locked-in child.") \
	X(path, metrics_file, "", "0", "", \
	  "File for the figures of `postern stats --prometheus`, each 15 s; empty: none.") \
	X(sink, log_to, "syslog", "", "", "Where log lines go.") \
	X(level, log_level, "events", "", "", "The least urgent lines that are logged.") \
	G("Mail in: the LMTP service for Postfix") \
	X(listen, lmtp_listen, "unix:$run_dir/lmtp", "1", "8", \
	  "Sockets that take mail, as unix:PATH or inet:HOST:PORT.") \
	X(mode, lmtp_socket_mode, "0660", "", "", "Permissions of the UNIX sockets for Postfix.") \
	X(name, lmtp_socket_group, "", "", "", \
	  "Group of the UNIX sockets for Postfix; empty: that of the process.") \
	X(networks, lmtp_trusted, "127.0.0.0/8, ::1/128", "", "", \
	  "Networks that may connect over TCP, and whose XFORWARD counts.") \
	X(count, lmtp_max_connections, "100", "1", "10000", "Connections served at a time.") \
	X(count, lmtp_max_recipients, "1000", "1", "10000", "Recipients of one message.") \
	X(seconds, lmtp_idle_s, "300s", "1s", "1h", "A connection silent for so long is closed.") \
	X(seconds, lmtp_message_s, "600s", "1s", "1d", \
	  "A whole message must arrive within this time.") \
	X(octets, lmtp_command_max_octets, "2048", "512", "64K", "Longest command line.") \
	X(octets, lmtp_line_max_octets, "1M", "1000", "64M", "Longest line of a message.") \
	X(count, lmtp_max_errors, "20", "1", "1000", \
	  "Wrong commands after which a connection is closed.") \
	X(octets, header_max_octets, "256K", "8K", "16M", "Largest header of a message.") \
	X(octets, message_max_octets, "25M", "64K", "1G", "Larger messages are refused.") \
	G("Questions of Postfix: whether mail for an address may come in") \
	X(listen, socketmap_listen, "unix:$run_dir/socketmap", "0", "8", \
	  "Sockets for socketmap: tables; an empty list for none.") \
	X(listen, policy_listen, "unix:$run_dir/policy", "0", "8", \
	  "Sockets for check_policy_service; an empty list for none.") \
	X(count, gate_max_connections, "100", "1", "10000", \
	  "Connections of each of the two kinds served at a time.") \
	X(seconds, gate_idle_s, "600s", "1s", "1d", \
	  "A connection that asks nothing for so long is closed.") \
	G("The operator's socket") \
	X(path, control_socket, "$run_dir/control", "1", "", "Where postern(1) finds the daemon.") \
	X(mode, control_socket_mode, "0660", "", "", "Permissions of that socket.") \
	X(count, control_max_connections, "20", "1", "1000", "Operators served at a time.") \
	G("Reading mail") \
	X(count, parse_children, "2", "1", "64", "Children that read mail at a time.") \
	X(seconds, parse_deadline_s, "20s", "1s", "10m", \
	  "A mail that takes longer is held, and its child ended.") \
	X(seconds, parse_cpu_s, "5s", "1s", "10m", "The same for the time of the processor.") \
	X(octets, parse_memory_octets, "256M", "64M", "8G", "Memory of one child.") \
	X(count, parse_recycle, "1000", "1", "1000000", \
	  "Mails after which a child is replaced by a fresh one.") \
	X(count, parse_max_parts, "500", "1", "10000", "Parts of one mail that are looked at.") \
	X(count, parse_max_nesting, "20", "1", "100", "Levels of parts that are looked at.") \
	X(count, parse_max_headers, "1000", "10", "100000", "Header fields that are looked at.") \
	G("Who sent it") \
	X(text, authserv_id, "", "0", "255", \
	  "Name under which our border writes Authentication-Results; empty: believe none.") \
	X(count, authserv_own_received, "0", "0", "1", \
	  "1 where milters of Postfix write them and incoming ones of that name are removed.") \
	X(yesno, spf_check, "yes", "", "", "Ask SPF whether a client may send for its domain.") \
	X(path, spf_program, "$libexecdir/postern-spf", "1", "", \
	  "Program that asks, in a locked-in child.") \
	X(text, spf_server, "", "0", "64", \
	  "Name server that is asked, as ADDRESS:PORT; empty: those of resolv.conf.") \
	X(count, spf_children, "4", "1", "64", "Children that ask at a time.") \
	X(networks, internal_networks, "127.0.0.0/8, ::1/128", "", "", \
	  "Networks whose mail is not checked with SPF.") \
	X(seconds, key_honour_s, "90d", "1h", "3650d", \
	  "Signed addresses and ids hold so long after a newer key was made.") \
	G("Filters of your own") \
	X(paths, exec_filters, "", "0", "16", \
	  "Programs that look at each mail, in this order; read at start only.") \
	X(seconds, exec_deadline_s, "10s", "1s", "5m", "Each is ended after this time.") \
	X(octets, exec_memory_octets, "512M", "16M", "64G", "Memory of each of its processes.") \
	X(count, exec_children, "2", "1", "64", "Mails that they look at at a time.") \
	X(yesno, exec_must_answer, "no", "", "", \
	  "When a program fails, let Postfix try the mail again later; no: do without it.") \
	X(path, exec_program, "$libexecdir/postern-exec", "1", "", \
	  "Program that runs them.") \
	G("Keeping tickets") \
	X(octets, blob_inline_max_octets, "16K", "0", "1M", \
	  "Larger mails become a file, smaller ones stand in the database.") \
	X(octets, cache_octets, "32M", "1M", "64G", "Cache of the database.") \
	X(seconds, checkpoint_every_s, "60s", "1s", "1h", \
	  "Time between checkpoints, which bound the recovery after a crash.") \
	X(seconds, recovery_deadline_s, "600s", "10s", "1d", \
	  "A recovery that takes longer is given up.") \
	X(yesno, keep_logs, "yes", "", "", \
	  "Keep the log files of the database until a backup holds them.") \
	X(octets, free_min_octets, "256M", "0", "1T", \
	  "With less free space mail is refused for the time being (452).") \
	X(octets, ballast_octets, "32M", "0", "64G", \
	  "Space kept in reserve, so that a full disk can be recovered.") \
	X(count, flush_delay_ms, "0", "0", "1000", \
	  "For benchmarks only: pretend that a disk flush takes so much longer.") \
	X(count, first_number, "10000", "1", "1000000000000", "Number of the first ticket.") \
	G("Mail out") \
	X(domain, smtp_host, "127.0.0.1", "", "", "Server that takes the notices.") \
	X(count, smtp_port, "25", "1", "65535", "Its port.") \
	X(tls, smtp_tls, "none", "", "", "How the connection is encrypted.") \
	X(text, smtp_user, "", "0", "255", "User to log in as; empty: do not log in.") \
	X(path, smtp_password_file, "", "0", "", \
	  "File that holds the password, and nothing else.") \
	X(domain, smtp_helo, "$instance", "", "", "Name said in EHLO.") \
	X(count, smtp_connections, "2", "1", "100", "Connections to the server at a time.") \
	X(seconds, smtp_timeout_s, "60s", "1s", "1h", "A server silent for so long is left.") \
	X(seconds, outbox_retry_first_s, "60s", "1s", "1d", "Wait before the second attempt.") \
	X(seconds, outbox_retry_max_s, "4h", "1s", "7d", \
	  "Longest wait; it doubles from attempt to attempt.") \
	X(seconds, outbox_give_up_s, "5d", "1m", "30d", \
	  "A notice that could not be sent for so long is given up.") \
	X(seconds, notice_delay_s, "60s", "0s", "1d", \
	  "Comments within this time are told in one notice.") \
	G("Rules") \
	X(words, filters, "", "0", "60", \
	  "Names of the filters that look at each mail, in order; empty: all, as built in.") \
	X(yesno, acknowledge_unverified, "yes", "", "", \
	  "Acknowledge new tickets also when nothing proves the sender.") \
	X(count, participants_max, "20", "1", "200", \
	  "People put on a ticket from To and Cc of the mail that opens it, its sender included.") \
	X(domains, free_mail_domains, "", "0", "1000", \
	  "Further domains of free mail, beside those built in: they make nobody a colleague.") \
	X(count, hops_max, "100", "2", "1000", \
	  "A mail with more Received fields is held as a loop.") \
	X(seconds, held_keep_s, "14d", "1s", "3650d", \
	  "Held mail is kept for this time, and until the postmaster was told.") \
	X(seconds, held_summary_every_s, "1d", "1s", "30d", \
	  "Time between two mails to the postmaster about held mail.") \
	X(address, postmaster, "postmaster@$instance", "", "", "Who is told of trouble.") \
	G("Limits: what goes out, and what comes in without being held") \
	LIMIT_SETTINGS(X)
#endif
