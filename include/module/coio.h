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
 * Run func with the arguments that follow it in a thread of the pool, and yield until it
 * has returned. Nothing ends the wait early, neither a cancel nor a wake-up, so func may
 * use what is on the caller's stack. func must not yield; where the program has called
 * coio_init(), its thread has a diag and a region, otherwise only the log and the clocks
 * work there. It may occupy its thread for as long as it likes.
 *
 * @return what func returned, with the errno that it left. If that is not 0, the error in
 *         the diag of func's thread has moved to the caller's diag, which is empty if
 *         there was none. -1 with errno ENOMEM when the call could not be made.
 */
ssize_t
coio_call(ssize_t (*func)(va_list), ...);

/**
 * getaddrinfo(3) in a thread of the pool, waiting for at most `timeout` seconds. `hints`
 * may be NULL. The result is to be freed by freeaddrinfo(3).
 *
 * @retval 0 *res is set
 * @retval -1 with TimedOut, FiberIsCancelled, OutOfMemory, or SystemError with the text of
 *         gai_strerror(3) in the diag
 */
int
coio_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		 struct addrinfo **res, double timeout);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_MODULE_COIO_H_INCLUDED */
