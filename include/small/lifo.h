/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_LIFO_H
#define INCLUDES_TARANTOOL_LIFO_H
/**
 * @file
 * A stack of free memory, linked through the first word of each element (spec
 * small.md 6.1). Header only; for one thread.
 */
#include "trivia/config.h"

#include <assert.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lifo {
	/** The newest element, or NULL. */
	void *next;
};

static inline void
lifo_init(struct lifo *head)
{
	head->next = NULL;
}

/** Puts `elem`, at least a pointer large, on top; its first word is overwritten. */
static inline void
lifo_push(struct lifo *head, void *elem)
{
	((struct lifo *)elem)->next = head->next;
	head->next = elem;
}

/** Takes the newest element off; NULL if there is none. */
static inline void *
lifo_pop(struct lifo *head)
{
	struct lifo *elem = (struct lifo *)head->next;
	if (elem != NULL)
		head->next = elem->next;
	return elem;
}

/** The newest element; NULL if there is none. */
static inline void *
lifo_peek(struct lifo *head)
{
	return head->next;
}

static inline bool
lifo_is_empty(struct lifo *head)
{
	return head->next == NULL;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* INCLUDES_TARANTOOL_LIFO_H */
