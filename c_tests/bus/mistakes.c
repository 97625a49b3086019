/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mistakes that the reference guards with an assertion, if at all: each ends the program
 * with status 1 and one line that names the function and the rule, in Debug and in Release.
 */
#include "bus.h"
#include "fiber_pool.h"
#include "histogram.h"
#include "../child.h"

static struct cbus_endpoint endpoint;
static struct cpipe pipe_;
static struct fiber_pool pool;
static struct cbus_call_msg call;

enum place { IN_FIBER, ON_SCHEDULER, WITHOUT_BUS };

#define MISTAKE(name, ...) static void name(void) { __VA_ARGS__; }

MISTAKE(init_twice, cbus_init())
MISTAKE(create_endpoint_, create_endpoint(&endpoint, "e"))
MISTAKE(create_pipe, cpipe_create(&pipe_, "e"))
MISTAKE(no_name, cbus_endpoint_create(&endpoint, NULL, fiber_schedule_cb, fiber()))
MISTAKE(no_consumer, cpipe_create(&pipe_, NULL))
MISTAKE(pair_nobody, cbus_pair("e", "nobody", &pipe_, &pipe_, NULL, NULL, NULL))

static void
no_loop(void)
{
	cord()->loop = NULL;
	create_endpoint(&endpoint, "e");
}

static void
no_loop_for_pipe(void)
{
	create_endpoint(&endpoint, "e");
	cord()->loop = NULL;
	cpipe_create(&pipe_, "e");
}

static void
with_pipe(void)
{
	create_endpoint(&endpoint, "e");
	cpipe_create(&pipe_, "e");
}

static int
nothing_f(struct cbus_call_msg *msg)
{
	(void)msg;
	return 0;
}

MISTAKE(call_on_scheduler, with_pipe();
	cbus_call(&pipe_, &pipe_, &call, nothing_f, NULL, 1))
MISTAKE(call_nothing, with_pipe(); cbus_call(&pipe_, &pipe_, &call, NULL, NULL, 1))
MISTAKE(flush_on_scheduler, with_pipe(); cbus_flush(&pipe_, &pipe_, NULL))
MISTAKE(loop_on_scheduler, with_pipe(); cbus_loop(&endpoint))
MISTAKE(destroy_on_scheduler, with_pipe(); cbus_endpoint_destroy(&endpoint, cbus_process))
MISTAKE(unpair_on_scheduler, with_pipe(); cbus_unpair(&pipe_, &pipe_, NULL, NULL, NULL))
MISTAKE(pool_twice, with_pipe(); fiber_pool_create(&pool, "e", 1, 1))
MISTAKE(no_pool_name, fiber_pool_create(&pool, NULL, 1, 1))

static void
no_counter(void)
{
	const char *name = "name";
	rmean_collect(rmean_new(&name, 1), 1, 1);
}

MISTAKE(no_buckets, histogram_new(NULL, 0))

static const struct mistake {
	enum place place;
	void (*make)(void);
	/** What the line begins with. */
	const char *text;
} mistakes[] = {
	{ IN_FIBER, init_twice, "cbus_init: called twice" },
	{ WITHOUT_BUS, create_endpoint_, "cbus_endpoint_create: there is no bus" },
	{ WITHOUT_BUS, create_pipe, "cpipe_create: there is no bus" },
	{ IN_FIBER, no_name, "cbus_endpoint_create: name must not be NULL" },
	{ IN_FIBER, no_consumer, "cpipe_create: name must not be NULL" },
	{ IN_FIBER, no_loop, "cbus_endpoint_create: this cord has no event loop" },
	{ IN_FIBER, no_loop_for_pipe, "cpipe_create: this cord has no event loop" },
	{ IN_FIBER, pair_nobody, "cbus_pair: there is no endpoint 'nobody'" },
	{ IN_FIBER, call_nothing, "cbus_call: func must not be NULL" },
	{ ON_SCHEDULER, call_on_scheduler, "cbus_call: called on the scheduler" },
	{ ON_SCHEDULER, flush_on_scheduler, "cbus_flush: called on the scheduler" },
	{ ON_SCHEDULER, loop_on_scheduler, "cbus_loop: called on the scheduler" },
	{ ON_SCHEDULER, unpair_on_scheduler, "cbus_unpair: called on the scheduler" },
	{ ON_SCHEDULER, destroy_on_scheduler, "cbus_endpoint_destroy: called on the scheduler" },
	{ IN_FIBER, pool_twice, "fiber_pool_create: there is an endpoint 'e' already" },
	{ IN_FIBER, no_pool_name, "fiber_pool_create: name must not be NULL" },
	{ IN_FIBER, no_counter, "rmean_collect: counter 1 of 1" },
	{ IN_FIBER, no_buckets, "histogram_new: there must be a bucket" },
};

static const struct mistake *current;

static int
in_fiber_f(va_list ap)
{
	(void)ap;
	current->make();
	return 0;
}

static int
make_mistake(const void *arg)
{
	current = (const struct mistake *)arg;
	memory_init();
	fiber_init(fiber_c_invoke);
	if (current->place != WITHOUT_BUS)
		cbus_init();
	if (current->place == ON_SCHEDULER) {
		current->make();
		return 0;
	}
	fiber_wakeup(fiber_new("main", in_fiber_f));
	ev_run(loop(), EVRUN_NOWAIT);
	return 0;
}

int
main(void)
{
	header();
	plan(lengthof(mistakes));
	for (size_t i = 0; i < lengthof(mistakes); i++) {
		struct child_end end;
		watch_child(make_mistake, &mistakes[i], &end);
		const char *newline = strchr(end.text, '\n');
		bool named = end.status == EXIT_FAILURE && newline != NULL && newline[1] == '\0' &&
			     strstr(end.text, mistakes[i].text) != NULL;
		ok(named, "%s", mistakes[i].text);
		if (!named)
			fprintf(stderr, "# status %d: %s\n", end.status, end.text);
	}
	footer();
	return check_plan();
}
