/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_FIBER_COND_H_INCLUDED
#define TARANTOOL_FIBER_COND_H_INCLUDED

/*
 * Condition variable for the fibers of one cord (spec ipc.md 2).
 *
 * Waiters queue in the order of arrival. A signal wakes the oldest one and is not
 * remembered when there is none. Waking never yields. A wait also returns 0 after
 * a plain fiber_wakeup(): test what you wait for in a loop.
 */

#include "small/rlist.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fiber_cond {
	/** Waiting fibers, linked by fiber.state. */
	struct rlist waiters;
};

/** Initialise a condition in memory of the caller. */
void
fiber_cond_create(struct fiber_cond *cond);

/** The end of such a condition. Nobody may wait; frees nothing. */
void
fiber_cond_destroy(struct fiber_cond *cond);

/**
 * A condition from the cord's pool; give it back with fiber_cond_delete() in the
 * same cord. NULL with OutOfMemory in the diagnostics area when there is no memory.
 */
struct fiber_cond *
fiber_cond_new(void);

/** Give back a condition made by fiber_cond_new(). Not NULL; nobody may wait. */
void
fiber_cond_delete(struct fiber_cond *cond);

/** Wake the fiber that waits longest, if any. */
void
fiber_cond_signal(struct fiber_cond *cond);

/** Wake all waiting fibers, in order. */
void
fiber_cond_broadcast(struct fiber_cond *cond);

/**
 * Wait for a signal for at most `timeout` seconds. Always yields, even if the fiber
 * is cancelled already or the timeout is not positive.
 *
 * @retval 0 signalled, or woken for another reason
 * @retval -1 with TimedOut or FiberIsCancelled in the diagnostics area. A
 *         cancelled fiber fails even when it was signalled; the signal is spent.
 */
int
fiber_cond_wait_timeout(struct fiber_cond *cond, double timeout);

/** fiber_cond_wait_timeout() without a limit. */
int
fiber_cond_wait(struct fiber_cond *cond);

/** fiber_cond_wait_timeout() until fiber_clock() reaches `deadline`. */
int
fiber_cond_wait_deadline(struct fiber_cond *cond, double deadline);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_FIBER_COND_H_INCLUDED */
