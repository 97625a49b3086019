/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Triggers of a fiber: when they run, in what order, on whom, and what becomes of
 * them (spec fiber.md 4.6, 10.3, 10.4, 10.6).
 */
#include "main_fiber.h"

/** Who ran, in order: one letter a trigger or fiber. */
static char journal[64];

static void
write_journal(const char *letter)
{
	strcat(journal, letter);
}

static bool
journal_is(const char *expected)
{
	bool equal = strcmp(journal, expected) == 0;
	journal[0] = '\0';
	return equal;
}

/** What the last on_yield trigger saw. */
static struct {
	struct fiber *current, *caller;
	void *event;
	uint32_t flags;
} seen;

static void
on_yield(struct trigger *t, void *event)
{
	seen.current = fiber();
	seen.caller = fiber()->caller;
	seen.event = event;
	seen.flags = fiber()->flags;
	write_journal((const char *)t->data);
}

static void
on_yield_once(struct trigger *t, void *event)
{
	on_yield(t, event);
	trigger_clear(t);
}

static int
journal_f(va_list ap)
{
	const char *letter = va_arg(ap, const char *);
	write_journal(letter);
	fiber_yield();
	write_journal(letter);
	return 0;
}

static struct trigger
	a = { RLIST_LINK_INITIALIZER, on_yield, (void *)"a", NULL },
	b = { RLIST_LINK_INITIALIZER, on_yield, (void *)"b", NULL };

static void
test_on_yield(void)
{
	header();
	plan(13);
	trigger_add(&fiber()->on_yield, &a);
	trigger_add(&fiber()->on_yield, &b);
	struct fiber *f = fiber_new("f", journal_f);
	fiber_start(f, "1");
	ok(journal_is("ba1"), "they run before a start, the one added last first");
	ok(seen.current == fiber() && seen.event == NULL, "on the starter, without an event");

	fiber_wakeup(f);
	fiber_reschedule();
	ok(journal_is("ba1"), "and before a yield");
	ok(seen.caller == &cord()->sched && seen.flags & FIBER_IS_RUNNING,
	   "which has reset the caller already");
	fiber_sleep(0);
	ok(journal_is("ba"), "a sleep is a yield");
	fiber_set_name(fiber(), "main");
	fiber_wakeup(fiber());
	ok(journal_is(""), "a wakeup is none");

	struct trigger once = { RLIST_LINK_INITIALIZER, on_yield_once, (void *)"o", NULL };
	trigger_clear(&a);
	trigger_add(&fiber()->on_yield, &once);
	trigger_add(&fiber()->on_yield, &a);
	fiber_sleep(0);
	ok(journal_is("aob"), "one that takes itself out");
	fiber_sleep(0);
	ok(journal_is("ab"), "is gone the next time");
	trigger_clear(&a);
	trigger_clear(&b);
	fiber_sleep(0);
	ok(journal_is(""), "nothing runs when all are gone");

	f = fiber_new("f", journal_f);
	trigger_add(&f->on_yield, &a);
	fiber_start(f, "1");
	ok(journal_is("1a"), "a fiber that returns to its starter runs its own");
	ok(seen.current == f && seen.caller == &cord()->sched, "with the caller reset");
	fiber_wakeup(f);
	fiber_reschedule();
	ok(journal_is("1"), "one that ends runs none: its lists are empty by then");

	f = fiber_new("f", journal_f);
	fiber_set_joinable(f, true);
	trigger_add(&f->on_yield, &b);
	fiber_start(f, "1");
	fiber_wakeup(f);
	fiber_join(f);
	ok(journal_is("1b1b"), "a joinable one runs them once more");
	check_plan();
	footer();
}

static struct trigger sched_trigger = {
	RLIST_LINK_INITIALIZER, on_yield, (void *)"s", NULL
};

static void
on_timer(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	write_journal("t");
	fiber_start(fiber_new("f", journal_f), "1");
	write_journal("t");
	fiber_wakeup((struct fiber *)timer->data);
}

static void
test_sched(void)
{
	header();
	plan(1);
	ev_timer timer;
	ev_timer_init(&timer, on_timer, 0, 0);
	timer.data = fiber();
	ev_timer_start(loop(), &timer);
	trigger_add(&cord()->sched.on_yield, &sched_trigger);
	fiber_yield();
	trigger_clear(&sched_trigger);
	ok(journal_is("ts1t"), "the scheduler's run at its fiber_start(), not as it dispatches");
	/* The fiber left behind has to end. */
	struct fiber *f = rlist_first_entry(&cord()->alive, struct fiber, link);
	fiber_wakeup(f);
	fiber_reschedule();
	journal_is("");
	check_plan();
	footer();
}

