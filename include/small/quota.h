/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_QUOTA_H
#define INCLUDES_TARANTOOL_SMALL_QUOTA_H
/**
 * @file
 * A byte budget in units of 1 KiB, for any number of threads, without locks
 * (spec small.md 7.1). Header only.
 *
 * Sizes are rounded up to whole units. Limit and use lie in one word, so no
 * reader ever sees more used than allowed.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <stdlib.h>
#include <stdint.h>
#include <assert.h>
#include <unistd.h>
#include <sys/types.h>
#include <pmatomic.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QUOTA_UNIT_SIZE 1024ULL

/** The largest limit in bytes. */
static const size_t QUOTA_MAX = SIZE_MAX / QUOTA_UNIT_SIZE > UINT32_MAX ?
	(size_t)(QUOTA_UNIT_SIZE * UINT32_MAX) :
	(size_t)(SIZE_MAX - QUOTA_UNIT_SIZE + 1);

struct quota {
	/** Limit in the high half, use in the low half, in units. */
	uint64_t value;
};

/** Bytes to units, rounded up. */
static inline uint64_t
quota_units(size_t size)
{
	return size / QUOTA_UNIT_SIZE + (size % QUOTA_UNIT_SIZE != 0);
}

static inline uint64_t
quota_pack(uint64_t limit, uint64_t used)
{
	return limit << 32 | used;
}

static inline uint64_t
quota_limit_units(uint64_t value)
{
	return value >> 32;
}

static inline uint64_t
quota_used_units(uint64_t value)
{
	return value & UINT32_MAX;
}

/**
 * Limits the budget to `total` bytes, at most QUOTA_MAX, none of them used.
 * Not for concurrent use.
 */
static inline void
quota_init(struct quota *quota, size_t total)
{
	uint64_t limit = quota_units(total < QUOTA_MAX ? total : QUOTA_MAX);
	quota->value = quota_pack(limit, 0);
}

/** The limit in bytes. */
static inline size_t
quota_total(const struct quota *quota)
{
	return quota_limit_units(pm_atomic_load(&quota->value)) * QUOTA_UNIT_SIZE;
}

/** Bytes in use. */
static inline size_t
quota_used(const struct quota *quota)
{
	return quota_used_units(pm_atomic_load(&quota->value)) * QUOTA_UNIT_SIZE;
}

/** Both, as they were at one moment. */
static inline void
quota_get_total_and_used(struct quota *quota, size_t *total, size_t *used)
{
	uint64_t value = pm_atomic_load(&quota->value);
	*total = quota_limit_units(value) * QUOTA_UNIT_SIZE;
	*used = quota_used_units(value) * QUOTA_UNIT_SIZE;
}

/**
 * Changes the limit to `new_total` bytes, at most QUOTA_MAX. Returns the new
 * limit, or -1 with nothing changed if more than that is in use.
 */
static inline ssize_t
quota_set(struct quota *quota, size_t new_total)
{
	assert(new_total <= QUOTA_MAX);
	uint64_t limit = quota_units(new_total);
	uint64_t value = pm_atomic_load(&quota->value);
	do {
		if (quota_used_units(value) > limit)
			return -1;
	} while (!pm_atomic_compare_exchange_strong(&quota->value, &value,
			quota_pack(limit, quota_used_units(value))));
	return limit * QUOTA_UNIT_SIZE;
}

/**
 * Takes `size` bytes, not 0. Returns what was taken, or -1 with nothing changed
 * if that would exceed the limit.
 */
static inline ssize_t
quota_use(struct quota *quota, size_t size)
{
	assert(size != 0);
	if (size > QUOTA_MAX)
		return -1;
	uint64_t units = quota_units(size);
	uint64_t value = pm_atomic_load(&quota->value);
	do {
		if (quota_used_units(value) + units > quota_limit_units(value))
			return -1;
	} while (!pm_atomic_compare_exchange_strong(&quota->value, &value,
						    value + units));
	return units * QUOTA_UNIT_SIZE;
}

/** Gives back `size` bytes, which are in use. Returns what was given back. */
static inline ssize_t
quota_release(struct quota *quota, size_t size)
{
	assert(size != 0);
	assert(size < QUOTA_MAX);
	uint64_t units = quota_units(size);
	uint64_t value = pm_atomic_load(&quota->value);
	do {
		assert(units <= quota_used_units(value));
	} while (!pm_atomic_compare_exchange_strong(&quota->value, &value,
						    value - units));
	return units * QUOTA_UNIT_SIZE;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* INCLUDES_TARANTOOL_SMALL_QUOTA_H */
