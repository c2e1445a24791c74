/* filters/order.c - cheapest and most certain first; the first class found counts */
#include "filter.h"
#include <stddef.h>

extern const struct filter filter_loop, filter_bounce, filter_autoreply, filter_list, filter_sender;

const struct filter *const filter_order[] = {
	&filter_loop,      /* our own mail come back, too many hops */
	&filter_bounce,    /* delivery reports */
	&filter_autoreply, /* RFC 3834 signs of a machine */
	&filter_list,      /* mailing lists and bulk */
	&filter_sender,    /* addresses behind which nobody reads, requests for silence */
	NULL
};
