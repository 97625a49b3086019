/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber_set_ctx() and fiber_get_ctx() (module/fiber.h). */
#include "../main_fiber.h"

static int
read_f(va_list ap)
{
	(void)ap;
	*(void **)fiber_get_ctx(NULL) = fiber_get_ctx(fiber());
	return 0;
}

static int
read_both_f(va_list ap)
{
	void **argument = va_arg(ap, void **);
	*argument = fiber_get_ctx(NULL);
	return 0;
}

/** Keeps a word across a switch, then takes another one. */
static int
keep_f(va_list ap)
{
	void **seen = va_arg(ap, void **);
	fiber_yield();
	seen[0] = fiber_get_ctx(NULL);
	fiber_set_ctx(NULL, seen);
	fiber_yield();
	return 0;
}

static void *seen_at_end;

static void
look_at_end(struct trigger *trigger, void *event)
{
	seen_at_end = fiber_get_ctx((struct fiber *)event);
	trigger_clear(trigger);
}

static int
with_trigger_f(va_list ap)
{
	(void)ap;
	static struct trigger trigger;
	trigger_create(&trigger, look_at_end, NULL, NULL);
	trigger_add(&fiber()->on_stop, &trigger);
	return 0;
}

/** All 64 bits, in every fiber that there is. */
static bool
words_are_kept(const struct fiber_attr *attr)
{
	enum { FIBERS = 100 };
	struct fiber *fibers[FIBERS];
	bool kept = true;
	for (uintptr_t i = 0; i < FIBERS; i++) {
		fibers[i] = fiber_new_ex("victim", attr, yield_once_f);
		kept &= fiber_get_ctx(fibers[i]) == NULL;
		fiber_set_ctx(fibers[i], (void *)(i * 0x123456789abcdefULL));
	}
	for (uintptr_t i = 0; i < FIBERS; i++) {
		struct fiber *f = fibers[i];
		kept &= fiber_get_ctx(f) == (void *)(i * 0x123456789abcdefULL) &&
			f->flags == attr->flags && f->stack != NULL;
		fiber_start(f);
		kept &= fiber_get_ctx(f) == (void *)(i * 0x123456789abcdefULL);
		fiber_set_ctx(f, (void *)~i);
		fiber_wakeup(f);
	}
	for (uintptr_t i = 0; i < FIBERS; i++)
		kept &= fiber_get_ctx(fibers[i]) == (void *)~i;
	fiber_sleep(0);
	cord_collect_garbage(cord());
	return kept;
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(12);
	void *seen[2] = { NULL, NULL };

	struct fiber *f = fiber_new("woken", read_f);
	ok(fiber_get_ctx(f) == NULL, "a new fiber has none");
	fiber_set_ctx(f, &seen[0]);
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(seen[0] == &seen[0], "a fiber that is woken instead of started gets it");

	struct fiber *again = fiber_new("again", read_both_f);
	ok(again == f && fiber_get_ctx(again) == NULL, "its successor does not");
	fiber_set_ctx(again, &seen[1]);
	fiber_start(again, &seen[0]);
	ok(seen[0] == &seen[1], "it does not disturb the arguments of fiber_start()");

	struct fiber *keeper = fiber_new("keeper", keep_f);
	fiber_start(keeper, seen);
	ok(fiber_get_ctx(keeper) == NULL, "a fiber may run without one");
	fiber_set_ctx(keeper, "changed");
	fiber_wakeup(keeper);
	fiber_sleep(0);
	ok(strcmp((char *)seen[0], "changed") == 0, "it can be changed while the fiber waits");
	ok(fiber_get_ctx(keeper) == seen, "and by the fiber itself");
	fiber_wakeup(keeper);
	fiber_sleep(0);

	f = fiber_new("joinable", with_trigger_f);
	fiber_set_joinable(f, true);
	fiber_set_ctx(f, seen);
	fiber_start(f);
	ok(seen_at_end == seen, "on_stop triggers see it");
	ok(fiber_is_dead(f) && fiber_get_ctx(f) == seen, "a finished fiber has it until joined");
	fiber_join(f);
	ok(fiber_get_ctx(f) == NULL, "and no longer");

	struct fiber_attr attr;
	fiber_attr_create(&attr);
	bool cached = words_are_kept(&attr) && words_are_kept(&attr);
	fiber_attr_setstacksize(&attr, 32 * 1024);
	ok(cached && words_are_kept(&attr) && words_are_kept(&attr), "all bits are kept");
	ok(fiber_get_ctx(&cord()->sched) == NULL, "nothing of it leaks to the scheduler");
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}
