/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The public part of latch.h: a lock for the fibers of one cord, strictly first come,
 * first served. Origin: spec ipc.md 4.
 */
#ifndef CORDAGE_MODULE_LATCH_H_INCLUDED
#define CORDAGE_MODULE_LATCH_H_INCLUDED

#ifdef __cplusplus
extern "C" {
#endif

typedef struct box_latch box_latch_t;

/** A new latch, free, on the heap; NULL without memory. Sets no error. */
box_latch_t *
box_latch_new(void);

/** Free a latch, which nobody may own or wait for; NULL is fine. */
void
box_latch_delete(box_latch_t *latch);

/**
 * Take the latch, yielding for as long as others have it. A cancel does not end the wait:
 * the fiber gets its turn and sees fiber_is_cancelled() then. Must not be called by the
 * owner.
 */
void
box_latch_lock(box_latch_t *latch);

/** Take the latch if it is free and nobody waits for it; never yields. 0 taken, 1 busy. */
int
box_latch_trylock(box_latch_t *latch);

/** Hand the latch, which the current fiber must own, to whoever waits longest; that fiber
 * owns it from now on and is woken. Never yields. */
void
box_latch_unlock(box_latch_t *latch);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_MODULE_LATCH_H_INCLUDED */
