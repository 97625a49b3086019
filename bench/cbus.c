/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages a second between two cords. Uses nothing but the reference's API, so that it
 * can be compiled and linked with either library.
 *
 *     cbus [SECONDS]      for each line; 1 at first
 *
 * With -DBENCH_MODULE it is a module for Debian's `tarantool`, whose cbus is the
 * reference's; compile that with -DNDEBUG, since checks look for the cord where we have it:
 *
 *     tarantool -e "package.cpath = 'DIR/?.so'; require('cbus_bench')"
 *
 * A delivery of a message counts as one, so a round trip is two.
 */
#include "memory.h"
#include "fiber.h"
#include "cbus.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MESSAGES = 4096, BATCH = 1000 };

static struct cbus_endpoint here, there;
static struct cpipe to_there, to_here;
/** With room for a cord that has grown. */
static union {
	struct cord cord;
	char room[65536];
} worker;

static double duration = 1;

static double
now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void
report(const char *name, long long count, double begin)
{
	printf("%-32s %12.0f messages/s\n", name, count / (now() - begin));
	fflush(stdout);
}

static int
worker_f(va_list ap)
{
	(void)ap;
	cbus_endpoint_create(&there, "there", fiber_schedule_cb, fiber_self());
	cpipe_create(&to_here, "here");
	cbus_loop(&there);
	cpipe_destroy(&to_here);
	cbus_endpoint_destroy(&there, cbus_process);
	return 0;
}

/* {{{ Messages go there and back, over and over. */

static struct cmsg messages[MESSAGES];
static long long trips;
static int in_flight;
static double end;

static void
bounce_f(struct cmsg *msg)
{
	(void)msg;
}

static void
home_f(struct cmsg *msg);

static const struct cmsg_hop round_trip[] = {
	{ bounce_f, &to_here },
	{ home_f, NULL },
};

static void
home_f(struct cmsg *msg)
{
	trips++;
	/* The clock is not read for each message. */
	if ((trips & 63) == 0 && now() >= end)
		end = 0;
	if (end == 0) {
		in_flight--;
		return;
	}
	cmsg_init(msg, round_trip);
	cpipe_push(&to_there, msg);
}

static void
bench_round_trips(int count)
{
	trips = 0;
	in_flight = count;
	double begin = now();
	end = begin + duration;
	for (int i = 0; i < count; i++) {
		cmsg_init(&messages[i], round_trip);
		cpipe_push(&to_there, &messages[i]);
	}
	while (in_flight > 0) {
		fiber_yield();
		cbus_process(&here);
	}
	char name[64];
	snprintf(name, sizeof(name), "round trips, %d in flight", count);
	report(name, 2 * trips, begin);
}

/* }}} */

/* {{{ One way */

static long long taken;

static void
take_f(struct cmsg *msg)
{
	(void)msg;
	taken++;
}

static const struct cmsg_hop one_way[] = {
	{ take_f, NULL },
};

static void
bench_one_way(void)
{
	double begin = now();
	long long before = taken;
	while (now() < begin + duration) {
		for (int i = 0; i < BATCH; i++) {
			cmsg_init(&messages[i], one_way);
			cpipe_push(&to_there, &messages[i]);
		}
		cbus_flush(&to_there, &to_here, cbus_process);
	}
	report("one way, batches of 1000", taken - before, begin);
}

/* }}} */

/* {{{ Calls, one after the other */

static int
call_f(struct cbus_call_msg *msg)
{
	(void)msg;
	return 0;
}

static int
caller_f(va_list ap)
{
	struct fiber *loop_fiber = va_arg(ap, struct fiber *);
	long long calls = 0;
	double begin = now();
	while (now() < begin + duration) {
		struct cbus_call_msg msg;
		fiber_set_cancellable(false);
		cbus_call(&to_there, &to_here, &msg, call_f, NULL, TIMEOUT_INFINITY);
		calls++;
	}
	report("calls", 2 * calls, begin);
	fiber_cancel(loop_fiber);
	return 0;
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	cbus_endpoint_create(&here, "here", fiber_schedule_cb, fiber_self());
	if (cord_costart(&worker.cord, "worker", worker_f, NULL) != 0)
		abort();
	cpipe_create(&to_there, "there");
	bench_round_trips(1);
	bench_round_trips(16);
	bench_round_trips(256);
	bench_round_trips(MESSAGES);
	bench_one_way();
	fiber_start(fiber_new("caller", caller_f), fiber_self());
	cbus_loop(&here);
	cbus_stop_loop(&to_there);
	cpipe_destroy(&to_there);
	cord_join(&worker.cord);
	cbus_endpoint_destroy(&here, cbus_process);
#ifndef BENCH_MODULE
	ev_break(loop(), EVBREAK_ALL);
#endif
	return 0;
}

#ifdef BENCH_MODULE

struct lua_State;

int
luaopen_cbus_bench(struct lua_State *state) __attribute__((visibility("default")));

int
luaopen_cbus_bench(struct lua_State *state)
{
	(void)state;
	struct fiber *f = fiber_new("main", main_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	fiber_join(f);
	return 0;
}

#else

int
main(int argc, char **argv)
{
	if (argc > 1)
		duration = atof(argv[1]);
	memory_init();
	fiber_init(fiber_c_invoke);
	cbus_init();
	fiber_wakeup(fiber_new("main", main_f));
	ev_run(loop(), 0);
	cbus_free();
	fiber_free();
	memory_free();
	return 0;
}

#endif /* BENCH_MODULE */
