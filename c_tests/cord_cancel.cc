/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cords that pthread_cancel() ends (spec fiber.md 16): in the event loop, in a fiber that
 * blocks or computes, in the function of the cord itself. The process survives, what
 * was on the stack that ran is destroyed, and a join takes care of the rest.
 */
#include <dirent.h>
#include <signal.h>

#include "main_fiber.h"
#include "cordage/arena.h"

/** Set by the cord where it can be cancelled. */
static int reached;
static int destroyed;

static void
reach()
{
	__atomic_store_n(&reached, 1, __ATOMIC_SEQ_CST);
}

/** Something on a stack that must be destroyed. */
struct Guarded {
	~Guarded()
	{
		__atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
	}
};

static int pipe_ends[2];

static int
block_f(va_list)
{
	Guarded guarded;
	reach();
	char byte;
	return read(pipe_ends[0], &byte, 1) == 1 ? 0 : -1;
}

static int
compute_f(va_list)
{
	Guarded guarded;
	reach();
	while (true)
		pthread_testcancel();
	return 0;
}

static int
sleep_f(va_list)
{
	Guarded guarded;
	reach();
	fiber_sleep(1000);
	return 0;
}

/** The fiber that runs is not the first one of its cord, nor started by the loop. */
static int
nested_f(va_list)
{
	Guarded guarded;
	fiber_start(fiber_new("stays", yield_once_f));
	fiber_start(fiber_new("blocks", block_f));
	return 0;
}

/** In a batch, with another fiber behind it. */
static int
batch_f(va_list)
{
	Guarded guarded;
	fiber_wakeup(fiber_new("computes", compute_f));
	fiber_wakeup(fiber_new("next", yield_once_f));
	fiber_sleep(1000);
	return 0;
}

/** Frames of the library lie between the cancellation point and the fiber's bottom. */
static void
block_in_trigger(struct trigger *, void *)
{
	Guarded guarded;
	reach();
	pause();
}

static struct trigger blocking_trigger = {
	RLIST_LINK_INITIALIZER, block_in_trigger, NULL, NULL
};

static int
in_trigger_f(va_list)
{
	trigger_create(&blocking_trigger, block_in_trigger, NULL, NULL);
	trigger_add(&fiber()->on_stop, &blocking_trigger);
	return 0;
}

static int
on_blocked_timer_f(va_list)
{
	Guarded guarded;
	struct ev_timer timer;
	ev_timer_init(&timer, [](ev_loop *, ev_timer *, int) {
		Guarded guarded;
		reach();
		pause();
	}, 0, 0);
	ev_timer_start(loop(), &timer);
	fiber_yield();
	return 0;
}

static int
cancel_fiber(fiber_func f, bool in_loop);

static void
blocking_say(int, const char *, int, const char *, const char *, ...)
{
	reach();
	pause();
}

/** A failure tells the log, where the program may do what it likes. */
static int
in_log_f(va_list)
{
	struct fiber_attr attr;
	return fiber_attr_setstacksize(&attr, 1);
}

static int
cancel_in_log()
{
	sayfunc_t say = _say;
	_say = blocking_say;
	log_level = S_DEBUG;
	int result = cancel_fiber(in_log_f, false);
	log_level = S_INFO;
	_say = say;
	return result;
}

static void *
on_sched_f(void *)
{
	Guarded guarded;
	reach();
	pause();
	return NULL;
}

/** Cancels a cord where it has got to, and joins it. */
static int
cancel_and_join(struct cord *cord, bool in_loop)
{
	while (!__atomic_load_n(&reached, __ATOMIC_SEQ_CST) ||
	       (in_loop && __atomic_load_n(&cord->fiber, __ATOMIC_SEQ_CST) != &cord->sched))
		usleep(100);
	/* Mostly it is in the system call by now; it may be anywhere near. */
	usleep(500);
	if (tt_pthread_cancel(cord->id) != 0)
		return -1;
	return cord_join(cord);
}

