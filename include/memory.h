/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_MEMORY_H_INCLUDED
#define TARANTOOL_MEMORY_H_INCLUDED

/*
 * The arena that all cords take their memory from (spec small.md 13.1).
 */

/* First: it asks the C library for what the other headers need. */
#include "trivia/config.h"

#include "small/region.h"
#include "small/small.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Stacks, regions and pools of all threads. Blocks of 4 MiB, private mappings, no
 * limit. Reading `used` and `quota_total(runtime.quota)` is safe in any thread.
 */
extern struct slab_arena runtime;

/** Create the arena. Once, before fiber_init() and before any other thread. */
void
memory_init(void);

/** Do nothing: the caller may stand on memory of the arena. */
void
memory_free(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_MEMORY_H_INCLUDED */
