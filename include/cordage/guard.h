/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_GUARD_H_INCLUDED
#define CORDAGE_GUARD_H_INCLUDED
/**
 * @file
 * How fiber stacks are guarded, and what becomes of a stack whose guard cannot be
 * lifted. Not in the reference, which protects a page by mprotect(2), and leaks the
 * stack.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fiber;
struct fiber_attr;

/** How a guard is made. */
enum cordage_guard {
	/** As cordage_guard_backend() says. */
	CORDAGE_GUARD_DEFAULT = 0,
	/**
	 * A guard region (MADV_GUARD_INSTALL, Linux 6.13 and later): no mapping is split, so
	 * the number of stacks has no limit but memory. An overflow is SIGSEGV with
	 * SEGV_MAPERR. Locked memory cannot have one: such a stack gets the next kind.
	 */
	CORDAGE_GUARD_MADVISE = 1,
	/**
	 * A page without access rights (mprotect(2)): splits a mapping in three, so at most
	 * about 32,700 fit under the default vm.max_map_count. An overflow is SIGSEGV
	 * with SEGV_ACCERR.
	 */
	CORDAGE_GUARD_MPROTECT = 2,
	/** Nothing: an overflow writes over whatever lies below the stack. */
	CORDAGE_GUARD_NONE = 3
};

/**
 * The way guards are made unless attributes say otherwise: "madvise" where the kernel can
 * do it, else "mprotect". The environment variable CORDAGE_GUARD ("madvise", "mprotect"
 * or "none") forces one of them; it is read once, at the first guard or call. Static.
 * Any thread.
 */
const char *
cordage_guard_backend(void);

/**
 * Choose the way for the stacks of fibers made with `attr`. Except for
 * CORDAGE_GUARD_DEFAULT such a fiber counts as one with a custom stack: it never reuses a
 * finished fiber, and is not kept for reuse. fiber_attr_create() takes the choice back.
 *
 * @retval 0
 * @retval -1 IllegalParams: no such kind; the attributes are unchanged
 */
int
cordage_fiber_attr_setguard(struct fiber_attr *attr, int guard);

/**
 * The enum cordage_guard that the stack of a fiber has got; CORDAGE_GUARD_DEFAULT for one
 * without a stack.
 */
int
cordage_fiber_guard(const struct fiber *fiber);

/** Stacks of a cord whose guard could not be lifted. */
struct cordage_quarantine {
	/** How many wait now. */
	size_t count;
	/** The sum of the sizes of their slabs; part of slabc.allocated.stats.used. */
	size_t bytes;
	/** How many ever were put there. */
	uint64_t admitted;
};

/**
 * A stack whose guard cannot be lifted when its fiber is deleted is not reused: it waits,
 * with one line in the log, until a later attempt succeeds. Attempts are silent, and are
 * made whenever the cord makes or deletes a stack, and when it ends. What cannot be
 * won back by then stays mapped for ever.
 */
void
cordage_quarantine(struct cordage_quarantine *report);

/** Attempt now, for the current cord. Returns how many still wait. */
size_t
cordage_quarantine_retry(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_GUARD_H_INCLUDED */