static int
cancel_fiber(fiber_func f, bool in_loop)
{
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	reached = destroyed = 0;
	if (cord_costart(&cord, "cancelled", f, NULL) != 0)
		return -1;
	return cancel_and_join(&cord, in_loop);
}

static void
test_places()
{
	header();
	plan(17);
	is(cancel_fiber(sleep_f, true), 0, "in the event loop");
	is(destroyed, 0, "fibers that do not run are not unwound");
	is(cancel_fiber(block_f, false), 0, "in a fiber that blocks");
	is(destroyed, 1, "it is unwound");
	is(cancel_fiber(compute_f, false), 0, "in a fiber that computes");
	is(destroyed, 1, "it is unwound");
	is(cancel_fiber(nested_f, false), 0, "in a fiber that another one has started");
	is(destroyed, 1, "it is unwound, the other is not");
	is(cancel_fiber(batch_f, false), 0, "in a batch of fibers");
	is(destroyed, 1, "the one that runs is unwound");
	is(cancel_fiber(in_trigger_f, false), 0, "in a trigger of a fiber that ends");
	is(destroyed, 1, "it is unwound through the library");
	is(cancel_fiber(on_blocked_timer_f, false), 0, "in a callback of the event loop");
	is(destroyed, 1, "it is unwound through libev");
	is(cancel_in_log(), 0, "in the log, on behalf of a function that fails");

	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	reached = destroyed = 0;
	cord_start(&cord, "cancelled", on_sched_f, NULL);
	is(cancel_and_join(&cord, false), 0, "on the scheduler");
	is(destroyed, 1, "it is unwound");
	check_plan();
	footer();
}

/** As the server does: joined without the library, memory abandoned. */
static void
test_plain_join()
{
	header();
	plan(2);
	static struct cord cord;
	reached = destroyed = 0;
	cord_costart(&cord, "abandoned", block_f, NULL);
	while (!__atomic_load_n(&reached, __ATOMIC_SEQ_CST))
		usleep(100);
	tt_pthread_cancel(cord.id);
	void *result = NULL;
	is(pthread_join(cord.id, &result), 0, "pthread_join() works, too");
	ok(result == PTHREAD_CANCELED && destroyed == 1 && cord.fiber->fid == 101,
	   "it tells the cancel, and the cord the fiber");
	check_plan();
	footer();
}

static void
measure(int *descriptors, int *mappings, size_t *blocks)
{
	*descriptors = *mappings = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (readdir(dir) != NULL)
		++*descriptors;
	closedir(dir);
	FILE *maps = fopen("/proc/self/maps", "r");
	for (int c; (c = getc(maps)) != EOF;)
		*mappings += c == '\n';
	fclose(maps);
	struct cordage_arena_stats stats;
	cordage_arena_stats(&runtime, &stats);
	*blocks = stats.in_use;
}

static void
test_growth()
{
	header();
	plan(4);
	static const fiber_func places[] = { sleep_f, block_f, compute_f, nested_f };
	int descriptors[2], mappings[2], wrong = 0;
	size_t blocks[2];
	for (size_t i = 0; i < 8; i++)
		wrong += cancel_fiber(places[i % lengthof(places)], false);
	measure(&descriptors[0], &mappings[0], &blocks[0]);
	for (size_t i = 0; i < 100; i++)
		wrong += cancel_fiber(places[i % lengthof(places)], false);
	measure(&descriptors[1], &mappings[1], &blocks[1]);
	is(wrong, 0, "a hundred cords are cancelled and joined");
	is(descriptors[0], descriptors[1], "no descriptor is left");
	ok(mappings[1] <= mappings[0] + 4, "nor a mapping");
	is(blocks[0], blocks[1], "nor a block of the arena");
	check_plan();
	footer();
}

static int
main_f(va_list)
{
	header();
	plan(3);
	test_places();
	test_plain_join();
	test_growth();
	footer();
	return check_plan();
}

int
main()
{
	if (pipe(pipe_ends) != 0)
		return EXIT_FAILURE;
	return run_main_fiber(main_f, fiber_cxx_invoke);
}
