/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_QUOTA_LESSOR_H
#define INCLUDES_TARANTOOL_SMALL_QUOTA_LESSOR_H
/**
 * @file
 * A front end to a quota for one thread that needs to count single bytes (spec
 * small.md 7.2). Header only.
 *
 * It takes from the quota in large pieces and keeps up to 2 MiB more than it
 * has leased, so most leases touch no shared memory.
 */
#include "quota.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is taken from the quota at once, if it can be had. */
#define QUOTA_USE_MIN (QUOTA_UNIT_SIZE * 1024)

struct quota_lessor {
	/** Where bytes are taken from. Not owned. */
	struct quota *source;
	/** Bytes taken from the source. */
	size_t used;
	/** Bytes leased to clients. */
	size_t leased;
};

/** Bytes leased to clients. */
static inline size_t
quota_leased(const struct quota_lessor *lessor)
{
	return lessor->leased;
}

/** Bytes that can be leased without asking the source. */
static inline size_t
quota_available(const struct quota_lessor *lessor)
{
	return lessor->used - lessor->leased;
}

/** The limit of `source` is at least QUOTA_USE_MIN. Takes nothing yet. */
static inline void
quota_lessor_create(struct quota_lessor *lessor, struct quota *source)
{
	assert(quota_total(source) >= QUOTA_USE_MIN);
	lessor->source = source;
	lessor->used = 0;
	lessor->leased = 0;
}

/** Gives everything back to the source. Nothing is leased any more. */
static inline void
quota_lessor_destroy(struct quota_lessor *lessor)
{
	assert(lessor->leased == 0);
	assert(lessor->used % QUOTA_UNIT_SIZE == 0);
	if (lessor->used == 0)
		return;
	quota_release(lessor->source, lessor->used);
	lessor->used = 0;
}

/**
 * Leases `size` bytes, not fewer than 0. Returns `size`, or -1 with nothing changed
 * if the source has not got what is missing.
 */
static inline ssize_t
quota_lease(struct quota_lessor *lessor, ssize_t size)
{
	assert(size >= 0);
	size_t available = quota_available(lessor);
	if (available < (size_t)size) {
		size_t missing = (size_t)size - available;
		size_t wanted = missing > QUOTA_USE_MIN ? missing : QUOTA_USE_MIN;
		ssize_t taken = quota_use(lessor->source, wanted);
		while (taken < 0) {
			wanted /= 2;
			if (wanted < missing)
				return -1;
			taken = quota_use(lessor->source, wanted);
		}
		lessor->used += taken;
	}
	lessor->leased += size;
	return size;
}

/**
 * Takes back `size` leased bytes. Returns `size`. If at least 2 MiB are
 * available then, all but about 1 MiB of them return to the source.
 */
static inline ssize_t
quota_end_lease(struct quota_lessor *lessor, size_t size)
{
	assert(lessor->leased >= size);
	lessor->leased -= size;
	size_t available = quota_available(lessor);
	if (available >= 2 * QUOTA_USE_MIN) {
		size_t surplus = available - QUOTA_USE_MIN - QUOTA_UNIT_SIZE;
		lessor->used -= quota_release(lessor->source, surplus);
	}
	return size;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* INCLUDES_TARANTOOL_SMALL_QUOTA_LESSOR_H */
