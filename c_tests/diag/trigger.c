/* SPDX-License-Identifier: BSD-2-Clause */
/* Triggers, from C (spec diag.md 7). */
#include "memory.h"
#include "fiber.h"
#include "trigger.h"
#include "unit.h"

/* What ran, in order: one letter for each trigger, which is its data. */
static char trace[64];

static void
note_run(struct trigger *trigger, void *event)
{
	(void)event;
	strncat(trace, (const char *)trigger->data, 1);
}

static void
clear_self(struct trigger *trigger, void *event)
{
	note_run(trigger, event);
	trigger_clear(trigger);
}

/* The event is the trigger to be cleared. */
static void
clear_other(struct trigger *trigger, void *event)
{
	note_run(trigger, event);
	trigger_clear((struct trigger *)event);
}

/* The event is an array of triggers to be cleared and freed, up to a NULL. */
static void
free_others(struct trigger *trigger, void *event)
{
	note_run(trigger, NULL);
	for (struct trigger **gone = (struct trigger **)event; *gone != NULL; gone++) {
		trigger_clear(*gone);
		free(*gone);
	}
}

static struct trigger added;
static struct rlist *list_of_added;

static void
add_another(struct trigger *trigger, void *event)
{
	note_run(trigger, event);
	trigger_create(&added, note_run, "+", NULL);
	trigger_add(list_of_added, &added);
}

static void
set_diag(struct trigger *trigger, void *event)
{
	note_run(trigger, event);
	diag_set(IllegalParams, "not a failure of the run");
}

static int
run(struct rlist *list, void *event)
{
	trace[0] = '\0';
	return trigger_run(list, event);
}

static void
free_trigger(struct trigger *trigger)
{
	note_run(trigger, NULL);
	free(trigger);
}

static void
test_run(void)
{
	header();
	plan(17);
	RLIST_HEAD(list);
	is(run(&list, NULL), 0, "an empty list");

	struct trigger a, b, c;
	trigger_create(&a, note_run, "a", NULL);
	trigger_create(&b, note_run, "b", NULL);
	trigger_create(&c, note_run, "c", NULL);
	trigger_add(&list, &a);
	trigger_add(&list, &b);
	trigger_add(&list, &c);
	ok(run(&list, NULL) == 0 && strcmp(trace, "cba") == 0, "the last added comes first");
	ok(run(&list, NULL) == 0 && strcmp(trace, "cba") == 0, "and the list stays");

	b.run = clear_self;
	ok(run(&list, NULL) == 0 && strcmp(trace, "cba") == 0, "one takes itself out");
	ok(run(&list, NULL) == 0 && strcmp(trace, "ca") == 0, "and is gone");
	trigger_clear(&b);
	ok(rlist_empty(&b.link), "taking it out twice does no harm");

	a.run = clear_other;
	ok(run(&list, &c) == 0 && strcmp(trace, "ca") == 0, "one takes out an earlier one");
	is(run(&list, &a), 0, "itself, as an event");
	ok(strcmp(trace, "a") == 0 && rlist_empty(&list), "the list is empty");

	trigger_create(&a, note_run, "a", NULL);
	trigger_create(&b, note_run, "b", NULL);
	trigger_create(&c, clear_other, "c", NULL);
	trigger_add(&list, &a);
	trigger_add(&list, &b);
	trigger_add(&list, &c);
	ok(run(&list, &a) == 0 && strcmp(trace, "cb") == 0, "one takes out the one after next");

	list_of_added = &list;
	trigger_clear(&c);
	b.run = add_another;
	ok(run(&list, NULL) == 0 && strcmp(trace, "b") == 0, "one adds another");
	b.run = note_run;
	ok(run(&list, NULL) == 0 && strcmp(trace, "+b") == 0, "which runs the next time");
	trigger_clear(&added);

	b.run = set_diag;
	diag_clear(diag_get());
	is(run(&list, NULL), 0, "an error in the area is no failure");
	ok(!diag_is_empty(diag_get()), "and stays there");
	diag_clear(diag_get());
	trigger_clear(&b);

	static struct trigger initialised = { RLIST_LINK_INITIALIZER, note_run, "i", NULL };
	trigger_add(&list, &initialised);
	ok(run(&list, NULL) == 0 && strcmp(trace, "i") == 0, "a static initialiser");

	/* Same function and same data: not added again. Other data: added. */
	struct trigger same = initialised;
	trigger_add_unique(&list, &same);
	run(&list, NULL);
	is(strcmp(trace, "i"), 0, "unique");
	same.data = "j";
	trigger_add_unique(&list, &same);
	run(&list, NULL);
	is(strcmp(trace, "ji"), 0, "not the same");
	check_plan();
	footer();
}

/* Makes triggers on the heap, called a, b, c, ... and run in that order. */
static void
add_many(struct rlist *list, struct trigger *triggers[], int count)
{
	for (int i = count - 1; i >= 0; i--) {
		triggers[i] = xmalloc(sizeof(*triggers[i]));
		trigger_create(triggers[i], note_run, (void *)&"abcdef"[i], free_trigger);
		trigger_add(list, triggers[i]);
	}
}

/* In the reference a run never ends when the next trigger is gone. */
static void
test_others_gone(void)
{
	header();
	plan(5);
	RLIST_HEAD(list);
	struct trigger *t[6];

	add_many(&list, t, 4);
	t[1]->run = free_others;
	ok(run(&list, (struct trigger *[]){ t[2], NULL }) == 0 && strcmp(trace, "abd") == 0,
	   "one takes out the next");
	trigger_destroy(&list);

	add_many(&list, t, 3);
	t[1]->run = free_others;
	ok(run(&list, (struct trigger *[]){ t[2], NULL }) == 0 && strcmp(trace, "ab") == 0,
	   "which is the last");
	trigger_destroy(&list);

	add_many(&list, t, 5);
	t[0]->run = free_others;
	ok(run(&list, (struct trigger *[]){ t[1], t[2], t[3], NULL }) == 0 &&
	   strcmp(trace, "ae") == 0, "the next three");
	trigger_destroy(&list);

	add_many(&list, t, 4);
	t[1]->run = free_others;
	ok(run(&list, (struct trigger *[]){ t[0], t[1], t[2], NULL }) == 0 &&
	   strcmp(trace, "abd") == 0, "itself and its neighbours");
	trigger_destroy(&list);

	add_many(&list, t, 3);
	t[0]->run = free_others;
	ok(run(&list, (struct trigger *[]){ t[0], t[1], t[2], NULL }) == 0 &&
	   strcmp(trace, "a") == 0 && rlist_empty(&list), "all");
	check_plan();
	footer();
}

static void
test_destroy(void)
{
	header();
	plan(3);
	RLIST_HEAD(list);
	struct trigger kept;
	trigger_create(&kept, note_run, "k", NULL);
	trigger_add(&list, &kept);
	for (const char *name = "ab"; *name != '\0'; name++) {
		struct trigger *trigger = xmalloc(sizeof(*trigger));
		trigger_create(trigger, note_run, (void *)name, free_trigger);
		trigger_add(&list, trigger);
	}
	trace[0] = '\0';
	trigger_destroy(&list);
	ok(rlist_empty(&list), "nothing left");
	is(strcmp(trace, "ba"), 0, "destroyed from the last added on");
	ok(rlist_empty(&kept.link), "one without a destructor is only taken out");
	check_plan();
	footer();
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	test_run();
	test_others_gone();
	test_destroy();
	fiber_free();
	memory_free();
	return 0;
}
