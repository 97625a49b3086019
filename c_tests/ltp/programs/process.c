/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes and their ends (spec ltp.md 21.2). */
#define _GNU_SOURCE
#include <pthread.h>

#include "cases.h"
#include "tst_safe_pthread.h"
#include "tst_safe_stdio.h"

static void say_setup(void)
{
	tst_res(TINFO, "setup");
}

static void say_cleanup(void)
{
	tst_res(TINFO, "cleanup");
}

static void pass(void)
{
	tst_res(TPASS, "passed");
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

#define CASE(function, ...) \
	static struct tst_test function##_test = { \
		.test_all = function, \
		.forks_child = 1, \
		.setup = say_setup, \
		.cleanup = say_cleanup, \
		##__VA_ARGS__ \
	}

/* Item 9. */
static void child_returns(void)
{
	if (SAFE_FORK())
		tst_res(TPASS, "the parent's result");
}
CASE(child_returns);

/* Items 10 and 11. */
static void child_breaks(void)
{
	if (!SAFE_FORK())
		tst_brk(TBROK, "a child breaks");
	tst_reap_children();
	tst_res(TPASS, "the parent goes on");
}
CASE(child_breaks);

static void siblings_stopped(void)
{
	int i;

	for (i = 0; i < 10; i++) {
		pid_t pid = SAFE_FORK();

		if (!pid)
			sleep_for_ever();
		SAFE_KILL(pid, SIGSTOP);
	}
	child_breaks();
}
CASE(siblings_stopped);

static void child_skips(void)
{
	if (!SAFE_FORK())
		tst_brk(TCONF, "a child skips");
	tst_reap_children();
	tst_res(TPASS, "the parent goes on");
}
CASE(child_skips);

static void child_fails(void)
{
	if (!SAFE_FORK())
		tst_brk(TFAIL, "a child fails");
	tst_reap_children();
	tst_res(TPASS, "the parent goes on");
}
CASE(child_fails);

/* Item 12. */
static void child_exits_7(void)
{
	if (!SAFE_FORK())
		exit(7);
}
CASE(child_exits_7);

static void child_dies(void)
{
	if (!SAFE_FORK()) {
		tst_no_corefile(0);
		raise(SIGBUS);
	}
}
CASE(child_dies);

static void child_dies_expectedly(void)
{
	int status;

	if (!SAFE_FORK()) {
		tst_no_corefile(0);
		raise(SIGBUS);
	}
	SAFE_WAITPID(-1, &status, 0);
	tst_res(TPASS, "%s", tst_strstatus(status));
}
CASE(child_dies_expectedly);

static void validated(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (!SAFE_FORK())
			exit(0);
	}
	TST_EXP_EQ_LI(tst_validate_children(2), 0);
	if (!SAFE_FORK())
		exit(5);
	TST_EXP_EQ_LI(tst_validate_children(1), 1);
}
CASE(validated);

/* Item 13. */
static void segfaults(void)
{
	tst_no_corefile(0);
	raise(SIGSEGV);
}
CASE(segfaults, .needs_tmpdir = 1);

/* Item 14. */
static void hangs(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (!SAFE_FORK())
			sleep_for_ever();
	}
	sleep_for_ever();
}
CASE(hangs, .needs_tmpdir = 1);

/* Item 15. */
static void kills_itself(void)
{
	if (!SAFE_FORK())
		exit(0);
	tst_reap_children();
	if (!SAFE_FORK())
		sleep_for_ever();
	raise(SIGKILL);
}
CASE(kills_itself, .needs_tmpdir = 1);

/* Item 16. */
static void fork_in_setup(void)
{
	SAFE_FORK();
}
/* The child has reported when the parent does. */
static void pass_alone(void)
{
	tst_reap_children();
	pass();
}
static struct tst_test runaway_test = {
	.test_all = pass_alone, .setup = fork_in_setup, .forks_child = 1
};

/* Item 17. */
static void forks(void)
{
	SAFE_FORK();
}
static struct tst_test forks_unasked_test = {.test_all = forks};

/* Item 18. */
enum { BREAKERS = 10 };
static pthread_barrier_t barrier;
static tst_atomic_t broken;

static void *break_test(void *unused)
{
	SAFE_PTHREAD_BARRIER_WAIT(&barrier);
	tst_brk(TBROK, "a thread breaks");
	tst_atomic_inc(&broken);
	return unused;
}

