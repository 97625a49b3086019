/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs next (spec fiber.md 4): the ready list, batches, the chain of callers, and
 * the scheduler between fibers and the event loop.
 */
#include "main_fiber.h"
#include "fiber_cond.h"

/** Who ran, in order: one letter a run. */
static char journal[256];

static void
write_journal(const char *letters)
{
	strcat(journal, letters);
}

static bool
journal_is(const char *expected)
{
	bool equal = strcmp(journal, expected) == 0;
	if (!equal)
		fprintf(stderr, "# journal: %s, expected: %s\n", journal, expected);
	journal[0] = '\0';
	return equal;
}

/** Writes its letter at each run; after it the letters to wake others by. */
static struct fiber *by_letter[128];

static int
runner_f(va_list ap)
{
	const char *letter = va_arg(ap, const char *);
	const char *wakes = va_arg(ap, const char *);
	fiber_yield();
	write_journal(letter);
	for (; *wakes != '\0'; wakes++)
		fiber_wakeup(by_letter[(int)*wakes]);
	fiber_yield();
	write_journal(letter);
	return 0;
}

/** A fiber that sleeps until woken, then wakes others, then ends at the next wakeup. */
static struct fiber *
runner(const char *letter, const char *wakes)
{
	struct fiber *f = fiber_new(letter, runner_f);
	by_letter[(int)*letter] = f;
	fiber_start(f, letter, wakes);
	return f;
}

static void
wake(const char *letters)
{
	for (; *letters != '\0'; letters++)
		fiber_wakeup(by_letter[(int)*letters]);
}

static void
test_fifo(void)
{
	header();
	plan(5);
	runner("a", "");
	runner("b", "");
	runner("c", "");
	wake("bacb");
	fiber_reschedule();
	ok(journal_is("bac"), "fibers run in the order of their first wakeups");

	wake("cab");
	fiber_reschedule();
	ok(journal_is("cab"), "whatever it is");

	/* a, in a batch, wakes d and e; they come after the batch, before us. */
	runner("a", "de");
	runner("b", "");
	runner("d", "f");
	runner("e", "");
	runner("f", "");
	wake("ab");
	fiber_reschedule();
	ok(journal_is("ab"), "what the batch wakes is not part of it");
	fiber_reschedule();
	ok(journal_is("de"), "but of the next one");
	wake("abde");
	fiber_reschedule();
	wake("f");
	fiber_reschedule();
	ok(journal_is("fabdef"), "and so on");
	check_plan();
	footer();
}

static int iterations;

static void
count_iteration(ev_loop *loop, ev_prepare *prepare, int events)
{
	(void)loop;
	(void)prepare;
	(void)events;
	iterations++;
}

static void
write_timer(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	write_journal((const char *)timer->data);
}

static void
test_loop_turns(void)
{
	header();
	plan(6);
	ev_prepare prepare;
	ev_prepare_init(&prepare, count_iteration);
	ev_prepare_start(loop(), &prepare);
	ev_timer timer;
	ev_timer_init(&timer, write_timer, 0, 0);
	timer.data = (void *)"t";
	ev_timer_start(loop(), &timer);

	iterations = 0;
	for (int i = 0; i < 1000; i++)
		fiber_reschedule();
	is(iterations, 0, "a thousand reschedules never let the loop turn");
	ok(journal_is(""), "so a timer that is due waits");
	fiber_sleep(0);
	is(iterations, 1, "a sleep of 0 is one turn");
	ok(journal_is("t"), "which runs the timer");

	runner("a", "b");
	runner("b", "c");
	runner("c", "d");
	runner("d", "");
	ev_timer_start(loop(), &timer);
	iterations = 0;
	wake("a");
	fiber_sleep(0);
	ok(journal_is("abcdt"), "whatever becomes ready runs before the loop turns");
	is(iterations, 1, "once");
	wake("abcd");
	fiber_sleep(0);
	journal_is("abcd");
	ev_prepare_stop(loop(), &prepare);
	check_plan();
	footer();
}

