/* src/base/set_limit.h - the settings of the limits; see set_table.h */
#ifndef SET_LIMIT_H
#define SET_LIMIT_H

#define LIMIT_SETTINGS(X) \
	X(limits, limit_ticket, "10m:10 30m:15 1h:25 3h:50 10h:100", "", "", \
	  "Mails about one ticket: how many that tell people of it may be filed.") \
	X(limits, limit_recipient, "10m:30 30m:60 1h:120 3h:240 10h:360", "", "", \
	  "Mails to one address, of whatever ticket.") \
	X(limits, limit_acknowledgements, "1d:40", "", "", "Acknowledgements to one address.") \
	X(limits, limit_unverified, "1d:3", "", "", \
	  "Those to one address whose mails nothing proves to be its own.") \
	X(limits, limit_unverified_all, "1h:500", "", "", "Those to all such addresses together.") \
	X(limits, limit_same_subject, "3h:2", "", "", \
	  "Acknowledgements to one address about one subject.") \
	X(limits, limit_same_text, "3h:2", "", "", \
	  "Comments of the same words by one person on one ticket; further ones tell nobody.") \
	X(limits, flood_sender, "1h:20", "", "", \
	  "Tickets that one address may open; further mails are held.") \
	X(limits, flood_domain, "1h:200", "", "", \
	  "Tickets that one organisation may open; no domains of free mail.")
#endif
