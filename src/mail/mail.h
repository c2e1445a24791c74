/* src/mail/mail.h - what one mail says, as facts
 *
 * Made by postern-parse in its jail (parse.c, GMime), carried to posternd by facts.c, read by
 * everybody above. Everything lives in one arena. Texts are valid UTF-8 and free of control
 * characters except tab and LF in `text`. Nothing here is a judgement: classes and verdicts are
 * the filters' business. */
#ifndef MAIL_H
#define MAIL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MAIL_SUBJECT_MAX_OCTETS = 2048,
	MAIL_NAME_MAX_OCTETS = 512,    /* a display name */
	MAIL_ADDRESS_MAX_OCTETS = 320, /* RFC 3696 erratum 1690: 64 + 1 + 255 */
	MAIL_ID_MAX_OCTETS = 500,      /* an id without its <>; longer ones are left out, warned */
	MAIL_REFERENCES_MAX = 200,     /* first 50 and last 150 of more */
	MAIL_ADDRESSES_MAX = 100,      /* of one header field */
	MAIL_FIELDS_MAX = 1000,
	MAIL_FIELD_MAX_OCTETS = 8192, /* a value longer than this is cut, with a warning */
	MAIL_PARTS_MAX = 500,
	MAIL_FILE_NAME_MAX_OCTETS = 255,
	MAIL_TEXT_MAX_OCTETS = 1024 * 1024,
	MAIL_MARKS_MAX = 2000,
	MAIL_WARNINGS_MAX = 50
};

#define MAIL_DATE_MAX_S INT64_C(253402300799) /* the end of the year 9999 */

/* One header field, in the order of the mail. */
struct mail_field {
	const char *name;  /* as written, printable ASCII */
	const char *value; /* one line of UTF-8 made of the raw octets; encoded words NOT decoded */
};

/* A mailbox as GMime reads it: for showing and for answering, never an identity. */
struct mail_mailbox {
	const char *name;    /* decoded display name, may be "" */
	const char *address; /* passes addr_ok, ASCII domain lower-cased; others left out, warned */
};

struct mail_mailboxes {
	const struct mail_mailbox *box;
	size_t n;
};

/* How strictly From: could be read from the raw octets (addr.h). */
enum mail_from {
	MAIL_FROM_ONE = 0, /* one field, one mailbox, strict: from_address is an identity claim */
	MAIL_FROM_NONE,    /* no From field */
	MAIL_FROM_SEVERAL, /* several fields or several mailboxes */
	MAIL_FROM_ODD      /* group, route, NUL, bare CR, quoted local part, anything else */
};

/* Where `text` comes from. */
enum mail_text { MAIL_TEXT_NONE = 0, MAIL_TEXT_PLAIN, MAIL_TEXT_HTML };

/* What a run of lines of `text` is. Everything unmarked is the sender's own words. */
enum mail_mark {
	MAIL_MARK_QUOTE = 0, MAIL_MARK_ATTRIBUTION, MAIL_MARK_SIGNATURE, MAIL_MARK_FORWARD
};

struct mail_span {
	enum mail_mark mark;
	size_t first, last; /* line numbers from 0, first <= last; in order, not overlapping */
};

struct mail_part {
	const char *path;        /* "1", "1.2": place in the MIME tree, as IMAP numbers them */
	const char *type;        /* "text/plain", lower case */
	const char *charset;     /* as declared, "" when not */
	const char *file_name;   /* base name only, cleaned; "" when none */
	const char *disposition; /* "inline", "attachment", or "" */
	const char *content_id;  /* without <>, or "" */
	uint64_t n_octets;       /* decoded size */
	bool is_text;            /* part of `text` */
};

/* One recipient of a delivery status notification (RFC 3464 2.3). */
struct mail_dsn_rcpt {
	const char *recipient;  /* Final-Recipient, without its type */
	const char *original;   /* Original-Recipient, or "" */
	const char *action;     /* "failed", "delayed", … lower case, or "" */
	const char *status;     /* "5.1.1", or "" */
	const char *diagnostic; /* one line, at most 500 octets */
};

struct mail_dsn {
	bool present; /* a message/delivery-status or message/global-delivery-status part exists */
	const char *reporting_mta; /* or "" */
	const struct mail_dsn_rcpt *rcpt;
	size_t n_rcpt;
	const char *const *returned_ids; /* Message-ID, In-Reply-To, References of what came back */
	size_t n_returned_ids;
};

struct mail {
	const char *subject;     /* decoded, unfolded, one line; "" when none */
	const char *subject_raw; /* unfolded, not decoded */
	const char *message_id;  /* without <>; "" when none or unusable */
	const char *const *in_reply_to;
	size_t n_in_reply_to;
	const char *const *references; /* oldest first; also those in bad folding or commas */
	size_t n_references;
	int64_t date_s; /* 0 when absent, unreadable, before 1970 or after 9999 */

	enum mail_from from_state;
	const char *from_address; /* only with MAIL_FROM_ONE: as addr_identity gives it; else "" */
	const char *from_name;    /* decoded display name, or "" */
	const char *from_raw;     /* the raw field, cleaned, for showing */
	struct mail_mailboxes to, cc, reply_to;

	const struct mail_field *field;
	size_t n_fields;

	enum mail_text text_source;
	const char *text; /* for reading, LF line ends; "" when there is none */
	const struct mail_span *span;
	size_t n_spans;

	const char *type;        /* of the whole mail, lower case: "multipart/report" */
	const char *report_type; /* parameter report-type, lower case, or "" */
	const struct mail_part *part; /* leaves, in order */
	size_t n_parts;
	struct mail_dsn dsn;

	const char *language; /* Content-Language, else Accept-Language; first, lower case; else
	                       * that of its words where it is beyond doubt, or "" */
	bool language_guessed; /* no field says it, its words do */
	const char *const *warning; /* for people: what was cut, repaired or odd */
	size_t n_warnings;
};

/* The value of the first field with this name (ASCII case ignored), or NULL. */
const char *mail_field(const struct mail *m, const char *name);

/* How many fields have this name. */
size_t mail_count(const struct mail *m, const char *name);

/* The value of the n-th (from 0) field with this name, or NULL. */
const char *mail_field_nth(const struct mail *m, const char *name, size_t n);
#endif
