/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_RLIST_H_INCLUDED
#define TARANTOOL_RLIST_H_INCLUDED
/**
 * @file
 * A circular doubly linked list whose links live in the elements (spec
 * small.md 4). Header only.
 *
 * Head and element are one type. An empty head and an element that is in no
 * list point to themselves. No function allocates, fails or takes longer with
 * a longer list. A list belongs to one thread.
 *
 *	struct task { int id; struct rlist link; };
 *	RLIST_HEAD(tasks);
 *	struct task *task;
 *	rlist_add_tail_entry(&tasks, task, link);
 *	rlist_foreach_entry(task, &tasks, link)
 *		printf("%d\n", task->id);
 */
#include <stddef.h>

#ifndef typeof
#define typeof __typeof__
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct rlist {
	/** The element before this one; for a head the last one. */
	struct rlist *prev;
	/** The element after this one; for a head the first one. */
	struct rlist *next;
};

/** Initialises a head called `name`: struct rlist name = RLIST_HEAD_INITIALIZER(name). */
#define RLIST_HEAD_INITIALIZER(name) { &(name), &(name) }
/** Initialises a link that rlist_create() has not seen yet. */
#define RLIST_LINK_INITIALIZER { 0, 0 }
/** Declares an empty head; may follow `static`. */
#define RLIST_HEAD(name) struct rlist name = RLIST_HEAD_INITIALIZER(name)

/** Makes an empty head, or an element that is in no list. */
static inline void
rlist_create(struct rlist *list)
{
	list->prev = list;
	list->next = list;
}

/** Inserts `item`, whose old links do not matter, as the first of `head`. */
static inline void
rlist_add(struct rlist *head, struct rlist *item)
{
	item->prev = head;
	item->next = head->next;
	item->prev->next = item;
	item->next->prev = item;
}

/** Inserts `item`, whose old links do not matter, as the last of `head`. */
static inline void
rlist_add_tail(struct rlist *head, struct rlist *item)
{
	item->next = head;
	item->prev = head->prev;
	item->prev->next = item;
	item->next->prev = item;
}

/** Takes `item` out of its list, if it is in one; it points to itself then. */
static inline void
rlist_del(struct rlist *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	rlist_create(item);
}

/** Takes out the first element and returns it. An empty head returns itself. */
static inline struct rlist *
rlist_shift(struct rlist *head)
{
	struct rlist *first = head->next;
	rlist_del(first);
	return first;
}

/** Takes out the last element and returns it. An empty head returns itself. */
static inline struct rlist *
rlist_shift_tail(struct rlist *head)
{
	struct rlist *last = head->prev;
	rlist_del(last);
	return last;
}

/** The first element; `head` if there is none. */
static inline struct rlist *
rlist_first(struct rlist *head)
{
	return head->next;
}

/** The last element; `head` if there is none. */
static inline struct rlist *
rlist_last(struct rlist *head)
{
	return head->prev;
}

/** The element after `item`; the head after the last one. */
static inline struct rlist *
rlist_next(struct rlist *item)
{
	return item->next;
}

/** The element before `item`; the head before the first one. */
static inline struct rlist *
rlist_prev(struct rlist *item)
{
	return item->prev;
}

/** Whether a head has no elements, or an element is in no list. */
static inline int
rlist_empty(struct rlist *item)
{
	return item->next == item->prev && item->next == item;
}

/** Moves `item` from its list to the front of `to`. */
static inline void
rlist_move(struct rlist *to, struct rlist *item)
{
	rlist_del(item);
	rlist_add(to, item);
}

/** Moves `item` from its list, if it is in one, to the end of `to`. */
static inline void
rlist_move_tail(struct rlist *to, struct rlist *item)
{
	rlist_del(item);
	rlist_add_tail(to, item);
}

/** Moves all elements of `head2` in front of those of `head1`, in order. */
static inline void
rlist_splice(struct rlist *head1, struct rlist *head2)
{
	if (rlist_empty(head2))
		return;
	head2->prev->next = head1->next;
	head1->next->prev = head2->prev;
	head1->next = head2->next;
	head1->next->prev = head1;
	rlist_create(head2);
}

/** Moves all elements of `head2` behind those of `head1`, in order. */
static inline void
rlist_splice_tail(struct rlist *head1, struct rlist *head2)
{
	/* The position behind the last is the position before the first of
	 * a circle that is entered one element earlier. */
	rlist_splice(head1->prev, head2);
}

