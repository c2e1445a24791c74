/* src/base/set_queue.h - every setting of a queue, once; see set_table.h */
#ifndef SET_QUEUE_H
#define SET_QUEUE_H

/* A row whose default is NULL must be set. */
#define QUEUE_SETTINGS(X) \
	X(addresses, address, NULL, "1", "20", \
	  "Addresses of the queue; the first is the one it writes from.") \
	X(text, name, "", "0", "100", \
	  "Name shown beside that address; empty: that of the section.") \
	X(prefix, prefix, NULL, "2", "8", \
	  "Letters before the numbers of its tickets, as in ACM-104231.") \
	X(language, language, "en", "", "", "Language of its notices where none is known.") \
	X(yesno, acknowledge, "yes", "", "", "Acknowledge new tickets.") \
	X(yesno, require_verified, "no", "", "", \
	  "Hold new requests whose sender nothing proves.") \
	X(yesno, subject_in_notices, "no", "", "", \
	  "Repeat a ticket's subject in its notices, where a proven sender opened it.") \
	X(window, reopen_window_s, "14d", "0s", "3650d", \
	  "A reply so soon after closing reopens the ticket; or always, or never.") \
	X(text, signature, "", "0", "2000", "Text under its notices.") \
	X(addresses, agents, "", "0", "1000", "Addresses of those who answer.") \
	X(delimiter, recipient_delimiter, "+", "", "", \
	  "What stands before the extension of an address, as in Postfix.")
#endif
