/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * libev, with the settings under which our headers use it, and what the reference
 * added to its own copy of it.
 *
 * The libev is the system's. If <ev.h> was included before, its settings stay; the
 * prototypes below and in other headers say `struct ev_loop`, which is right with
 * both. Origin: spec fiber.md 14.
 */
#ifndef TARANTOOL_EV_H_INCLUDED
#define TARANTOOL_EV_H_INCLUDED

#include "trivia/config.h"

#ifndef EV_H_
/** Every function takes the loop. */
#define EV_MULTIPLICITY 1
/** `ev_loop` is a type, not the old name of ev_run(). */
#define EV_COMPAT3 0
#endif
#include <ev.h>

/** ev_loop_new(): have the loop's own descriptor from the start. The system's libev makes it
 * when it is needed, and takes this bit for one that does no harm. */
#ifndef EVFLAG_ALLOCFD
#define EVFLAG_ALLOCFD 0x00800000U
#endif

#if defined(__cplusplus)
extern "C" {
#endif

/** Seconds (a hundred years): never. */
extern const ev_tstamp TIMEOUT_INFINITY;

/**
 * The loop's cached monotonic time, the base of its timers, in seconds.
 *
 * These two are weak in the library: a program that brings the reference's libev
 * uses the ones in there.
 */
ev_tstamp
ev_monotonic_now(struct ev_loop *loop);

/** The monotonic time, read anew. */
ev_tstamp
ev_monotonic_time(void);

typedef void (*ev_io_cb)(struct ev_loop *loop, struct ev_io *watcher, int revents);
typedef void (*ev_async_cb)(struct ev_loop *loop, struct ev_async *watcher, int revents);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_EV_H_INCLUDED */
