/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fiber from its creation to its death: ids, names, flags, arguments (spec fiber.md
 * 5, 7, 9, 10.1, 10.3).
 */
#include "main_fiber.h"

enum { DEFAULT = FIBER_DEFAULT_FLAGS };

static void
test_ids(void)
{
	header();
	plan(7);
	is(fiber()->fid, 101, "the first fiber of a cord is 101");
	struct fiber *a = fiber_new("a", return_0_f);
	struct fiber *b = fiber_new("b", return_0_f);
	is(a->fid, 102, "ids are consecutive");
	is(b->fid, 103, "in the order of creation");

	struct fiber_attr too_small = { 4096, DEFAULT | FIBER_CUSTOM_STACK };
	ok(fiber_new_ex("none", &too_small, return_0_f) == NULL, "a creation fails");
	is(cord()->max_fid, 103, "a failed creation takes no id");
	struct fiber *c = fiber_new("c", return_0_f);
	is(c->fid, 104, "the next one takes it");
	is(cord()->sched.fid, 1, "the scheduler is 1");

	fiber_start(a);
	fiber_start(b);
	fiber_start(c);
	check_plan();
	footer();
}

static void
test_id_wrap(void)
{
	header();
	plan(3);
	uint32_t max_fid = cord()->max_fid;
	cord()->max_fid = UINT32_MAX - 1;
	struct fiber *last = fiber_new("last", return_0_f);
	is(last->fid, UINT32_MAX, "the last id of all");
	fiber_start(last);
	struct fiber *wrapped = fiber_new("wrapped", return_0_f);
	is(wrapped->fid, 101, "after it come 101 and so on, not 0");
	ok(fiber_find(101) == wrapped, "an id used twice finds the newer fiber");
	fiber_start(wrapped);
	cord()->max_fid = max_fid;
	check_plan();
	footer();
}

static void
test_names(void)
{
	header();
	plan(9);
	static const char *const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
	ok(strcmp(fiber_name(fiber()), "main") == 0, "the name it was created with");
	ok(strcmp(cord_name(cord()), "main") == 0, "the main cord is called main");
	ok(strcmp(fiber_name(&cord()->sched), "sched") == 0, "its scheduler sched");

	struct fiber *f = fiber_new(alphabet, return_0_f);
	is(strlen(fiber_name(f)), 32, "a long name is cut to 32 characters");
	ok(strncmp(fiber_name(f), alphabet, 32) == 0, "the first ones");
	fiber_set_name(f, "");
	ok(*fiber_name(f) == '\0', "a name may be empty");
	fiber_set_name(f, alphabet + 4);
	ok(strcmp(fiber_name(f), alphabet + 4) == 0, "32 characters fit");
	char name[] = "changes";
	fiber_set_name(f, name);
	name[0] = 'C';
	ok(strcmp(fiber_name(f), "changes") == 0, "the name is copied");
	fiber_start(f);
	ok(*f->name == '\0', "a recycled fiber has no name");
	check_plan();
	footer();
}

/* {{{ Flags */

/** What a fiber sees of the flags while it runs, at its yields and after its end. */
static struct {
	uint32_t running;
	uint32_t caller;
	uint32_t rescheduling;
	uint32_t while_others_run;
	uint32_t on_stop;
} seen;

static void
see_rescheduling(struct trigger *t, void *event)
{
	(void)event;
	seen.rescheduling = fiber()->flags;
	trigger_clear(t);
}

static void
see_on_stop(struct trigger *t, void *event)
{
	seen.on_stop = ((struct fiber *)event)->flags;
	trigger_clear(t);
}

static struct trigger
	rescheduling_trigger = { RLIST_LINK_INITIALIZER, see_rescheduling, NULL, NULL },
	on_stop_trigger = { RLIST_LINK_INITIALIZER, see_on_stop, NULL, NULL };

static int
watched_f(va_list ap)
{
	struct fiber *caller = va_arg(ap, struct fiber *);
	seen.running = fiber()->flags;
	seen.caller = caller->flags;
	fiber_yield();
	trigger_add(&fiber()->on_yield, &rescheduling_trigger);
	fiber_reschedule();
	trigger_add(&fiber()->on_stop, &on_stop_trigger);
	return 0;
}

static int
observer_f(va_list ap)
{
	struct fiber *watched = va_arg(ap, struct fiber *);
	fiber_yield();
	seen.while_others_run = watched->flags;
	return 0;
}

static void
test_flags(void)
{
	header();
	plan(17);
	is(FIBER_DEFAULT_FLAGS, 0x01, "by default a fiber is cancellable");
	struct fiber_attr attr;
	fiber_attr_create(&attr);
	attr.flags = 0;
	struct fiber *plain = fiber_new_ex("plain", &attr, return_0_f);
	is(plain->flags, 0, "the flags of a new fiber are those asked for");
	fiber_start(plain);
	is(plain->flags, FIBER_IS_DEAD, "recycling changes none of them");
	ok(fiber_is_dead(plain), "a cached fiber is dead");

	struct fiber *observer = fiber_new("observer", observer_f);
	ok(observer == plain && observer->flags == DEFAULT,
	   "a reused fiber has nothing of its former flags");
	struct fiber *f = fiber_new("watched", watched_f);
	fiber_start(observer, f);
	is(f->flags, DEFAULT, "created, not started");
	fiber_set_joinable(f, true);
	is(f->flags, DEFAULT | FIBER_IS_JOINABLE, "joinable");
	fiber_start(f, fiber());
	is(seen.running, DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_RUNNING, "running");
	is(seen.caller, DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_READY,
	   "its caller is ready, not running");
	is(f->flags, DEFAULT | FIBER_IS_JOINABLE, "after a yield, neither");
	is(fiber()->flags, DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_RUNNING,
	   "the caller is back");
	fiber_wakeup(f);
	is(f->flags, DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_READY, "woken");
	fiber_wakeup(observer);
	fiber_join(f);
	is(seen.rescheduling,
	   DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_READY | FIBER_IS_RUNNING,
	   "rescheduling: ready while it still runs");
	is(seen.while_others_run, DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_READY,
	   "rescheduled: not running");
	is(seen.on_stop, DEFAULT | FIBER_IS_JOINABLE | FIBER_IS_DEAD | FIBER_IS_RUNNING,
	   "dead, and running until its last yield");
	is(f->flags, DEFAULT | FIBER_IS_DEAD, "joined: not joinable any more");

	struct fiber_attr joinable = { 524288, DEFAULT | FIBER_IS_JOINABLE };
	f = fiber_new_ex("joinable", &joinable, return_0_f);
	fiber_wakeup(f);
	ok(fiber_join(f) == 0, "an attribute can make it joinable");
	check_plan();
	footer();
}

