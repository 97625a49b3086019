/* SPDX-License-Identifier: BSD-2-Clause */
/* Limited rates (spec ipc.md 15.4) and limited records (spec diag.md 10). */
#include "memory.h"
#include "fiber.h"
#include "ratelimit.h"
#include "say.h"
#include "unit.h"

/* The clock of the limited macros is the loop's; a program may bring its own. */
static double now = 1000;

ev_tstamp
ev_monotonic_now(struct ev_loop *l)
{
	(void)l;
	return now;
}

static int emitted, suppressed;

static void
emit(struct ratelimit *rl, double at, int count)
{
	emitted = suppressed = 0;
	for (int i = 0; i < count; i++)
		emitted += ratelimit_check(rl, at, &suppressed);
}

static void
test_limit(void)
{
	header();
	plan(14);
	struct ratelimit rl;
	memset(&rl, 0xff, sizeof(rl));
	ratelimit_create(&rl, 5, 10);
	ok(rl.interval == 5 && rl.burst == 10 && rl.emitted == 0 && rl.suppressed == 0 &&
	   rl.start == 0, "created");
	static struct ratelimit initialised = RATELIMIT_INITIALIZER(5, 10);
	ok(initialised.interval == 5 && initialised.burst == 10 && initialised.start == 0,
	   "initialised");
	is(sizeof(rl), 32, "size");

	emit(&rl, 100, 10);
	ok(emitted == 10 && suppressed == 0, "a burst");
	is(rl.start, 100, "begins an interval");
	emit(&rl, 100, 3);
	ok(emitted == 0 && suppressed == 0, "no more of it");
	is(rl.suppressed, 3, "is counted");
	emit(&rl, 105, 1);
	ok(emitted == 0 && suppressed == 0, "at its end it is not over");
	emit(&rl, 105.001, 1);
	ok(emitted == 1 && suppressed == 4, "just behind it it is");
	is(rl.suppressed, 0, "and what was refused is told once");
	emit(&rl, 200, 1);
	ok(emitted == 1 && suppressed == 0, "nothing was refused");
	emit(&rl, 150, 20);
	ok(emitted == 9 && suppressed == 0, "time that goes back begins nothing");

	int total = 0, total_suppressed = 0;
	for (int i = 0; i < 100; i++) {
		emit(&rl, 1000 + 6 * i, 40);
		total += emitted;
		total_suppressed += suppressed;
	}
	is(total, 1000, "hundred intervals");
	is(total_suppressed, 99 * 30 + 11, "of which the last has not told yet");
	check_plan();
	footer();
}

static void
say_something(int i)
{
	say_warn_ratelimited("message %d", i);
}

static void
test_say(void)
{
	header();
	fflush(stdout);
	for (int i = 1; i <= 15; i++)
		say_something(i);
	now += 5;
	say_something(16);
	now += 0.001;
	say_something(17);
	/* Another place in the code has a limiter of its own. */
	say_ratelimited(S_INFO, "why", "%s", "elsewhere");
	say_ratelimited(S_DEBUG, NULL, "%s", "not enabled");
	footer();
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	test_limit();
	test_say();
	fiber_free();
	memory_free();
	return 0;
}