/* Waits for the nine others, whose tst_brk() comes back. */
static void cleanup_after_breakers(void)
{
	while (tst_atomic_load(&broken) < BREAKERS - 1)
		sched_yield();
	tst_res(TINFO, "cleanup");
}

static void threads_break(void)
{
	pthread_t threads[BREAKERS];
	int i;

	SAFE_PTHREAD_BARRIER_INIT(&barrier, NULL, BREAKERS);
	for (i = 0; i < BREAKERS; i++)
		SAFE_PTHREAD_CREATE(&threads[i], NULL, break_test, NULL);
	sleep_for_ever();
}
static struct tst_test threads_break_test = {
	.test_all = threads_break, .cleanup = cleanup_after_breakers
};

/* Item 19. */
static void no_directory(void)
{
	SAFE_CHDIR("nonexistent");
}
static struct tst_test no_directory_test = {
	.test_all = no_directory, .cleanup = say_cleanup
};

/* Item 20. */
static void fail_all_over(void)
{
	int number;

	tst_brk(TBROK, "a TBROK");
	TST_EXP_EQ_LI(SAFE_OPEN("nonexistent", O_RDONLY), -1);
	SAFE_FILE_SCANF("nonexistent", "%d", &number);
	SAFE_TOUCH("nonexistent/file", 0644, NULL);
	TST_EXP_EXPR(SAFE_FOPEN("nonexistent", "r") == NULL, "NULL comes back");
	tst_brk(TCONF, "a TCONF");
	tst_res(TINFO, "the end");
}
static struct tst_test broken_cleanup_test = {
	.test_all = pass, .cleanup = fail_all_over
};

/* Item 21. */
static void nothing(void)
{
	tst_res(TWARN, "a warning is no result");
	tst_res(TINFO, "nor is this");
}
static void nothing_at(unsigned int nr)
{
	tst_res(TINFO, "case %u", nr);
}
static struct tst_test nothing_test = {.test_all = nothing};
static struct tst_test nothing_at_test = {.test = nothing_at, .tcnt = 2};

static void leaves_early(void)
{
	exit(0);
}
static struct tst_test leaves_early_test = {.test_all = leaves_early};

static void exits_9(void)
{
	tst_res(TPASS, "passed");
	exit(9);
}
static struct tst_test exits_9_test = {.test_all = exits_9};

static void exits_32(void)
{
	_exit(32);
}
static struct tst_test exits_32_test = {.test_all = exits_32};

/* Item 22. */
static void variant_skips_passes_breaks(void)
{
	if (tst_variant == 0)
		tst_brk(TCONF, "variant %u", tst_variant);
	if (tst_variant == 2)
		tst_brk(TBROK, "variant %u", tst_variant);
	tst_res(TPASS, "variant %u", tst_variant);
}
CASE(variant_skips_passes_breaks, .test_variants = 5);

static void variant_fails(void)
{
	tst_brk(TFAIL, "variant %u", tst_variant);
}
CASE(variant_fails, .test_variants = 10);

/* Item 24. */
static void interrupts(void)
{
	if (!SAFE_FORK())
		sleep_for_ever();
	kill(getppid(), SIGINT);
	sleep_for_ever();
}
CASE(interrupts, .needs_tmpdir = 1);

/* Item 25: in the group of the test, and out of it. */
static void leave_sleeper(void)
{
	if (!SAFE_FORK())
		sleep_for_ever();
}
static struct tst_test leftover_test = {
	.test_all = pass, .cleanup = leave_sleeper, .forks_child = 1
};

static void leave_daemon(void)
{
	if (SAFE_FORK())
		return;
	SAFE_SETSID();
	if (SAFE_FORK())
		exit(0);
	sleep_for_ever();
}
static struct tst_test daemon_test = {
	.test_all = pass, .cleanup = leave_daemon, .forks_child = 1
};

/* A child with a stack of its own. */
static int on_own_stack(void *argument)
{
	return *(int *)argument;
}

static void clones(void)
{
	const struct tst_clone_args args = {.exit_signal = SIGCHLD};
	const size_t size = 65536;
	char *stack = SAFE_MALLOC(size);
	int value = 0, status;
	pid_t pid = SAFE_CLONE(&args);

	if (!pid)
		exit(3);
	SAFE_WAITPID(pid, &status, 0);
	tst_res(TPASS, "SAFE_CLONE: %s", tst_strstatus(status));
	value = 4;
	pid = ltp_clone(SIGCHLD, on_own_stack, &value, size, stack);
	SAFE_WAITPID(pid, &status, 0);
	tst_res(TPASS, "ltp_clone: %s", tst_strstatus(status));
	free(stack);
}
CASE(clones);

