/* SPDX-License-Identifier: BSD-2-Clause */
/* rlist.h: every function and macro. Header only. */
#include "small/rlist.h"
#include "unit.h"

#include <string.h>

enum { N = 6 };

struct item {
	char padding;
	int number;
	struct rlist link;
};

static struct item items[N];
static RLIST_HEAD(head);
static struct rlist other = RLIST_HEAD_INITIALIZER(other);

/* Empties both lists and puts items first..last-1 into `list`, in order. */
static void
fill(struct rlist *list, int first, int last)
{
	rlist_create(list);
	for (int i = first; i < last; i++)
		rlist_add_tail_entry(list, &items[i], link);
}

/* "0 1 2" for a list with these items, after checking its links. */
static const char *
text(struct rlist *list)
{
	static char result[64];
	int length = 0;
	struct rlist *link;
	result[0] = '\0';
	rlist_foreach(link, list) {
		if (link->next->prev != link || link->prev->next != link)
			return "broken links";
		length += sprintf(result + length, length > 0 ? " %d" : "%d",
				  rlist_entry(link, struct item, link)->number);
	}
	return result;
}

#define contains(list, expected) do { \
	const char *actual_ = text(list); \
	ok(strcmp(actual_, expected) == 0, "%s: \"%s\"", #list, expected); \
	if (strcmp(actual_, expected) != 0) \
		diag("actually \"%s\"", actual_); \
} while (0)

static void
emptiness(void)
{
	header();
	plan(12);
	struct item lone = { 0, 0, RLIST_LINK_INITIALIZER };
	ok(lone.link.prev == NULL && lone.link.next == NULL, "RLIST_LINK_INITIALIZER");
	ok(rlist_empty(&head), "RLIST_HEAD");
	ok(rlist_empty(&other), "RLIST_HEAD_INITIALIZER");
	ok(rlist_first(&head) == &head && rlist_last(&head) == &head, "ends of an empty list");
	ok(rlist_shift(&head) == &head, "shift of an empty list");
	rlist_create(&lone.link);
	ok(rlist_empty(&lone.link), "a detached element");
	rlist_del_entry(&lone, link);
	ok(rlist_empty(&lone.link), "deleted again");
	rlist_add_entry(&head, &lone, link);
	ok(!rlist_empty(&head) && !rlist_empty(&lone.link), "in a list");
	rlist_del(&lone.link);
	ok(rlist_empty(&head) && rlist_empty(&lone.link), "deleted");
	rlist_del(&lone.link);
	ok(rlist_empty(&lone.link), "twice");
	rlist_swap(&head, &other);
	ok(rlist_empty(&head), "swap of empty lists");
	ok(rlist_empty(&other), "swap of empty lists");
	check_plan();
	footer();
}

static void
order(void)
{
	header();
	plan(19);
	fill(&head, 0, 0);
	for (int i = 0; i < N; i++)
		rlist_add_entry(&head, &items[i], link);
	contains(&head, "5 4 3 2 1 0");
	fill(&head, 0, N);
	contains(&head, "0 1 2 3 4 5");
	ok(rlist_first(&head) == &items[0].link, "first");
	ok(rlist_last(&head) == &items[N - 1].link, "last");
	ok(rlist_next(&items[1].link) == &items[2].link, "next");
	ok(rlist_prev(&items[1].link) == &items[0].link, "prev");
	ok(rlist_next(&items[N - 1].link) == &head, "next of the last");
	ok(rlist_first_entry(&head, struct item, link) == &items[0], "first entry");
	ok(rlist_last_entry(&head, struct item, link) == &items[N - 1], "last entry");
	ok(rlist_next_entry(&items[1], link) == &items[2], "next entry");
	ok(rlist_prev_entry(&items[1], link) == &items[0], "prev entry");
	ok(rlist_prev_entry_safe(&items[1], &head, link) == &items[0], "safe prev entry");
	ok(rlist_prev_entry_safe(&items[0], &head, link) == NULL, "safe prev entry of the first");
	ok(rlist_shift_entry(&head, struct item, link) == &items[0], "shift");
	ok(rlist_shift_tail_entry(&head, struct item, link) == &items[N - 1], "shift tail");
	ok(rlist_empty(&items[0].link) && rlist_empty(&items[N - 1].link),
	   "shifted elements are detached");
	contains(&head, "1 2 3 4");
	ok(rlist_shift(&head) == &items[1].link, "shift of a link");
	ok(rlist_shift_tail(&head) == &items[4].link, "shift tail of a link");
	check_plan();
	footer();
}

