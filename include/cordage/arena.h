/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_ARENA_H_INCLUDED
#define CORDAGE_ARENA_H_INCLUDED
/**
 * @file
 * How much memory an arena holds, and how to give some of it back. The
 * reference has nothing like it: there, an arena keeps what a peak of load made
 * it take until the process ends.
 *
 * Nothing here happens by itself. A program that wants its memory back after a
 * peak calls cordage_arena_trim(&runtime) when it sees fit.
 */
#include "small/slab_arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/** All in bytes. in_use + cached = slab_arena.used. */
struct cordage_arena_stats {
	/** Address space of blocks, handed out or not: it only grows. */
	size_t mapped;
	/** Blocks that slab caches and other users hold. */
	size_t in_use;
	/** Blocks that were returned and wait for whoever needs one. */
	size_t cached;
};

/**
 * Fills in `stats`. Any thread, without locks. If blocks are mapped and
 * returned meanwhile, the figures are of slightly different moments.
 *
 * Blocks are counted as slab_map() and slab_unmap() move them. A program that
 * pushes to or pops from slab_arena.cache itself gets wrong figures.
 */
void
cordage_arena_stats(struct slab_arena *arena, struct cordage_arena_stats *stats);

/**
 * Gives the memory of cached blocks back to the kernel, all but a page of each.
 * Returns how many resident bytes that were; 0 if there were none, or the
 * kernel refused, as it does for locked memory.
 *
 * The address space, the quota and slab_arena.used stay as they are: the blocks
 * remain with the arena, and are filled with zeros by the kernel as they are
 * used again, which costs a page fault for each page. In a SHARED arena the
 * memory is gone for all processes that share it.
 *
 * Any thread. The blocks are out of reach meanwhile: a thread that needs one at
 * that moment gets a new one, or NULL if the quota does not allow that. So it is
 * for a quiet moment, not for every second.
 */
size_t
cordage_arena_trim(struct slab_arena *arena);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_ARENA_H_INCLUDED */
