/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The main cord from fiber_init() to fiber_free(): when ev_run() starts and stops running
 * fibers (spec fiber.md 4.5, 15, 17).
 *
 * This program brings no cord_on_yield(); fiber_hook.c does.
 */
#include "main_fiber.h"

extern pthread_t main_thread_id;

static int runs;

static int
count_runs_f(va_list ap)
{
	(void)ap;
	while (true) {
		runs++;
		fiber_yield();
	}
	return 0;
}

static int
wake_chain_f(va_list ap)
{
	(void)ap;
	static int generation;
	if (++generation < 50)
		fiber_wakeup(fiber_new("next", wake_chain_f));
	runs++;
	return 0;
}

static int
reschedule_f(va_list ap)
{
	(void)ap;
	for (int i = 0; i < 100; i++)
		fiber_reschedule();
	runs++;
	return 0;
}

static int
break_f(va_list ap)
{
	(void)ap;
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

static void
never(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	abort();
}

static void
test_ev_run(void)
{
	header();
	plan(8);
	ev_run(loop(), 0);
	ok(true, "without watchers and ready fibers ev_run() returns at once");

	struct fiber *f = fiber_new("counts", count_runs_f);
	struct fiber *idle = fiber_new("never woken", count_runs_f);
	fiber_wakeup(f);
	is(runs, 0, "a wakeup runs nothing");
	ev_run(loop(), 0);
	is(runs, 1, "ev_run() runs what is ready, without any watcher");
	ok(idle->csw == 0 && live_fibers() == 2, "and returns although there are fibers");
	fiber_wakeup(f);
	ev_run(loop(), EVRUN_NOWAIT);
	is(runs, 2, "so does one turn of it");

	runs = 0;
	fiber_wakeup(fiber_new("chain", wake_chain_f));
	fiber_wakeup(fiber_new("reschedules", reschedule_f));
	ev_run(loop(), 0);
	is(runs, 51, "it returns when everything that can run has run");

	ev_timer timer;
	ev_timer_init(&timer, never, 3600, 0);
	ev_timer_start(loop(), &timer);
	runs = 0;
	fiber_wakeup(fiber_new("breaks", break_f));
	fiber_wakeup(f);
	ev_run(loop(), 0);
	is(runs, 1, "ev_break() ends it, after the batch");
	ev_timer_stop(loop(), &timer);
	/* fiber_free() deletes both. */
	ok(!fiber_is_dead(f) && !fiber_is_dead(idle), "fibers may be left");
	check_plan();
	footer();
}

static int foreign_cord = -1;

static void *
no_cord_f(void *arg)
{
	(void)arg;
	foreign_cord = cord_is_main() || cord_ptr != NULL;
	return NULL;
}

int
main(void)
{
	header();
	plan(9);
	ok(cord_ptr == NULL && !cord_is_main(), "before fiber_init() there is no cord");
	memory_init();
	fiber_init(fiber_c_invoke);
	ok(cord_is_main() && strcmp(cord_name(cord()), "main") == 0, "then the main cord");
	ok(pthread_equal(main_thread_id, pthread_self()) && pthread_equal(cord()->id, pthread_self()),
	   "of this thread");
	ok(fiber() == &cord()->sched && fiber_self() == fiber(), "on its scheduler");
	is(fiber()->flags, FIBER_IS_RUNNING, "which runs");
	ok(loop() == ev_default_loop(0), "its loop is the default one");
	ok(cord_slab_cache() == &cord()->slabc && !fiber_checkstack(), "and so on");

	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, no_cord_f, NULL) != 0);
	pthread_join(thread, NULL);
	is(foreign_cord, 0, "another thread has no cord");

	test_ev_run();
	fiber_free();
	memory_free();
	footer();
	return check_plan();
}
