/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cords from start to join: what a new thread finds, who gets its result, and what runs
 * meanwhile (spec fiber.md 15).
 */
#include "main_fiber.h"

/** What the thread of a cord saw. */
static struct {
	struct cord *cord;
	struct fiber *fiber;
	pthread_t thread;
	void *arg;
	bool main, blocked;
	uint32_t fid;
	char fiber_name[FIBER_NAME_MAX + 1], thread_name[16];
} seen;

static bool
all_signals_blocked(void)
{
	sigset_t set;
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	for (int s = 1; s < NSIG; s++) {
		/* Two are the C library's own, two cannot be blocked. */
		if (s == SIGKILL || s == SIGSTOP || (s >= 32 && s < SIGRTMIN))
			continue;
		if (sigismember(&set, s) == 0)
			return false;
	}
	return true;
}

static void
look(void *arg)
{
	seen.cord = cord();
	seen.fiber = fiber();
	seen.thread = pthread_self();
	seen.arg = arg;
	seen.main = cord_is_main();
	seen.blocked = all_signals_blocked();
	seen.fid = fiber()->fid;
	strcpy(seen.fiber_name, fiber_name(fiber()));
	pthread_getname_np(pthread_self(), seen.thread_name, sizeof(seen.thread_name));
}

static void *
look_f(void *arg)
{
	look(arg);
	return NULL;
}

static void
test_start(void)
{
	header();
	plan(9);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	char name[] = "a long name, longer than the 31 that fit";
	sigset_t before, after;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	is(cord_start(&cord, name, look_f, &cord), 0, "a cord starts");
	memset(name, 'X', sizeof(name) - 1);
	ok(strcmp(cord_name(&cord), "a long name, longer than the 31") == 0,
	   "its name is copied by then, 31 characters");
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	int changed = 0;
	for (int s = 1; s < NSIG; s++)
		changed += sigismember(&before, s) != sigismember(&after, s);
	is(changed, 0, "our signal mask is as it was");
	is(cord_join(&cord), 0, "it ends");
	ok(seen.cord == &cord && seen.fiber == &cord.sched && seen.arg == &cord && !seen.main,
	   "its function ran on the scheduler of that cord");
	ok(pthread_equal(cord.id, seen.thread) && !pthread_equal(cord.id, pthread_self()),
	   "in a thread of its own");
	ok(strcmp(seen.thread_name, "a long name, lo") == 0,
	   "whose name is the first 15 characters");
	ok(seen.blocked, "with all signals blocked");
	ok(seen.fid == 1 && strcmp(seen.fiber_name, "sched") == 0, "on its scheduler");
	check_plan();
	footer();
}

static int
costart_f(va_list ap)
{
	look(va_arg(ap, void *));
	/* Its event loop runs. */
	double start = fiber_clock();
	fiber_sleep(0.01);
	struct fiber *f = fiber_new("f", return_0_f);
	bool right = fiber_clock() - start >= 0.01 && f->fid == 102 &&
		loop() != ev_default_loop(0) && cord_slab_cache() == &cord()->slabc;
	fiber_start(f);
	/* Left behind, with a timer. */
	fiber_start(fiber_new("left", yield_once_f));
	return right ? 0 : -1;
}

