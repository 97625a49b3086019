/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * How often values fell into which range. Not thread safe.
 *
 * Origin: spec ipc.md 15.2.
 */
#ifndef TARANTOOL_HISTOGRAM_H_INCLUDED
#define TARANTOOL_HISTOGRAM_H_INCLUDED

#include "trivia/config.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct histogram_bucket {
	/** The largest value that belongs here. */
	int64_t max;
	/** Values seen. */
	size_t count;
};

struct histogram {
	/** The largest value seen, but no less than the last bucket's bound. */
	int64_t max;
	/** Values seen, those above all bounds included. */
	size_t total;
	size_t n_buckets;
	struct histogram_bucket buckets[];
};

/**
 * A histogram with those upper bounds, at least one and strictly ascending (checked in
 * Debug). NULL without memory; the diag is not set.
 */
struct histogram *
histogram_new(const int64_t *buckets, size_t n_buckets);

void
histogram_delete(struct histogram *hist);

/** Forgets all values. */
void
histogram_reset(struct histogram *hist);

/** Counts a value. */
void
histogram_collect(struct histogram *hist, int64_t val);

/** Takes back a value that was counted (checked in Debug). The maximum stays. */
void
histogram_discard(struct histogram *hist, int64_t val);

/**
 * The upper bound of the bucket up to which lie more than `pct` percent of the values;
 * the maximum if there is none.
 */
int64_t
histogram_percentile(struct histogram *hist, int pct);

/** The upper bound of the bucket before that one; of the first bucket, its own. */
int64_t
histogram_percentile_lower(struct histogram *hist, int pct);

/**
 * Writes the buckets that are not empty as `[lowest-highest]:count`, with blanks
 * between them, as snprintf() does: at most `size` bytes with the zero. Returns the length
 * of the whole text.
 */
int
histogram_snprint(char *buf, int size, struct histogram *hist);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_HISTOGRAM_H_INCLUDED */