static uint32_t sched_flags[2];

static void
on_timer(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	sched_flags[0] = fiber()->flags;
	struct fiber *main_fiber = (struct fiber *)timer->data;
	fiber_wakeup(main_fiber);
}

static int
see_sched_f(va_list ap)
{
	(void)ap;
	sched_flags[1] = cord()->sched.flags;
	return 0;
}

static void
start_from_sched(ev_loop *loop, ev_timer *timer, int events)
{
	fiber_start(fiber_new("from_sched", see_sched_f));
	on_timer(loop, timer, events);
}

static void
test_sched_flags(void)
{
	header();
	plan(5);
	ev_timer timer;
	ev_timer_init(&timer, start_from_sched, 0, 0);
	timer.data = fiber();
	is(cord()->sched.flags, 0, "the scheduler does not run while a fiber does");
	int csw = cord()->sched.csw;
	ev_timer_start(loop(), &timer);
	fiber_yield();
	is(sched_flags[0], FIBER_IS_RUNNING, "it runs callbacks");
	is(sched_flags[1], FIBER_IS_READY, "it is ready as the caller of a fiber");
	is(cord()->sched.csw, csw + 2, "its switches are counted");
	is(cord()->sched.flags, 0, "and does not run again");
	check_plan();
	footer();
}

/* }}} */

static int
arguments_f(va_list ap)
{
	bool *right = va_arg(ap, bool *);
	int i = va_arg(ap, int);
	double d = va_arg(ap, double);
	const char *s = va_arg(ap, const char *);
	*right = i == -7 && d == 2.5 && strcmp(s, "text") == 0;
	/* More than registers hold, of both classes. */
	for (int n = 0; n < 12; n++) {
		*right = *right && va_arg(ap, uint64_t) == UINT64_C(1) << (40 + n);
		*right = *right && va_arg(ap, double) == n / 8.0;
	}
	return 5;
}

static void
test_arguments(void)
{
	header();
	plan(5);
	bool right = false;
#define PAIR(n) UINT64_C(1) << (40 + n), n / 8.0
	struct fiber *f = fiber_new("arguments", arguments_f);
	fiber_set_joinable(f, true);
	int csw = f->csw, own_csw = fiber()->csw;
	fiber_start(f, &right, -7, 2.5, "text", PAIR(0), PAIR(1), PAIR(2), PAIR(3), PAIR(4),
		    PAIR(5), PAIR(6), PAIR(7), PAIR(8), PAIR(9), PAIR(10), PAIR(11));
#undef PAIR
	ok(right, "a fiber gets the arguments of fiber_start()");
	ok(fiber_is_dead(f), "one that ends in its first run returns to the starter");
	ok(f->f == NULL && f->f_ret == 5, "with its result, and nothing to run");
	is(f->csw, csw + 1, "it was switched to once");
	is(fiber()->csw, own_csw + 1, "and the starter once since");
	fiber_join(f);
	check_plan();
	footer();
}

static void
test_attributes(void)
{
	header();
	plan(10);
	struct fiber_attr *attr = fiber_attr_new();
	ok(attr->stack_size == 524288 && attr->flags == DEFAULT, "the defaults");
	is(fiber_attr_getstacksize(NULL), 524288, "the default size is known");
	diag_clear(diag_get());
	errno = 0;
	is(fiber_attr_setstacksize(attr, 16383), -1, "a stack too small is refused");
	is(errno, EINVAL, "EINVAL");
	ok(last_error_is("SystemError", "stack size is too small"), "with an error");
	ok(attr->stack_size == 524288 && attr->flags == DEFAULT, "nothing is stored");
	ok(fiber_attr_setstacksize(attr, 16384) == 0 && attr->stack_size == 16384 &&
	   attr->flags == (DEFAULT | FIBER_CUSTOM_STACK), "another size is custom");
	is(fiber_attr_getstacksize(attr), 16384, "and can be asked for");
	ok(fiber_attr_setstacksize(attr, 524288) == 0 && attr->flags == DEFAULT,
	   "the default size is not");
	ok(fiber_attr_setstacksize(attr, SIZE_MAX) == 0 && attr->stack_size == SIZE_MAX,
	   "there is no upper limit here");
	fiber_attr_delete(attr);
	fiber_attr_delete(NULL);
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(7);
	test_ids();
	test_id_wrap();
	test_names();
	test_flags();
	test_sched_flags();
	test_arguments();
	test_attributes();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
