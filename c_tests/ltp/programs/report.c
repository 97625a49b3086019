/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports: types, suffixes, lengths, and who may make them (spec ltp.md 21.1). */
#define _GNU_SOURCE
#include <pthread.h>

#include "cases.h"
#include "tst_safe_pthread.h"

/* Item 1: two messages that fill the line, one of them with a suffix. */
static void truncated(void)
{
	char text[2000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tst_res(TPASS, "%s", text);
	errno = ENOENT;
	tst_res(TPASS | TERRNO, "%s", text);
}

static struct tst_test truncated_test = {.test_all = truncated};

/* Item 2, with types that the compiler does not know. */
static void types(void)
{
	volatile int type[] = {TPASS, TFAIL, TBROK, TWARN, TINFO, TDEBUG, TCONF, 3};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(type); i++)
		tst_res(type[i], "type %d", type[i]);
}

static void broken_in_cleanup(void)
{
	tst_brk(TBROK, "a TBROK of cleanup");
	tst_res(TINFO, "cleanup goes on");
}

static struct tst_test types_test = {
	.test_all = types,
	.cleanup = broken_in_cleanup,
};

/* Item 3. */
static void suffixes(void)
{
	static const int errs[] = {0, EAGAIN, EINVAL, EOPNOTSUPP, EDEADLK, 12345};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errs); i++) {
		errno = errs[i];
		tst_res(TPASS | TERRNO, "errno");
		if (errno != errs[i])
			tst_res(TFAIL, "errno became %d", errno);
		TST_ERR = errs[i];
		tst_res(TPASS | TTERRNO, "TST_ERR");
		TST_RET = -errs[i];
		tst_res(TPASS | TRERRNO, "TST_RET");
	}
	errno = ENOENT;
	TST_ERR = EPERM;
	TST_RET = -EIO;
	tst_res(TPASS | TERRNO | TTERRNO, "TST_ERR wins");
	tst_res(TPASS | TERRNO | TTERRNO | TRERRNO, "TST_RET wins");
}

static struct tst_test suffixes_test = {.test_all = suffixes};

/* Item 4: three results and one. */
static void hexdump(void)
{
	unsigned char bytes[24];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 11);
	tst_res_hexd(TPASS, bytes, sizeof(bytes), "24 bytes:");
	tst_res_hexd(TPASS, bytes, 16, "16 bytes:");
	tst_res_hexd(TINFO, bytes, 1, "one byte of %d:", 24);
}

static struct tst_test hexdump_test = {.test_all = hexdump};

/* Item 5: all types, for the runs with colours and without messages. */
static void colours(void)
{
	tst_res(TPASS, "passed");
	tst_res(TFAIL, "failed");
	tst_res(TWARN, "warned");
	tst_res(TINFO, "informed");
	tst_res(TCONF, "skipped");
	tst_brk(TBROK, "broken");
}

static const struct tst_tag colour_tags[] = {{"known-fail", "always"}, {NULL, NULL}};

static struct tst_test colours_test = {.test_all = colours, .tags = colour_tags};

/* Item 6. */
static void names(void)
{
	static const int statuses[] = {0x0100, 0x0001, 0x137f, 0xffff, 0x1ff};
	int fds[2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++)
		tst_res(TPASS, "%04x: %s", (unsigned int)statuses[i],
			tst_strstatus(statuses[i]));
	tst_res(TPASS, "%s %s %s %s", tst_strsig(SIGKILL), tst_strsig(6), tst_strsig(29),
		tst_strsig(31));
	tst_res(TPASS, "%s %s", tst_strsig(SIGRTMIN), tst_strerrno(4095));
	tst_printf("plain text %d\n", 1);
	tst_printf("%02000d\n", 1);
	/* A pipe that nobody reads. */
	SAFE_PIPE(fds);
	SAFE_CLOSE(fds[0]);
	SAFE_SIGNAL(SIGPIPE, SIG_IGN);
	SAFE_DUP2(fds[1], STDOUT_FILENO);
	fputs("lost", stdout);
	tst_flush();
}

static struct tst_test names_test = {.test_all = names};

/* Item 7: the other places from which reports come. */
static void on_signal(int signal LTP_ATTRIBUTE_UNUSED)
{
	tst_res(TPASS, "from a signal handler");
}

static void *in_thread(void *unused)
{
	tst_res(TPASS, "from a thread");
	return unused;
}

static void places(void)
{
	pthread_t thread;

	if (!SAFE_FORK()) {
		tst_res(TPASS, "from a child");
		exit(0);
	}
	tst_reap_children();
	SAFE_PTHREAD_CREATE(&thread, NULL, in_thread, NULL);
	SAFE_PTHREAD_JOIN(thread, NULL);
	SAFE_SIGNAL(SIGUSR2, on_signal);
	raise(SIGUSR2);
	if (!SAFE_FORK()) {
		SAFE_EXECLP("report", "report", "reinit", NULL);
		exit(1);
	}
}

static struct tst_test places_test = {
	.test_all = places,
	.forks_child = 1,
	.child_needs_reinit = 1,
};

/* Item 8: counters are atomic. */
enum { THREADS = 64, ROUNDS = 100000 };
static tst_atomic_t counter;

static void *increment(void *unused)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		tst_atomic_inc(&counter);
	return unused;
}

/* Each thread waits for its turn: what was stored before a turn is seen in the next. */
static tst_atomic_t turn;
static int unprotected;

static void *take_turn(void *number)
{
	const int mine = (int)(intptr_t)number;

	while (tst_atomic_load(&turn) != mine)
		sched_yield();
	unprotected++;
	tst_atomic_store(mine + 1, &turn);
	return NULL;
}

static void atomics(void)
{
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		SAFE_PTHREAD_CREATE(&threads[i], NULL, increment, NULL);
	for (i = 0; i < THREADS; i++)
		SAFE_PTHREAD_JOIN(threads[i], NULL);
	TST_EXP_EQ_LI(tst_atomic_load(&counter), THREADS * ROUNDS);

	for (i = 0; i < THREADS; i++)
		SAFE_PTHREAD_CREATE(&threads[i], NULL, take_turn, (void *)(intptr_t)i);
	for (i = 0; i < THREADS; i++)
		SAFE_PTHREAD_JOIN(threads[i], NULL);
	TST_EXP_EQ_LI(unprotected, THREADS);
	TST_EXP_EQ_LI(tst_atomic_add_return(2, &counter), THREADS * ROUNDS + 2);
	TST_EXP_EQ_LI(tst_atomic_return_add(-2, &counter), THREADS * ROUNDS + 2);
	TST_EXP_EQ_LI(tst_atomic_dec(&counter), THREADS * ROUNDS - 1);

	for (i = 0; i < 100; i++) {
		if (SAFE_FORK())
			continue;
		tst_res(TPASS, "child");
		exit(0);
	}
}

static struct tst_test atomics_test = {.test_all = atomics, .forks_child = 1};

static const struct named_case cases[] = {
	{"truncated", &truncated_test},
	{"types", &types_test},
	{"suffixes", &suffixes_test},
	{"hexdump", &hexdump_test},
	{"colours", &colours_test},
	{"names", &names_test},
	{"places", &places_test},
	{"atomics", &atomics_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	/* What `places` executes, and what nobody executes. */
	if (argc > 1 && !strcmp(argv[1], "reinit")) {
		tst_reinit();
		tst_res(TPASS, "from an executed program");
		exit(0);
	}
	return run_case(argc, argv, cases);
}
