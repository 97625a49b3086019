/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_FIBER_COND_H_INCLUDED
#define TARANTOOL_FIBER_COND_H_INCLUDED

/*
 * Condition variable for the fibers of one cord (spec ipc.md 2). How it works, and what
 * modules may use of it, is in module/fiber_cond.h.
 */

#include "module/fiber_cond.h"
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

/** fiber_cond_wait_timeout() until fiber_clock() reaches `deadline`. */
int
fiber_cond_wait_deadline(struct fiber_cond *cond, double deadline);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_FIBER_COND_H_INCLUDED */
