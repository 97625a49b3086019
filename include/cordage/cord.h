/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_CORD_H_INCLUDED
#define CORDAGE_CORD_H_INCLUDED

/*
 * What one may want of a cord beyond fiber.h. Not in the reference.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct cord;

/** The current cord, for code that does not include fiber.h: to be handed to other threads,
 * which may call cordage_post() on it. NULL in a thread without a cord. */
struct cord *
cordage_cord_self(void);

/**
 * cord_cojoin() that gives up after `timeout` seconds, or when the calling fiber is
 * cancelled, at once if it is cancelled already; any other wake-up does no harm. After
 * giving up the cord runs on, and can, and must, be joined again.
 *
 * @retval 0 the cord ended well and is destroyed; the caller's diag is untouched
 * @retval -1 the cord failed and is destroyed; its error is in the caller's diag
 * @retval 1 gave up: TimedOut or FiberIsCancelled is in the caller's diag
 */
int
cordage_cord_cojoin(struct cord *cord, double timeout);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_CORD_H_INCLUDED */
