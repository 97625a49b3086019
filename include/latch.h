/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_LATCH_H_INCLUDED
#define TARANTOOL_LATCH_H_INCLUDED

/*
 * A lock for the fibers of one cord, strictly first come, first served (spec ipc.md
 * 4). A cancel does not end the wait for it.
 */

#include "fiber.h"
#include "module/latch.h"
#include "small/rlist.h"

#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

struct latch {
	/** NULL when free. */
	struct fiber *owner;
	/** Fibers that wait, linked by fiber.state. */
	struct rlist queue;
};

#define LATCH_INITIALIZER(name) { 0, RLIST_HEAD_INITIALIZER(name.queue) }

static inline void
latch_create(struct latch *l)
{
	l->owner = NULL;
	rlist_create(&l->queue);
}

/** Must be free, with nobody waiting. */
static inline void
latch_destroy(struct latch *l)
{
	assert(l->owner == NULL);
	assert(rlist_empty(&l->queue));
	(void)l;
}

/** The owner, or NULL. */
static inline struct fiber *
latch_owner(struct latch *l)
{
	return l->owner;
}

/**
 * Take the latch, waiting for at most `timeout` seconds; a timeout that is not
 * positive never yields. The current fiber must not be the owner.
 *
 * @retval 0 taken
 * @retval 1 not taken in time; the diag is untouched
 */
static inline int
latch_lock_timeout(struct latch *l, ev_tstamp timeout)
{
	assert(l->owner != fiber());
	if (l->owner == NULL && rlist_empty(&l->queue)) {
		l->owner = fiber();
		return 0;
	}
	if (timeout <= 0)
		return 1;

	double deadline = fiber_clock() + timeout;
	bool was_cancellable = fiber_set_cancellable(false);
	int result = 1;
	rlist_add_tail_entry(&l->queue, fiber(), state);
	while (true) {
		fiber_yield_timeout(timeout);
		/*
		 * The unlocker has made the head of the queue the owner. A fiber woken
		 * by chance has left the queue and may find nobody there.
		 */
		if (l->owner == NULL && rlist_empty(&l->queue))
			l->owner = fiber();
		if (l->owner == fiber()) {
			result = 0;
			break;
		}
		timeout = deadline - fiber_clock();
		if (timeout <= 0)
			break;
		/* It keeps its turn. */
		rlist_add_entry(&l->queue, fiber(), state);
	}
	fiber_set_cancellable(was_cancellable);
	return result;
}

/** Take the latch, waiting for as long as it takes. */
static inline void
latch_lock(struct latch *l)
{
	(void)latch_lock_timeout(l, TIMEOUT_INFINITY);
}

/** Take the latch if it is free; never yields. 0 taken, 1 busy. */
static inline int
latch_trylock(struct latch *l)
{
	return latch_lock_timeout(l, 0);
}

#if defined(__cplusplus) && defined(__GNUC__)
/* To g++ a struct with a va_list in it, as struct fiber is, is not standard layout. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
#endif

/** Hand the latch, owned by the current fiber, to whoever waits longest. */
static inline void
latch_unlock(struct latch *l)
{
	assert(l->owner == fiber());
	if (rlist_empty(&l->queue)) {
		l->owner = NULL;
		return;
	}
	struct fiber *next = rlist_first_entry(&l->queue, struct fiber, state);
	l->owner = next;
	fiber_wakeup(next);
}

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/** What modules know only as a pointer. */
struct box_latch {
	struct latch l;
};

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_LATCH_H_INCLUDED */
