/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of a test of the bus, and a cord that serves an endpoint.
 */
#ifndef CORDAGE_TEST_BUS_H_INCLUDED
#define CORDAGE_TEST_BUS_H_INCLUDED

#include "../main_fiber.h"
#include "cbus.h"

static fiber_func bus_test_f;

static int
bus_main_f(va_list ap)
{
	int result = bus_test_f(ap);
	/* The bus's timer is still there. */
	ev_break(loop(), EVBREAK_ALL);
	return result;
}

/** run_main_fiber() with a bus. */
MAYBE_UNUSED static int
run_with_bus(fiber_func test_f)
{
	bus_test_f = test_f;
	memory_init();
	fiber_init(fiber_c_invoke);
	cbus_init();
	struct fiber *main_fiber = fiber_new("main", bus_main_f);
	fiber_set_joinable(main_fiber, true);
	fiber_wakeup(main_fiber);
	ev_run(loop(), 0);
	int result = fiber_join(main_fiber);
	cbus_free();
	fiber_free();
	memory_free();
	return result;
}

/** An endpoint whose messages wake the current fiber. */
MAYBE_UNUSED static void
create_endpoint(struct cbus_endpoint *endpoint, const char *name)
{
	fail_if(cbus_endpoint_create(endpoint, name, fiber_schedule_cb, fiber()) != 0);
}

static int
loop_f(va_list ap)
{
	struct cbus_endpoint *endpoint = va_arg(ap, struct cbus_endpoint *);
	cbus_loop(endpoint);
	return 0;
}

/** A fiber in cbus_loop() of a new endpoint; it may be cancelled, and is to be joined. */
MAYBE_UNUSED static struct fiber *
start_loop_fiber(struct cbus_endpoint *endpoint, const char *name)
{
	struct fiber *f = fiber_new("loop", loop_f);
	fiber_set_joinable(f, true);
	fail_if(cbus_endpoint_create(endpoint, name, fiber_schedule_cb, f) != 0);
	fiber_start(f, endpoint);
	return f;
}

/** The end of both. */
MAYBE_UNUSED static void
stop_loop_fiber(struct fiber *f, struct cbus_endpoint *endpoint)
{
	fiber_cancel(f);
	fiber_join(f);
	cbus_endpoint_destroy(endpoint, cbus_process);
}

/** A cord with an endpoint, and a pipe from there to our endpoint `home`. */
struct server {
	struct cord cord;
	struct cbus_endpoint endpoint;
	/** There to here. */
	struct cpipe back;
	/** Here to there. */
	struct cpipe pipe;
	const char *name, *home;
	/** Atomic: both endpoint and pipe are there. */
	bool ready;
};

static int
server_f(va_list ap)
{
	struct server *server = va_arg(ap, struct server *);
	create_endpoint(&server->endpoint, server->name);
	cpipe_create(&server->back, server->home);
	__atomic_store_n(&server->ready, true, __ATOMIC_RELEASE);
	cbus_loop(&server->endpoint);
	cpipe_destroy(&server->back);
	cbus_endpoint_destroy(&server->endpoint, cbus_process);
	return 0;
}

MAYBE_UNUSED static void
start_server(struct server *server, const char *name, const char *home)
{
	server->name = name;
	server->home = home;
	server->ready = false;
	fail_if(cord_costart(&server->cord, name, server_f, server) != 0);
	cpipe_create(&server->pipe, name);
	while (!__atomic_load_n(&server->ready, __ATOMIC_ACQUIRE))
		usleep(100);
}

MAYBE_UNUSED static void
stop_server(struct server *server)
{
	cbus_stop_loop(&server->pipe);
	cpipe_destroy(&server->pipe);
	fail_if(cord_join(&server->cord) != 0);
}

/* What happened, in a word or a letter each. One cord at a time writes to it. */
static char journal[256];

MAYBE_UNUSED static void
record(const char *what)
{
	strcat(journal, what);
}

/** Whether that is all that happened since the last time. */
MAYBE_UNUSED static bool
journal_is(const char *expected)
{
	bool equal = strcmp(journal, expected) == 0;
	if (!equal)
		fprintf(stderr, "# journal: '%s', expected: '%s'\n", journal, expected);
	journal[0] = '\0';
	return equal;
}

/** Turns of the loop, enough for all that does not depend on other cords. */
MAYBE_UNUSED static void
settle(void)
{
	for (int i = 0; i < 10; i++)
		fiber_sleep(0);
}

/** Milliseconds of nothing but other fibers, even if we are woken. */
MAYBE_UNUSED static void
pause_ms(int ms)
{
	double end = fiber_clock() + ms / 1000.0;
	while (fiber_clock() < end)
		fiber_yield_timeout(end - fiber_clock());
}

#endif /* CORDAGE_TEST_BUS_H_INCLUDED */
