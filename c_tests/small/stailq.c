/* SPDX-License-Identifier: BSD-2-Clause */
/* salad/stailq.h: every function and macro. Header only. */
#include "salad/stailq.h"
#include "unit.h"

#include <string.h>

enum { N = 6 };

struct item {
	int number;
	struct stailq_entry in_queue;
};

static struct item items[N];
static struct stailq head, tail;

static void
fill(struct stailq *queue, int first, int last)
{
	stailq_create(queue);
	for (int i = first; i < last; i++)
		stailq_add_tail_entry(queue, &items[i], in_queue);
}

/* "0 1 2" for a queue with these items, after checking where it ends. */
static const char *
text(struct stailq *queue)
{
	static char result[64];
	int length = 0;
	struct stailq_entry *link, **end = &queue->first;
	result[0] = '\0';
	stailq_foreach(link, queue) {
		length += sprintf(result + length, length > 0 ? " %d" : "%d",
				  stailq_entry(link, struct item, in_queue)->number);
		end = &link->next;
	}
	return end == queue->last ? result : "broken end";
}

#define contains(queue, expected) do { \
	const char *actual_ = text(queue); \
	ok(strcmp(actual_, expected) == 0, "%s: \"%s\"", #queue, expected); \
	if (strcmp(actual_, expected) != 0) \
		diag("actually \"%s\"", actual_); \
} while (0)

static void
both_ends(void)
{
	header();
	plan(19);
	stailq_create(&head);
	ok(stailq_empty(&head), "empty");
	ok(stailq_first(&head) == NULL && stailq_last(&head) == NULL, "no ends");
	stailq_reverse(&head);
	contains(&head, "");
	fill(&head, 0, N);
	contains(&head, "0 1 2 3 4 5");
	ok(!stailq_empty(&head), "not empty");
	ok(stailq_first(&head) == &items[0].in_queue, "first");
	ok(stailq_last(&head) == &items[N - 1].in_queue, "last");
	ok(stailq_first_entry(&head, struct item, in_queue) == &items[0], "first entry");
	ok(stailq_last_entry(&head, struct item, in_queue) == &items[N - 1], "last entry");
	ok(stailq_next(&items[N - 1].in_queue) == NULL, "next of the last");
	ok(stailq_next_entry(&items[0], in_queue) == &items[1], "next entry");
	stailq_reverse(&head);
	contains(&head, "5 4 3 2 1 0");
	int in_order = 1;
	for (int i = N - 1; i > 0; i--)
		in_order &= stailq_shift_entry(&head, struct item, in_queue) == &items[i];
	ok(in_order, "shifted in order");
	contains(&head, "0");
	ok(stailq_shift(&head) == &items[0].in_queue, "the last one");
	contains(&head, "");
	for (int i = 0; i < N; i++)
		stailq_add_entry(&head, &items[i], in_queue);
	contains(&head, "5 4 3 2 1 0");
	struct item *item, *next;
	int expected = N;
	stailq_foreach_entry(item, &head, in_queue)
		expected = item->number == expected - 1 ? item->number : -1;
	is(expected, 0, "foreach_entry");
	stailq_foreach_entry_safe(item, next, &head, in_queue) {
		expected += item->number;
		memset(&item->in_queue, '#', sizeof(item->in_queue));
	}
	is(expected, 15, "foreach_entry_safe");
	check_plan();
	footer();
}

static void
cut_and_join(void)
{
	header();
	plan(18);
	fill(&head, 0, N);
	stailq_cut_tail(&head, NULL, &tail);
	contains(&head, "");
	contains(&tail, "0 1 2 3 4 5");
	stailq_cut_tail(&head, NULL, &tail);
	contains(&head, "");
	contains(&tail, "");
	fill(&head, 0, N);
	stailq_cut_tail(&head, &items[N - 1].in_queue, &tail);
	contains(&head, "0 1 2 3 4 5");
	ok(stailq_empty(&tail), "nothing after the last");
	stailq_concat(&head, &tail);
	contains(&head, "0 1 2 3 4 5");
	stailq_cut_tail(&head, &items[2].in_queue, &tail);
	contains(&head, "0 1 2");
	contains(&tail, "3 4 5");
	stailq_concat(&head, &tail);
	contains(&head, "0 1 2 3 4 5");
	contains(&tail, "");
	stailq_cut_tail(&head, &items[3].in_queue, &tail);
	contains(&head, "0 1 2 3");
	contains(&tail, "4 5");
	stailq_concat(&tail, &head);
	contains(&tail, "4 5 0 1 2 3");
	contains(&head, "");
	stailq_concat(&head, &tail);
	contains(&head, "4 5 0 1 2 3");
	stailq_shift(&head);
	stailq_add_tail(&head, &items[4].in_queue);
	contains(&head, "5 0 1 2 3 4");
	contains(&tail, "");
	check_plan();
	footer();
}

static void
insertion(void)
{
	header();
	plan(4);
	fill(&head, 0, 3);
	stailq_insert_entry(&head, &items[3], &items[1], in_queue);
	contains(&head, "0 1 3 2");
	stailq_insert(&head, &items[4].in_queue, &items[2].in_queue);
	contains(&head, "0 1 3 2 4");
	ok(stailq_last_entry(&head, struct item, in_queue) == &items[4], "the new last");
	stailq_add_tail(&head, &items[5].in_queue);
	contains(&head, "0 1 3 2 4 5");
	check_plan();
	footer();
}

static void
empty_loops(void)
{
	header();
	plan(3);
	struct item *item, *next;
	struct stailq_entry *link;
	int steps = 0;
	stailq_create(&head);
	stailq_foreach(link, &head)
		steps++;
	is(steps, 0, "foreach");
	stailq_foreach_entry(item, &head, in_queue)
		steps++;
	is(steps, 0, "foreach_entry, whose member is not at offset 0");
	stailq_foreach_entry_safe(item, next, &head, in_queue)
		steps++;
	is(steps, 0, "foreach_entry_safe");
	check_plan();
	footer();
}

int
main(void)
{
	for (int i = 0; i < N; i++)
		items[i].number = i;
	plan(4);
	both_ends();
	cut_and_join();
	insertion();
	empty_loops();
	return check_plan();
}