static void
wake_one(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	struct fiber *f = (struct fiber *)timer->data;
	write_journal(f->name[0] == 'x' ? "A" : "B");
	fiber_wakeup(f);
}

static void
test_callbacks(void)
{
	header();
	plan(3);
	ev_timer a, b;
	ev_timer_init(&a, wake_one, 0.01, 0);
	ev_timer_init(&b, wake_one, 0.01, 0);
	a.data = runner("x", "z");
	b.data = runner("y", "");
	runner("z", "");
	ev_timer_start(loop(), &a);
	ev_timer_start(loop(), &b);
	usleep(20000);
	fiber_sleep(0.03);
	ok(journal_is("AxzBy"), "what a callback wakes runs before the next callback");
	wake("xyz");
	fiber_sleep(0);
	journal_is("xyz");

	/* fiber_schedule_cb() with any watcher. */
	ev_timer timer;
	ev_timer_init(&timer, NULL, 0, 0);
	ev_set_cb(&timer, (void (*)(ev_loop *, ev_timer *, int))fiber_schedule_cb);
	timer.data = runner("i", "");
	ev_timer_start(loop(), &timer);
	fiber_sleep(0);
	ok(journal_is("i"), "a ready-made callback wakes the fiber of its watcher");
	ok(!ev_is_active(&cord()->idle_event), "no idle watcher stays behind a sleep");
	wake("i");
	fiber_sleep(0);
	journal_is("i");
	check_plan();
	footer();
}

static int
polling_f(va_list ap)
{
	const char *letter = va_arg(ap, const char *);
	const char *wakes = va_arg(ap, const char *);
	fiber_sleep(0);
	write_journal(letter);
	wake(wakes);
	fiber_sleep(0);
	write_journal(letter);
	return 0;
}

/** Each sleeper has a timer of its own, to all appearances. */
static void
test_sleepers(void)
{
	header();
	plan(3);
	runner("x", "y");
	runner("y", "");
	fiber_start(fiber_new("a", polling_f), "a", "x");
	fiber_start(fiber_new("b", polling_f), "b", "");
	fiber_sleep(0);
	ok(journal_is("axyb"), "what a sleep of 0 lets run runs before the next sleeper");
	fiber_sleep(0);
	ok(journal_is("ab"), "a new sleep of 0 takes another turn of the loop");
	wake("xy");
	fiber_reschedule();
	journal_is("xy");

	struct fiber *early = fiber_new("c", polling_f);
	fiber_start(early, "c", "");
	fiber_wakeup(early);
	fiber_reschedule();
	ok(journal_is("c"), "a wakeup ends it early");
	fiber_sleep(0);
	journal_is("c");
	check_plan();
	footer();
}

static int
nested_f(va_list ap)
{
	int depth = va_arg(ap, int);
	const char *name = &"0\0001\0002\0003"[2 * depth];
	write_journal(name);
	if (depth < 3)
		fiber_start(by_letter['1' + depth], depth + 1);
	write_journal(name);
	fiber_yield();
	write_journal(name);
	/* See the order of the wakeups below. */
	static const char next[] = { '3', 'm', '0', '1' };
	return fiber()->caller == by_letter[(int)next[depth]] ? 0 : -1;
}

static int
queued_f(va_list ap)
{
	struct fiber_cond *cond = va_arg(ap, struct fiber_cond *);
	fiber_cond_wait(cond);
	write_journal("q");
	fiber_cond_wait(cond);
	write_journal("q");
	return 0;
}