/* Cancellation unwinds through the library. */
static int never_ready[2];
static int unwound;

static void note_unwinding(void *unused LTP_ATTRIBUTE_UNUSED)
{
	unwound++;
}

static void *read_for_ever(void *unused)
{
	char byte;

	pthread_cleanup_push(note_unwinding, NULL);
	SAFE_READ(0, never_ready[0], &byte, 1);
	pthread_cleanup_pop(0);
	return unused;
}

static void *wait_for_ever(void *unused)
{
	pthread_cleanup_push(note_unwinding, NULL);
	SAFE_WAITPID(-1, NULL, 0);
	pthread_cleanup_pop(0);
	return unused;
}

static void cancels(void)
{
	void *(*const functions[])(void *) = {read_for_ever, wait_for_ever};
	pid_t pid = SAFE_FORK();
	pthread_t thread;
	void *value;
	size_t i;

	if (!pid)
		sleep_for_ever();
	SAFE_PIPE(never_ready);
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		SAFE_PTHREAD_CREATE(&thread, NULL, functions[i], NULL);
		usleep(20000);
		SAFE_PTHREAD_CANCEL(thread);
		SAFE_PTHREAD_JOIN(thread, &value);
		TST_EXP_EXPR(value == PTHREAD_CANCELED && unwound == (int)i + 1,
			     "cancelled and unwound");
	}
	SAFE_KILL(pid, SIGKILL);
	SAFE_WAITPID(pid, NULL, 0);
}
CASE(cancels);

/* The main thread leaves through the library; another one ends the test. */
static void *outlive_main(void *main_thread)
{
	pthread_join(*(pthread_t *)main_thread, NULL);
	tst_res(TPASS, "the main thread has left");
	exit(0);
}

static void main_thread_exits(void)
{
	static pthread_t main_thread;
	pthread_t thread;

	main_thread = pthread_self();
	SAFE_PTHREAD_CREATE(&thread, NULL, outlive_main, &main_thread);
	pthread_exit(NULL);
}
CASE(main_thread_exits);

static void commands(void)
{
	const char *const good[] = {"true", NULL};
	const char *const bad[] = {"sh", "-c", "echo text; exit 3", NULL};
	const char *const missing[] = {"no-such-command", NULL};

	SAFE_CMD(good, NULL, NULL);
	TST_EXP_EQ_LI(tst_cmd(bad, "out", NULL, TST_CMD_PASS_RETVAL), 3);
	TST_ASSERT_STR("out", "text");
	if (!SAFE_FORK())
		tst_cmd(missing, NULL, NULL, TST_CMD_TCONF_ON_MISSING);
	tst_reap_children();
	SAFE_CMD(bad, "out", NULL);
}
CASE(commands, .needs_tmpdir = 1);

static const struct named_case cases[] = {
	{"child_returns", &child_returns_test},
	{"child_breaks", &child_breaks_test},
	{"siblings_stopped", &siblings_stopped_test},
	{"child_skips", &child_skips_test},
	{"child_fails", &child_fails_test},
	{"child_exits_7", &child_exits_7_test},
	{"child_dies", &child_dies_test},
	{"child_dies_expectedly", &child_dies_expectedly_test},
	{"validated", &validated_test},
	{"segfaults", &segfaults_test},
	{"hangs", &hangs_test},
	{"kills_itself", &kills_itself_test},
	{"runaway", &runaway_test},
	{"forks_unasked", &forks_unasked_test},
	{"threads_break", &threads_break_test},
	{"no_directory", &no_directory_test},
	{"broken_cleanup", &broken_cleanup_test},
	{"nothing", &nothing_test},
	{"nothing_at", &nothing_at_test},
	{"leaves_early", &leaves_early_test},
	{"exits_9", &exits_9_test},
	{"exits_32", &exits_32_test},
	{"variant_skips_passes_breaks", &variant_skips_passes_breaks_test},
	{"variant_fails", &variant_fails_test},
	{"interrupts", &interrupts_test},
	{"leftover", &leftover_test},
	{"daemon", &daemon_test},
	{"clones", &clones_test},
	{"cancels", &cancels_test},
	{"main_thread_exits", &main_thread_exits_test},
	{"commands", &commands_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
