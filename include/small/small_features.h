/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_SMALL_FEATURES_H_INCLUDED
#define TARANTOOL_SMALL_FEATURES_H_INCLUDED
/**
 * @file
 * What the library can do on the system that it runs on (spec small.md 14.8).
 */
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum small_features {
	/** Arenas can be left out of core dumps: SLAB_ARENA_DONTDUMP. */
	SMALL_FEATURE_DONTDUMP = 0,
	FEATURE_MAX = 1
};

/** Whether it can; false for a number that is no feature. */
bool
small_test_feature(unsigned int feature);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_SMALL_FEATURES_H_INCLUDED */
