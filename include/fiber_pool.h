/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * A pool of fibers that runs each message of an endpoint in a fiber of its own.
 *
 * A message is run by an idle fiber, or by a new one while there are fewer than
 * max_size; else it waits until a fiber is done. Messages are started in the order of
 * arrival. Fibers without work for idle_timeout seconds end, one for each tick of a
 * timer of that length. Belongs to the cord that made it. Origin: spec ipc.md 6.
 */
#ifndef TARANTOOL_FIBER_POOL_H_INCLUDED
#define TARANTOOL_FIBER_POOL_H_INCLUDED

#include "trivia/config.h"

#include "fiber.h"
#include "cbus.h"
#include "small/rlist.h"
#include "salad/stailq.h"
#include "tarantool_ev.h"

#if defined(__cplusplus)
extern "C" {
#endif

enum {
	/** A usual idle timeout, seconds. */
	FIBER_POOL_IDLE_TIMEOUT = 1,
};

struct fiber_pool {
	/* The consumer's, apart from what producers touch. */
	struct {
		/** Fibers without work, linked by fiber.state; the last to get some first. */
		struct rlist idle __attribute__((aligned(CACHELINE_SIZE)));
		/** Fibers, idle or not. */
		int size;
		int max_size;
		/** Seconds. */
		float idle_timeout;
		/** Messages that wait for a fiber. */
		struct stailq output;
		struct ev_timer idle_timer;
		/** Signalled when a fiber ends. */
		struct fiber_cond worker_cond;
	};
	struct {
		/** The loop of the pool's cord. */
		struct ev_loop *consumer __attribute__((aligned(CACHELINE_SIZE)));
		struct cbus_endpoint endpoint;
	};
};

/**
 * Makes an endpoint `name` in this cord that is served by at most max_pool_size fibers.
 * There must be no endpoint of that name. Keeps the loop alive. With an idle timeout of
 * 0 a fiber ends as soon as there is nothing to do.
 *
 * While all fibers are busy a line is logged for each batch that has to wait. When a
 * fiber has run a message its on_stop triggers are run, as if it had ended.
 */
void
fiber_pool_create(struct fiber_pool *pool, const char *name, int max_pool_size,
		  float idle_timeout);

/** Changes the limit. Fibers that are there go on. */
void
fiber_pool_set_max_size(struct fiber_pool *pool, int new_max_size);

/**
 * Waits, in a fiber that is none of the pool's, until all pipes to the endpoint are
 * destroyed, all messages are run and all fibers have ended.
 */
void
fiber_pool_destroy(struct fiber_pool *pool);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_FIBER_POOL_H_INCLUDED */