static void
moves(void)
{
	header();
	plan(19);
	fill(&head, 0, N);
	rlist_create(&other);
	rlist_move_entry(&other, &items[2], link);
	rlist_move_entry(&other, &items[3], link);
	rlist_move_tail_entry(&other, &items[0], link);
	contains(&head, "1 4 5");
	contains(&other, "3 2 0");
	rlist_move(&head, &items[5].link);
	rlist_move_tail(&head, &items[1].link);
	contains(&head, "5 4 1");
	rlist_del_entry(&items[4], link);
	rlist_move_tail(&other, &items[4].link);
	contains(&other, "3 2 0 4");

	rlist_swap(&head, &other);
	contains(&head, "3 2 0 4");
	contains(&other, "5 1");
	fill(&head, 0, 0);
	rlist_swap(&head, &other);
	contains(&head, "5 1");
	contains(&other, "");
	rlist_swap(&head, &other);
	contains(&head, "");
	contains(&other, "5 1");

	fill(&head, 0, 3);
	fill(&other, 3, N);
	rlist_splice(&head, &other);
	contains(&head, "3 4 5 0 1 2");
	contains(&other, "");
	rlist_splice(&head, &other);
	contains(&head, "3 4 5 0 1 2");
	rlist_splice(&other, &head);
	contains(&other, "3 4 5 0 1 2");
	fill(&head, 0, 3);
	fill(&other, 3, N);
	rlist_splice_tail(&head, &other);
	contains(&head, "0 1 2 3 4 5");
	contains(&other, "");
	rlist_splice_tail(&head, &other);
	contains(&head, "0 1 2 3 4 5");
	rlist_splice_tail(&other, &head);
	contains(&other, "0 1 2 3 4 5");
	contains(&head, "");
	check_plan();
	footer();
}

static void
loops(void)
{
	header();
	plan(9);
	fill(&head, 0, N);
	struct item *item, *tmp;
	struct rlist *link;
	int expected = 0;
	rlist_foreach_entry(item, &head, link)
		expected = item->number == expected ? expected + 1 : -1;
	is(expected, N, "foreach_entry");
	rlist_foreach_entry_reverse(item, &head, link)
		expected = item->number == expected - 1 ? expected - 1 : -1;
	is(expected, 0, "foreach_entry_reverse");
	rlist_foreach_reverse(link, &head)
		expected++;
	is(expected, N, "foreach_reverse");

	rlist_foreach_entry_safe(item, &head, link, tmp) {
		if (item->number % 2 == 0) {
			rlist_del_entry(item, link);
			item->link.next = NULL;
		}
	}
	contains(&head, "1 3 5");
	rlist_foreach_entry_safe_reverse(item, &head, link, tmp) {
		expected = expected > item->number ? item->number : -1;
		rlist_del_entry(item, link);
		item->link.prev = NULL;
	}
	is(expected, 1, "foreach_entry_safe_reverse goes backwards");
	contains(&head, "");

	expected = 0;
	rlist_foreach_entry(item, &head, link)
		expected++;
	rlist_foreach_entry_safe(item, &head, link, tmp)
		expected++;
	is(expected, 0, "forwards over an empty list");
	rlist_foreach_entry_reverse(item, &head, link)
		expected++;
	rlist_foreach_entry_safe_reverse(item, &head, link, tmp)
		expected++;
	is(expected, 0, "backwards over an empty list");
	rlist_foreach(link, &head)
		expected++;
	is(expected, 0, "over links");
	check_plan();
	footer();
}

static void
cuts(void)
{
	header();
	plan(10);
	fill(&head, 0, N);
	rlist_create(&other);
	rlist_cut_before(&other, &head, &items[2].link);
	contains(&other, "0 1");
	contains(&head, "2 3 4 5");
	rlist_cut_before(&other, &head, &items[2].link);
	contains(&other, "");
	contains(&head, "2 3 4 5");
	rlist_cut_before(&other, &head, &head);
	contains(&other, "2 3 4 5");
	contains(&head, "");
	rlist_cut_before(&head, &other, &items[5].link);
	contains(&head, "2 3 4");
	contains(&other, "5");
	/* Of what is the first of the destination already, nothing is cut. */
	rlist_cut_before(&head, &other, &items[2].link);
	contains(&head, "");
	contains(&other, "5");
	check_plan();
	footer();
}

int
main(void)
{
	for (int i = 0; i < N; i++)
		items[i].number = i;
	plan(5);
	emptiness();
	order();
	moves();
	loops();
	cuts();
	return check_plan();
}
