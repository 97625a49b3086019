/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The public part of fiber_cond.h: a condition variable for the fibers of one cord.
 *
 * Waiters queue in the order of arrival. A signal wakes the oldest one and is not
 * remembered when there is none. Waking never yields. A wait also returns 0 after
 * a plain fiber_wakeup(): test what you wait for in a loop. Origin: spec ipc.md 2.
 */
#ifndef CORDAGE_MODULE_FIBER_COND_H_INCLUDED
#define CORDAGE_MODULE_FIBER_COND_H_INCLUDED

#ifdef __cplusplus
extern "C" {
#endif

struct fiber_cond;

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

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_MODULE_FIBER_COND_H_INCLUDED */
