/* src/prog/posternd_doors.h - the doors of posternd: its sockets, and the children it hires */
#ifndef POSTERND_DOORS_H
#define POSTERND_DOORS_H
#include "desk.h"
#include <stdbool.h>
#include <stddef.h>

struct posternd_doors;

/* Open the sockets of the settings, or take those that systemd opened; still as root.
 * Gives   EX_OK, or the sysexits status to end with: why says which socket and what to do */
int posternd_doors_open(struct desk *d, const struct settings *set, struct posternd_doors **doors_r,
                        struct why *why) MUST_USE;

/* Start the launcher and the parser's pool; after the privileges are dropped, before any thread.
 * Gives   EX_OK, or a sysexits status */
int posternd_doors_hire(struct posternd_doors *doors, struct desk *d, const struct settings *set,
                        struct why *why) MUST_USE;

/* Serve until posternd_doors_close. Gives  conversations that would not end in drain_ms */
size_t posternd_doors_serve(struct posternd_doors *doors, int64_t drain_ms);

/* Ask it to return; from any thread. */
void posternd_doors_close(struct posternd_doors *doors);

/* Whether it was asked to. */
bool posternd_doors_closed(const struct posternd_doors *doors);

/* Whether children can still be had. Gives  false with why when the launcher is gone */
bool posternd_doors_sound(struct posternd_doors *doors, struct why *why);

/* End the children, release. Takes  doors  takes; *doors may be NULL and is NULL afterwards */
void posternd_doors_free(struct posternd_doors **doors);

static inline void
auto_posternd_doors(struct posternd_doors **doors)
{
	posternd_doors_free(doors);
}
#endif
