/* src/base/own.h - who frees what, said at the declaration */
#ifndef OWN_H
#define OWN_H
#include <stdlib.h>
#include <unistd.h>

/* Release at the end of the scope: AUTO(mem) char *name = ...; */
#define AUTO(kind) __attribute__((cleanup(auto_##kind)))
#define AUTO_KIND(kind, type, release)                                         \
	static inline void auto_##kind(type *held)                             \
	{                                                                      \
		if (*held)                                                     \
			release(*held);                                        \
	}

/* Hand a pointer on; the variable is NULL from here. */
#define GIVE(p)                                                                \
	__extension__({                                                        \
		__typeof__(p) given_ = (p);                                    \
		(p) = NULL;                                                    \
		given_;                                                        \
	})

/* The answer of a fallible function may not be dropped. */
#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

AUTO_KIND(mem, char *, free)

/* For descriptors that are read, never for one being written: close must be checked there. */
static inline void
auto_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#endif
