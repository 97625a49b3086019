/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_COIO_H_INCLUDED
#define TARANTOOL_COIO_H_INCLUDED

/*
 * I/O that blocks one fiber instead of the thread (spec ipc.md 7).
 */

#include "fiber.h"
#include "trivia/util.h"

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

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_COIO_H_INCLUDED */