static void
test_costart(void)
{
	header();
	plan(6);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	diag_set(IllegalParams, "own");
	is(cord_costart(&cord, "co", costart_f, &cord), 0, "a cord starts with a fiber");
	is(cord_join(&cord), 0, "the event loop runs until it ends");
	ok(last_error_is("IllegalParams", "own"), "success leaves the joiner's error alone");
	ok(seen.fid == 101 && strcmp(seen.fiber_name, "main") == 0,
	   "the fiber is called main and is the cord's first");
	ok(seen.cord == &cord && seen.fiber != &cord.sched && seen.arg == &cord && seen.blocked,
	   "it gets the argument");
	ok(loop() == ev_default_loop(0) && fiber()->fid == 101, "we are where we were");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static void *
fail_on_sched_f(void *arg)
{
	(void)arg;
	diag_set(IllegalParams, "the scheduler failed");
	fiber()->f_ret = -1;
	return NULL;
}

static int
fail_f(va_list ap)
{
	const char *message = va_arg(ap, const char *);
	fiber_sleep(0);
	if (message == NULL) {
		fiber_cancel(fiber());
		return -1;
	}
	diag_set(IllegalParams, "%s", message);
	return 5;
}

static void
test_errors(void)
{
	header();
	plan(8);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	diag_set(IllegalParams, "own");
	cord_start(&cord, "fails", fail_on_sched_f, NULL);
	is(cord_join(&cord), -1, "a function that leaves f_ret behind has failed");
	ok(last_error_is("IllegalParams", "the scheduler failed"), "its error is ours");
	is(diag_last_error(diag_get())->refs, 1, "only ours");

	cord_costart(&cord, "fails", fail_f, (void *)"the fiber failed");
	is(cord_join(&cord), -1, "so has a fiber that returns anything but 0");
	ok(last_error_is("IllegalParams", "the fiber failed"), "its error is ours");

	cord_costart(&cord, "fails", fail_f, NULL);
	is(cord_join(&cord), -1, "a failure");
	ok(diag_is_empty(diag_get()), "may come without an error");

	cord_costart(&cord, "fails", fail_f, (void *)"the fiber failed again");
	ok(cord_cojoin(&cord) == -1 && last_error_is("IllegalParams", "the fiber failed again"),
	   "waiting by yielding brings the error, too");
	diag_clear(diag_get());
	check_plan();
	footer();
}

/* {{{ cord_cojoin() */

static int
wait_for_go_f(va_list ap)
{
	int *go = va_arg(ap, int *);
	while (!__atomic_load_n(go, __ATOMIC_ACQUIRE))
		fiber_sleep(0.001);
	return 0;
}

static int
release_f(va_list ap)
{
	int *go = va_arg(ap, int *);
	struct fiber *joiner = va_arg(ap, struct fiber *);
	fiber_cancel(joiner);
	fiber_sleep(0.01);
	__atomic_store_n(go, 1, __ATOMIC_RELEASE);
	return 0;
}

static int
cojoin_f(va_list ap)
{
	struct cord *cord = va_arg(ap, struct cord *);
	int result = cord_cojoin(cord);
	/* It was not interrupted by the cancel, and can be cancelled again. */
	return result == 0 && fiber_is_cancelled() && fiber_set_cancellable(false) ? 0 : -1;
}

static void
test_cojoin(void)
{
	header();
	plan(3);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	int go = 0;
	cord_costart(&cord, "waits", wait_for_go_f, &go);
	struct fiber *joiner = fiber_new("joiner", cojoin_f);
	fiber_set_joinable(joiner, true);
	fiber_start(joiner, &cord);
	fiber_start(fiber_new("release", release_f), &go, joiner);
	is(fiber_join(joiner), 0, "other fibers run while one waits for a cord, cancelled or not");

	cord_start(&cord, "ends", look_f, NULL);
	while (__atomic_load_n(&cord.on_exit, __ATOMIC_SEQ_CST) == NULL)
		usleep(100);
	int csw = fiber()->csw;
	is(cord_cojoin(&cord), 0, "a cord that is past its end can be joined");
	is(fiber()->csw, csw, "without a yield");
	check_plan();
	footer();
}

/* }}} */

static void *
rename_f(void *arg)
{
	cord_set_name((const char *)arg);
	look(arg);
	return NULL;
}

static void
test_names(void)
{
	header();
	plan(3);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	cord_start(&cord, "first", rename_f, (void *)"0123456789abcdefghijklmnopqrstuvwxyz");
	cord_join(&cord);
	ok(strcmp(cord_name(&cord), "0123456789abcdefghijklmnopqrstu") == 0,
	   "a cord can be renamed");
	ok(strcmp(seen.thread_name, "0123456789abcde") == 0, "and its thread with it");
	char before[16], after[16];
	pthread_getname_np(pthread_self(), before, sizeof(before));
	cord_set_name("renamed");
	pthread_getname_np(pthread_self(), after, sizeof(after));
	ok(strcmp(cord_name(cord()), "renamed") == 0 && strcmp(before, after) == 0,
	   "the main thread keeps its name");
	cord_set_name("main");
	check_plan();
	footer();
}

static int
nested_f(va_list ap)
{
	int depth = *va_arg(ap, int *);
	if (depth == 0) {
		diag_set(IllegalParams, "from the depth");
		return -1;
	}
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	int next = depth - 1;
	if (cord_costart(&cord, "nested", nested_f, &next) != 0)
		return -1;
	return depth % 2 == 0 ? cord_join(&cord) : cord_cojoin(&cord);
}

/** A cord as thread pools make it: without a loop. */
static void *
by_hand_f(void *arg)
{
	bool *right = (bool *)arg;
	static struct cord cord;
	memset(&cord.sched, 0xee, sizeof(cord.sched));
	cord.loop = NULL;
	cord_create(&cord, "by hand");
	*right = cord_ptr == &cord && cord.loop == NULL && fiber() == &cord.sched &&
		cord.max_fid == 100 && cord.sched.f_ret == 0 && cord.sched.csw == 0 &&
		cord.sched.caller == NULL && cord.sched.flags == FIBER_IS_RUNNING;
	diag_set(IllegalParams, "%d", 1);
	*right = *right && last_error_is("IllegalParams", "1");
	region_alloc(&fiber()->gc, 1000);
	/* It may run fibers as long as nobody waits. */
	struct fiber *f = fiber_new("f", return_0_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	*right = *right && fiber_join(f) == 0;
	cord_destroy(&cord);
	return NULL;
}

static void
test_others(void)
{
	header();
	plan(3);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	int depth = 4;
	cord_costart(&cord, "nested", nested_f, &depth);
	ok(cord_join(&cord) == -1 && last_error_is("IllegalParams", "from the depth"),
	   "cords start cords");
	bool right = false;
	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, by_hand_f, &right) != 0);
	pthread_join(thread, NULL);
	ok(right, "a cord made by hand needs no loop");
	ok(cord_is_main(), "nothing of that concerns the main cord");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(6);
	test_start();
	test_costart();
	test_errors();
	test_cojoin();
	test_names();
	test_others();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
