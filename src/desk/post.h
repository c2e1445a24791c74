/* src/desk/post.h - the outbox threads: send what is due, settle it, try again, give up */
#ifndef POST_H
#define POST_H
#include "desk.h"

struct post;

/* Prepare; no thread runs yet. Takes  d  borrows; its store and configuration are open. Gives never
 * NULL */
struct post *post_new(struct desk *d);

/* Start smtp_connections threads. Fails  false: out of threads, or
 * smtp_password_file cannot be read */
bool post_start(struct post *p, struct why *why) MUST_USE;

/* There may be something new: look now. Safe from any thread. */
void post_wake(struct post *p);

/* Let each thread end the mail it is sending, and stop. Cost  up to smtp_timeout_s */
void post_stop(struct post *p);

/* Release; stopped before, or never started. Takes  p  takes; *p is NULL afterwards */
void post_free(struct post **p);
#endif
