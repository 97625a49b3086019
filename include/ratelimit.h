/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * At most so many events in so many seconds. Not thread safe.
 *
 * Origin: spec diag.md 10, ipc.md 15.4.
 */
#ifndef TARANTOOL_RATELIMIT_H_INCLUDED
#define TARANTOOL_RATELIMIT_H_INCLUDED

#include <stdbool.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct ratelimit {
	/** Length of an interval, in the unit of `now`. */
	double interval;
	/** Events let through in one interval. */
	int burst;
	/** Events let through, and events refused, in the present interval. */
	int emitted;
	int suppressed;
	/** When the present interval began. */
	double start;
};

#define RATELIMIT_INITIALIZER(interval, burst) { (interval), (burst), 0, 0, 0 }

static inline void
ratelimit_create(struct ratelimit *rl, double interval, int burst)
{
	rl->interval = interval;
	rl->burst = burst;
	rl->emitted = 0;
	rl->suppressed = 0;
	rl->start = 0;
}

/** True if an event may happen at `now`. When this begins a new interval, the number
 * of events refused in the old one is added to `*suppressed`. */
static inline bool
ratelimit_check(struct ratelimit *rl, double now, int *suppressed)
{
	if (now > rl->start + rl->interval) {
		*suppressed += rl->suppressed;
		rl->emitted = 0;
		rl->suppressed = 0;
		rl->start = now;
	}
	if (rl->emitted < rl->burst) {
		rl->emitted++;
		return true;
	}
	rl->suppressed++;
	return false;
}

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_RATELIMIT_H_INCLUDED */
