/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_LF_LIFO_H
#define INCLUDES_TARANTOOL_LF_LIFO_H
/**
 * @file
 * A lock-free stack of blocks aligned to 64 KiB, for any number of threads
 * (spec small.md 6.2). Header only.
 *
 * The low 16 bits of the head word, which are 0 in a block's address, count
 * pushes modulo 65536. So a thread that was about to pop notices that the same
 * block has been taken and put back in the meantime (the ABA problem).
 *
 * A thread may read the first word of a block that another thread has just
 * popped; it ignores what it read. So blocks must stay mapped as long as the
 * stack is in use.
 */
#include "trivia/config.h"

#include <assert.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <pmatomic.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The head; also the first word of a block that is on the stack. */
struct lf_lifo {
	/** Address of the top block, or 0, plus the counter. */
	void *next;
};

/** The counter of a head word. */
static inline unsigned short
aba_value(void *a)
{
	return (unsigned short)((uintptr_t)a & 0xffff);
}

/** The block of a head word, or NULL. */
static inline struct lf_lifo *
lf_lifo(void *a)
{
	return (struct lf_lifo *)((uintptr_t)a & ~(uintptr_t)0xffff);
}

/** Empty, counter 0. Not for concurrent use. */
static inline void
lf_lifo_init(struct lf_lifo *head)
{
	head->next = NULL;
}

/**
 * Puts a block on the stack, overwriting its first word. Returns `head`, so
 * that calls nest.
 */
static inline struct lf_lifo *
lf_lifo_push(struct lf_lifo *head, void *elem)
{
	struct lf_lifo *block = lf_lifo(elem);
	assert((void *)block == elem);
	void *seen = pm_atomic_load(&head->next);
	void *desired;
	do {
		/* Atomic, because a late reader may look at it: see above. */
		pm_atomic_store_explicit(&block->next, seen, pm_memory_order_relaxed);
		unsigned short pushes = (unsigned short)(aba_value(seen) + 1);
		desired = (void *)((uintptr_t)block | pushes);
	} while (!pm_atomic_compare_exchange_strong(&head->next, &seen, desired));
	return head;
}

/** Takes the newest block off the stack; NULL if there is none. */
static inline void *
lf_lifo_pop(struct lf_lifo *head)
{
	void *seen = pm_atomic_load(&head->next);
	struct lf_lifo *block;
	void *desired;
	do {
		block = lf_lifo(seen);
		if (block == NULL)
			return NULL;
		void *below = pm_atomic_load_explicit(&block->next,
						      pm_memory_order_relaxed);
		desired = (void *)((uintptr_t)lf_lifo(below) | aba_value(seen));
	} while (!pm_atomic_compare_exchange_strong(&head->next, &seen, desired));
	return block;
}

/**
 * Whether the head word is 0. It is not on a stack that was emptied by pops,
 * unless the number of pushes is a multiple of 65536.
 */
static inline bool
lf_lifo_is_empty(struct lf_lifo *head)
{
	return pm_atomic_load(&head->next) == NULL;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* INCLUDES_TARANTOOL_LF_LIFO_H */
