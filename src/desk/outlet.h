/* src/desk/outlet.h - one connection to the mail server, as the settings of now want it */
#ifndef OUTLET_H
#define OUTLET_H
#include "conf.h"
#include <stdint.h>

struct outlet; /* for one thread at a time */
struct smtp_out;

/* Whether all that the settings name for sending can be read.
 * Fails   false: the password file cannot */
bool outlet_check(const struct settings *set, struct why *why) MUST_USE;

/* Make one. Gives  never NULL; nothing is read or connected yet */
struct outlet *outlet_new(void);

/* The connection. Where the configuration is another than the last time, the old one is closed and
 * the new settings and password count.
 * Takes   conf  keeps a hold
 * Gives   smtp_r, good until the next call
 * Fails   false: see outlet_check; the next call tries again
 * Cost    closing may take as long as the old server likes */
bool outlet_open(struct outlet *o, const struct conf *conf, struct smtp_out **smtp_r,
                 struct why *why) MUST_USE;

/* Close what was idle for so long. */
void outlet_rest(struct outlet *o, int64_t idle_s);

/* Close and release. Takes  o  takes; *o is NULL afterwards */
void outlet_free(struct outlet **o);

static inline void
auto_outlet(struct outlet **o)
{
	outlet_free(o);
}
#endif