/* {{{ on_stop */

static struct {
	struct fiber *current, *event;
	bool dead, found, joiner_ready;
	uint32_t fid;
	char name[FIBER_NAME_MAX + 1];
	size_t region_used;
	uint64_t sync;
	int f_ret;
} stopped;

static struct fiber *joiner;

static void
on_stop(struct trigger *t, void *event)
{
	trigger_clear(t);
	struct fiber *f = (struct fiber *)event;
	stopped.current = fiber();
	stopped.event = f;
	stopped.dead = fiber_is_dead(f);
	stopped.found = fiber_find(f->fid) == f;
	stopped.joiner_ready = joiner != NULL && joiner->flags & FIBER_IS_READY;
	stopped.fid = f->fid;
	strcpy(stopped.name, fiber_name(f));
	stopped.region_used = region_used(&f->gc);
	stopped.sync = f->storage.net.sync;
	stopped.f_ret = f->f_ret;
	write_journal((const char *)t->data);
}

static int
stop_f(va_list ap)
{
	struct trigger *first = va_arg(ap, struct trigger *);
	struct trigger *second = va_arg(ap, struct trigger *);
	trigger_add(&fiber()->on_stop, first);
	trigger_add(&fiber()->on_stop, second);
	region_alloc(&fiber()->gc, 77);
	fiber()->storage.net.sync = 1234;
	fiber_yield();
	return 0;
}

static void
test_on_stop(void)
{
	header();
	plan(9);
	struct trigger x, y;
	trigger_create(&x, on_stop, (void *)"x", NULL);
	trigger_create(&y, on_stop, (void *)"y", NULL);
	struct fiber *f = fiber_new("stopping", stop_f);
	uint32_t fid = f->fid;
	joiner = fiber();
	fiber_set_joinable(f, true);
	fiber_start(f, &x, &y);
	ok(journal_is(""), "they do not run before the end");
	fiber_wakeup(f);
	fiber_join(f);
	ok(journal_is("yx"), "then all run, the one added last first");
	ok(stopped.current == f && stopped.event == f, "on the fiber, which is the event");
	ok(stopped.dead && stopped.found, "it is dead, and still found");
	ok(stopped.fid == fid && strcmp(stopped.name, "stopping") == 0,
	   "with its id and name");
	ok(stopped.region_used == 77 && stopped.sync == 1234, "its memory and storage");
	ok(stopped.joiner_ready, "its joiner is awake already");
	joiner = NULL;

	f = fiber_new("by hand", journal_f);
	fiber_on_stop(f);
	ok(journal_is(""), "fiber_on_stop() does nothing without triggers");
	trigger_add(&f->on_stop, &x);
	fiber_on_stop(f);
	ok(journal_is("x") && stopped.event == f && stopped.current == fiber(),
	   "with them it runs them, also for a fiber that lives");
	fiber_start(f, "1");
	fiber_wakeup(f);
	fiber_reschedule();
	journal_is("");
	check_plan();
	footer();
}

/* }}} */

static void
destroy(struct trigger *t)
{
	/* It is in no list any more. */
	if (rlist_empty(&t->link))
		write_journal((const char *)t->data);
}

static void *
abandon_fibers_f(void *arg)
{
	struct trigger *t = (struct trigger *)arg;
	for (int i = 0; i < 4; i++)
		trigger_create(&t[i], on_yield, t[i].data, destroy);
	struct fiber *f = fiber_new("abandoned", yield_once_f);
	trigger_add(&f->on_yield, &t[0]);
	trigger_add(&f->on_yield, &t[1]);
	trigger_add(&f->on_stop, &t[2]);
	trigger_add(&f->on_stop, &t[3]);
	return NULL;
}

static void
test_deletion(void)
{
	header();
	plan(1);
	struct trigger t[4] = {
		{ .data = (void *)"0" }, { .data = (void *)"1" },
		{ .data = (void *)"2" }, { .data = (void *)"3" },
	};
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	fail_if(cord_start(&cord, "abandon", abandon_fibers_f, t) != 0);
	fail_if(cord_join(&cord) != 0);
	ok(journal_is("1032"), "a deleted fiber's are destroyed, not run: yields, then stops");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	test_on_yield();
	test_sched();
	test_on_stop();
	test_deletion();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
