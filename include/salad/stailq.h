/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_STAILQ_H_INCLUDED
#define TARANTOOL_STAILQ_H_INCLUDED
/**
 * @file
 * A singly linked queue whose links live in the entries (spec small.md 5).
 * Header only; for one thread.
 *
 * Insertion at both ends and concatenation take constant time; there is no way
 * to take out an entry in the middle. A head must not be copied: an empty one
 * points into itself.
 */
#include <stddef.h>

#ifndef typeof
#define typeof __typeof__
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct stailq_entry {
	/** NULL in the last entry. */
	struct stailq_entry *next;
};

struct stailq {
	/** NULL if empty. */
	struct stailq_entry *first;
	/** Where the next entry is to be linked: `next` of the last, or `first`. */
	struct stailq_entry **last;
};

/** Makes an empty queue. */
static inline void
stailq_create(struct stailq *head)
{
	head->first = NULL;
	head->last = &head->first;
}

/** Inserts `item` at the front. */
static inline void
stailq_add(struct stailq *head, struct stailq_entry *item)
{
	item->next = head->first;
	if (item->next == NULL)
		head->last = &item->next;
	head->first = item;
}

/** Appends `item`. */
static inline void
stailq_add_tail(struct stailq *head, struct stailq_entry *item)
{
	item->next = NULL;
	*head->last = item;
	head->last = &item->next;
}

/** Inserts `item` after `prev`, an entry of `head`. */
static inline void
stailq_insert(struct stailq *head, struct stailq_entry *item,
	      struct stailq_entry *prev)
{
	item->next = prev->next;
	if (item->next == NULL)
		head->last = &item->next;
	prev->next = item;
}

/** Takes out the first entry and returns it; there has to be one. */
static inline struct stailq_entry *
stailq_shift(struct stailq *head)
{
	struct stailq_entry *item = head->first;
	head->first = item->next;
	if (head->first == NULL)
		head->last = &head->first;
	return item;
}

/** The first entry, or NULL. */
static inline struct stailq_entry *
stailq_first(struct stailq *head)
{
	return head->first;
}

/** The last entry, or NULL. */
static inline struct stailq_entry *
stailq_last(struct stailq *head)
{
	if (head->first == NULL)
		return NULL;
	/* The link is the first member of the entry it is in. */
	return (struct stailq_entry *)(void *)head->last;
}

/** The entry after `item`, or NULL. */
static inline struct stailq_entry *
stailq_next(struct stailq_entry *item)
{
	return item->next;
}

static inline int
stailq_empty(struct stailq *head)
{
	return head->first == NULL;
}

/** Moves all entries of `head2` behind those of `head1`. */
static inline void
stailq_concat(struct stailq *head1, struct stailq *head2)
{
	if (stailq_empty(head2))
		return;
	*head1->last = head2->first;
	head1->last = head2->last;
	stailq_create(head2);
}

/** Reverses the order. Takes time in proportion to the length. */
static inline void
stailq_reverse(struct stailq *head)
{
	struct stailq_entry *item = head->first;
	stailq_create(head);
	while (item != NULL) {
		struct stailq_entry *next = item->next;
		stailq_add(head, item);
		item = next;
	}
}

/**
 * Moves the entries after `last` to `tail`, whose former contents are
 * forgotten. NULL for `last` moves everything.
 */
static inline void
stailq_cut_tail(struct stailq *head, struct stailq_entry *last,
		struct stailq *tail)
{
	struct stailq_entry **end = last != NULL ? &last->next : &head->first;
	stailq_create(tail);
	if (*end == NULL)
		return;
	tail->first = *end;
	tail->last = head->last;
	*end = NULL;
	head->last = end;
}

/*
 * In all macros below `member` is the name of the struct stailq_entry in the
 * containing type.
 *
 * The containing struct of a NULL link is NULL minus the offset of `member`.
 * That is computed in integers, because compilers know that no pointer into an
 * object is NULL and would drop the test for the end of a loop.
 */

/** The `type *` that contains the link `item`. */
#define stailq_entry(item, type, member) ({ \
	const __typeof__(((type *)0)->member) *stailq_link_ = (item); \
	(type *)((size_t)stailq_link_ - offsetof(type, member)); \
})

/** Whether `item` is an entry and not what follows the last one. */
#define stailq_entry_valid(item, member) \
	((size_t)(item) + offsetof(__typeof__(*(item)), member) != 0)

/** The first and last entry as `type *`; the queue is not empty. */
#define stailq_first_entry(head, type, member) \
	stailq_entry(stailq_first(head), type, member)
#define stailq_last_entry(head, type, member) \
	stailq_entry(stailq_last(head), type, member)

/** The entry after `item`; there has to be one. */
#define stailq_next_entry(item, member) \
	stailq_entry(stailq_next(&(item)->member), __typeof__(*(item)), member)

/** Takes out the first entry as `type *`; there has to be one. */
#define stailq_shift_entry(head, type, member) \
	stailq_entry(stailq_shift(head), type, member)

#define stailq_add_entry(head, item, member) \
	stailq_add((head), &(item)->member)
#define stailq_add_tail_entry(head, item, member) \
	stailq_add_tail((head), &(item)->member)
#define stailq_insert_entry(head, item, prev, member) \
	stailq_insert((head), &(item)->member, &(prev)->member)

/** Loops over links. */
#define stailq_foreach(item, head) \
	for ((item) = stailq_first(head); (item) != NULL; (item) = stailq_next(item))

/** Loops over containing structs. */
#define stailq_foreach_entry(item, head, member) \
	for ((item) = stailq_first_entry((head), __typeof__(*(item)), member); \
	     stailq_entry_valid((item), member); \
	     (item) = stailq_next_entry((item), member))

/**
 * The same, but the body may take out or free `item`. `next` is a variable of
 * the same type as `item`.
 */
#define stailq_foreach_entry_safe(item, next, head, member) \
	for ((item) = stailq_first_entry((head), __typeof__(*(item)), member); \
	     stailq_entry_valid((item), member) && \
	     ((next) = stailq_next_entry((item), member), 1); \
	     (item) = (next))

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_STAILQ_H_INCLUDED */
