/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * How long something takes: a histogram of 64 ranges from a microsecond to ten
 * seconds. Not thread safe. Origin: spec ipc.md 15.3.
 */
#ifndef TARANTOOL_LATENCY_H_INCLUDED
#define TARANTOOL_LATENCY_H_INCLUDED

#if defined(__cplusplus)
extern "C" {
#endif

struct histogram;

struct latency {
	/** In microseconds. One observation of 0 is always in it. */
	struct histogram *histogram;
};

/** 0, or -1 without memory; the diag is not set. */
int
latency_create(struct latency *latency);

void
latency_destroy(struct latency *latency);

/** Forgets all observations. */
void
latency_reset(struct latency *latency);

/** Counts an observation, in seconds. */
void
latency_collect(struct latency *latency, double value);

/** What more than `pct` percent of the observations do not exceed, in seconds. */
double
latency_get(struct latency *latency, int pct);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_LATENCY_H_INCLUDED */
