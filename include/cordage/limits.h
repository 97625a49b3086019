/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_LIMITS_H_INCLUDED
#define CORDAGE_LIMITS_H_INCLUDED
/**
 * @file
 * Bounds on the fibers of a cord. Not in the reference, where there are none: the kernel
 * says when there are too many, and a finished fiber with a stack of the default
 * size is kept for reuse until its cord ends. Nothing is bounded here, either, unless the
 * program asks. All functions are about the current cord.
 */
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Fibers that have not finished, and finished ones that wait for fiber_join(). */
size_t
cordage_fiber_count(void);

/**
 * From now on no fiber is created while there are `max` of them: fiber_new() and
 * fiber_new_ex() return NULL with the SystemError (EAGAIN) "the limit of N fibers is
 * reached". Those that are there live on. SIZE_MAX, the default, is no limit.
 */
void
cordage_fiber_set_max(size_t max);

/** Finished fibers that are kept for reuse. */
size_t
cordage_fiber_cache_count(void);

/**
 * From now on at most `max` finished fibers are kept for reuse; the others are deleted and
 * give their memory back to the cord's slab cache. If there are more, those that were
 * not used for longest are deleted now. SIZE_MAX, the default, is no limit.
 *
 * A fiber that finishes by itself is deleted when the next one is created or deleted, as
 * one with a custom stack is: cord_collect_garbage().
 *
 * @return how many were deleted
 */
size_t
cordage_fiber_cache_set_max(size_t max);

/**
 * Delete finished fibers kept for reuse, except `keep` of them, those used last. The slab
 * cache gives whole blocks back to the arena, for all cords; see cordage/arena.h for
 * giving them back to the kernel.
 *
 * @return how many were deleted
 */
size_t
cordage_fiber_cache_trim(size_t keep);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_LIMITS_H_INCLUDED */
