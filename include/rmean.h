/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Events a second, as a mean over the last five seconds.
 *
 * A set of counters belongs to the cord that made it, whose loop has a timer that ages
 * them once a second and keeps the loop alive. Counting from other threads is allowed
 * where a lost event does not matter. Origin: spec ipc.md 15.1.
 */
#ifndef TARANTOOL_RMEAN_H_INCLUDED
#define TARANTOOL_RMEAN_H_INCLUDED

#include "trivia/config.h"

#include <stddef.h>
#include <stdint.h>

#include "trivia/util.h"
#include "tarantool_ev.h"

#if defined(__cplusplus)
extern "C" {
#endif

enum {
	/** Seconds that a mean is taken over. */
	RMEAN_WINDOW = 5,
};

/** One counter. */
struct stats {
	/** Of the caller; with NULL the counter neither ages nor is shown. */
	const char *name;
	/** Events a second: first of the second that is not over, then of those before. */
	int64_t value[RMEAN_WINDOW + 1];
	/** All events. */
	int64_t total;
};

struct rmean {
	ev_timer timer;
	/** How many counters there are. */
	unsigned stats_n;
	/** When they aged last, on the clock of the loop's timers. */
	double prev_ts;
	struct stats stats[];
};

/** Gets a counter's mean and total; a value other than 0 ends the loop. */
typedef int (*rmean_cb)(const char *name, int rps, int64_t total, void *cb_ctx);

/**
 * `n` counters at 0, ageing on the current cord's loop. The names are kept, not copied.
 * NULL without memory; the diag is not set.
 */
struct rmean *
rmean_new(const char **name, size_t n);

/** In the cord that made it. */
void
rmean_delete(struct rmean *rmean);

/** Sets all counters to 0. */
void
rmean_cleanup(struct rmean *rmean);

/** Counts `value` events of the counter with that index. */
void
rmean_collect(struct rmean *rmean, size_t name, int64_t value);

/** Events a second over the last five whole seconds, rounded towards zero. */
int64_t
rmean_mean(struct rmean *rmean, size_t name);

/** All events since the beginning, or since rmean_cleanup(). */
static inline int64_t
rmean_total(struct rmean *rmean, size_t name)
{
	return rmean->stats[name].total;
}

/**
 * Ages one counter by `dt` seconds: value[0] becomes a rate and moves on, the others
 * move by one place. When several seconds have passed the new rate takes as many
 * places.
 */
void
rmean_roll(int64_t *value, double dt);

/** Calls `cb` for each counter with a name; returns its first value other than 0. */
int
rmean_foreach(struct rmean *rmean, rmean_cb cb, void *cb_ctx);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_RMEAN_H_INCLUDED */