/** Exchanges the contents of two heads. */
static inline void
rlist_swap(struct rlist *rhs, struct rlist *lhs)
{
	struct rlist tmp = RLIST_HEAD_INITIALIZER(tmp);
	rlist_splice(&tmp, rhs);
	rlist_splice(rhs, lhs);
	rlist_splice(lhs, &tmp);
}

/**
 * Moves the elements of `head2` that precede `item` to `head1`, whose former
 * contents are forgotten. `item` is an element of `head2`, or `head2` itself to
 * move everything. If `item` is the first of `head1` already, `head1` is made
 * empty and nothing else happens.
 */
static inline void
rlist_cut_before(struct rlist *head1, struct rlist *head2, struct rlist *item)
{
	if (head1->next == item || head2->next == item) {
		rlist_create(head1);
		return;
	}
	head1->next = head2->next;
	head1->next->prev = head1;
	head1->prev = item->prev;
	head1->prev->next = head1;
	head2->next = item;
	item->prev = head2;
}

/*
 * In all macros below `member` is the name of the struct rlist in the
 * containing type.
 */

/** The `type *` that contains the link `item`. */
#define rlist_entry(item, type, member) ({ \
	const __typeof__(((type *)0)->member) *rlist_link_ = (item); \
	(type *)((char *)rlist_link_ - offsetof(type, member)); \
})

/** The first and last element as `type *`; the list is not empty. */
#define rlist_first_entry(head, type, member) \
	rlist_entry(rlist_first(head), type, member)
#define rlist_last_entry(head, type, member) \
	rlist_entry(rlist_last(head), type, member)

/** Takes out the first and last element as `type *`; the list is not empty. */
#define rlist_shift_entry(head, type, member) \
	rlist_entry(rlist_shift(head), type, member)
#define rlist_shift_tail_entry(head, type, member) \
	rlist_entry(rlist_shift_tail(head), type, member)

/** The neighbours of an element; there has to be one. */
#define rlist_next_entry(item, member) \
	rlist_entry(rlist_next(&(item)->member), __typeof__(*(item)), member)
#define rlist_prev_entry(item, member) \
	rlist_entry(rlist_prev(&(item)->member), __typeof__(*(item)), member)

/** The element before `item`; NULL if `item` is the first of `head`. */
#define rlist_prev_entry_safe(item, head, member) \
	((item)->member.prev == (head) ? NULL : rlist_prev_entry(item, member))

#define rlist_add_entry(head, item, member) \
	rlist_add((head), &(item)->member)
#define rlist_add_tail_entry(head, item, member) \
	rlist_add_tail((head), &(item)->member)
#define rlist_move_entry(to, item, member) \
	rlist_move((to), &(item)->member)
#define rlist_move_tail_entry(to, item, member) \
	rlist_move_tail((to), &(item)->member)
#define rlist_del_entry(item, member) \
	rlist_del(&(item)->member)

/** Loops over links. The body must not take `item` out. */
#define rlist_foreach(item, head) \
	for ((item) = rlist_first(head); (item) != (head); (item) = rlist_next(item))
#define rlist_foreach_reverse(item, head) \
	for ((item) = rlist_last(head); (item) != (head); (item) = rlist_prev(item))

/**
 * Loops over containing structs. The body must not take `item` out. After a
 * complete loop `item` is no element.
 */
#define rlist_foreach_entry(item, head, member) \
	for ((item) = rlist_first_entry((head), __typeof__(*(item)), member); \
	     &(item)->member != (head); \
	     (item) = rlist_next_entry((item), member))
#define rlist_foreach_entry_reverse(item, head, member) \
	for ((item) = rlist_last_entry((head), __typeof__(*(item)), member); \
	     &(item)->member != (head); \
	     (item) = rlist_prev_entry((item), member))

/**
 * The same, but the body may take out or free `item`. `tmp` is a variable of
 * the same type as `item` and holds its successor meanwhile.
 */
#define rlist_foreach_entry_safe(item, head, member, tmp) \
	for ((item) = rlist_first_entry((head), __typeof__(*(item)), member); \
	     &(item)->member != (head) && \
	     ((tmp) = rlist_next_entry((item), member), 1); \
	     (item) = (tmp))
#define rlist_foreach_entry_safe_reverse(item, head, member, tmp) \
	for ((item) = rlist_last_entry((head), __typeof__(*(item)), member); \
	     &(item)->member != (head) && \
	     ((tmp) = rlist_prev_entry((item), member), 1); \
	     (item) = (tmp))

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_RLIST_H_INCLUDED */
