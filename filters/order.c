/* filters/order.c - cheapest and most certain first; the first class found counts */
#include "filter.h"
#include <stddef.h>

extern const struct filter filter_loop, filter_bounce, filter_report, filter_autoreply, filter_list,
	filter_sender, filter_daemon, filter_subject, filter_wording, filter_returned, filter_shape;
extern const struct filter filter_exec;

const struct filter *const filter_order[] = {
	&filter_loop,      /* our own mail come back, too many hops */
	&filter_bounce,    /* delivery reports */
	&filter_report,    /* receipts, complaints */
	&filter_autoreply, /* RFC 3834 signs of a machine */
	&filter_list,      /* mailing lists and bulk */
	&filter_sender,    /* addresses behind which nobody reads, requests for silence */
	/* From here on hints, for mail without a header that says what it is. */
	&filter_daemon,   /* a mail system as the sender, the null sender */
	&filter_subject,  /* what machines write there */
	&filter_wording,  /* the first lines */
	&filter_returned, /* a mail brought back, fields of reports in the text */
	&filter_shape,    /* what people's mail programs would have put there */
	&filter_exec,     /* the operator's programs, which cost most */
	NULL
};