static void
test_nesting(void)
{
	header();
	plan(9);
	int results = 0;
	for (int depth = 0; depth < 4; depth++) {
		by_letter['0' + depth] = fiber_new("nested", nested_f);
		fiber_set_joinable(by_letter['0' + depth], true);
	}
	by_letter['m'] = fiber();
	fiber_start(by_letter['0'], 0);
	ok(journal_is("01233210"), "a started fiber yields to its starter");
	wake("2031");
	fiber_reschedule();
	ok(journal_is("2031"), "later it passes on to the next of its batch");
	for (int depth = 0; depth < 4; depth++)
		results += fiber_join(by_letter['0' + depth]);
	is(results, 0, "their callers are the batch, with us as the last");

	/* A sleeper, a fiber in a queue, and one that is ready. */
	struct fiber *sleeper = fiber_new("s", polling_f);
	fiber_start(sleeper, "s", "");
	fiber_call(sleeper);
	ok(journal_is("s"), "a sleeper can be called, and sleeps again");
	fiber_sleep(0);
	ok(journal_is("s"), "until the loop has polled");
	struct fiber_cond cond;
	fiber_cond_create(&cond);
	by_letter['q'] = fiber_new("q", queued_f);
	fiber_start(by_letter['q'], &cond);
	fiber_call(by_letter['q']);
	ok(journal_is("q") && cond.waiters.next == &by_letter['q']->state &&
	   cond.waiters.prev == &by_letter['q']->state, "so can a fiber in a queue");
	fiber_call(by_letter['q']);
	runner("r", "");
	wake("r");
	fiber_call(by_letter['r']);
	ok(journal_is("qr") && rlist_empty(&cord()->ready), "or on the ready list");
	wake("r");
	fiber_reschedule();
	journal_is("r");

	/* Called while it waits, a fiber comes back to whoever called it. */
	runner("a", "");
	fiber_call(by_letter['a']);
	ok(journal_is("a"), "fiber_call() runs a fiber at once");
	fiber_call(by_letter['a']);
	ok(journal_is("a") && fiber_is_dead(by_letter['a']), "up to its end");
	check_plan();
	footer();
}

static int
insert_f(va_list ap)
{
	struct fiber *parked = va_arg(ap, struct fiber *);
	bool *last_of_batch = va_arg(ap, bool *);
	fiber_yield();
	write_journal("f");
	*last_of_batch = fiber()->caller == &cord()->sched;
	/* As the fiber pool does. */
	parked->flags |= FIBER_IS_READY;
	fiber()->caller = parked;
	runner("n", "");
	wake("n");
	fiber_yield();
	return 0;
}

static void
test_chain(void)
{
	header();
	plan(5);
	bool last_of_batch = false;
	struct fiber *parked = runner("p", "");
	struct fiber *f = fiber_new("insert", insert_f);
	fiber_start(f, parked, &last_of_batch);
	runner("a", "");
	wake("a");
	fiber_wakeup(f);
	fiber_wakeup(f);
	ok(!rlist_empty(&cord()->ready), "two are ready");
	fiber_sleep(0);
	ok(last_of_batch, "the last one of a batch yields to the scheduler");
	ok(journal_is("afpn"), "unless a fiber puts another one there");
	is(parked->flags & (FIBER_IS_READY | FIBER_IS_RUNNING), 0, "which then has yielded");
	ok(rlist_empty(&parked->state), "and is in no list");
	wake("apn");
	fiber_wakeup(f);
	fiber_sleep(0);
	journal_is("apn");
	check_plan();
	footer();
}

/** A fiber that dies in a batch before others; and one that leaves the ready list. */
static int
die_ready_f(va_list ap)
{
	(void)ap;
	fiber_yield();
	write_journal("d");
	fiber()->state.next = fiber()->state.prev = &fiber()->state;
	return 0;
}

static void
test_death_in_batch(void)
{
	header();
	plan(2);
	struct fiber *d = fiber_new("d", die_ready_f);
	fiber_start(d);
	runner("a", "");
	runner("b", "");
	wake("a");
	fiber_wakeup(d);
	wake("b");
	fiber_reschedule();
	ok(journal_is("adb"), "a fiber that ends passes on to the next of its batch");
	wake("ab");
	fiber_reschedule();
	ok(journal_is("ab"), "the batch is intact");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(7);
	test_fifo();
	test_loop_turns();
	test_callbacks();
	test_sleepers();
	test_nesting();
	test_chain();
	test_death_in_batch();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
