/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The public part of coio.h and coio_task.h: waiting for descriptors, and calls that
 * block a thread of the pool instead of the cord. Origin: spec ipc.md 7, 8, 16.
 */
#ifndef CORDAGE_MODULE_COIO_H_INCLUDED
#define CORDAGE_MODULE_COIO_H_INCLUDED

#include "../trivia/compiler.h"

#include <stdarg.h>
#include <sys/types.h>

struct addrinfo;

#ifdef __cplusplus
extern "C" {
#endif

enum {
	/** The descriptor is readable, or at its end. */
	COIO_READ = 0x1,
	/** The descriptor is writable. */
	COIO_WRITE = 0x2,
};

/**
 * Wait until fd is ready for one of the events in `event`, for at most `timeout`
 * seconds. Several fibers may wait on one descriptor. A timeout of 0 polls, yielding
 * for one turn of the event loop.
 *
 * Returns the events that are ready (both, for a descriptor that is not open); 0
 * after the timeout, a cancel, any other wake-up, or coio_close(), and at once if the
 * fiber is cancelled already. Sets no error.
 */
API_EXPORT int
coio_wait(int fd, int event, double timeout);

/**
 * close(2), after waking every fiber of this cord that is in coio_wait() on fd: it
 * gets 0.
 */
API_EXPORT int
coio_close(int fd);

/**
 * Call func(...) in a thread of the pool and wait for it. Neither a wake-up nor a cancel ends
 * the wait, so the arguments may point to the stack of the fiber. The program must have
 * called coio_enable() in this cord. func must not yield or throw; if the program has called
 * coio_init(), too, it has a diag and a region, otherwise only the log and the clocks
 * work there. It may occupy its thread for as long as it likes.
 *
 * @return what func returned, with errno as it left it. If that is not 0, the error in
 *         the worker's diagnostics area, or none, has become the current fiber's.
 */
ssize_t
coio_call(ssize_t (*func)(va_list), ...);

/**
 * getaddrinfo(3) in a worker. `host` may be NULL or empty, `port` and `hints` NULL.
 * If the resolver does not know AI_ADDRCONFIG, it is asked again without.
 *
 * @retval 0 *res is to be freed with freeaddrinfo(3)
 * @retval -1 TimedOut, FiberIsCancelled, OutOfMemory, or SystemError
 *         "getaddrinfo: <reason>" with EIO; *res is untouched
 */
int
coio_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		 struct addrinfo **res, double timeout);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_MODULE_COIO_H_INCLUDED */
