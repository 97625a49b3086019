/* SPDX-License-Identifier: BSD-2-Clause */
/* Checkpoints (spec ltp.md 10, 21.4). */
#include "cases.h"

/* A child wakes its parent. */
static void child_wakes(void)
{
	if (!SAFE_FORK()) {
		TST_CHECKPOINT_WAKE(0);
		tst_res(TPASS, "the parent was there");
		exit(0);
	}
	TST_CHECKPOINT_WAIT(0);
	tst_reap_children();
}

/* A parent wakes two, wherever they are by then. */
static void parent_wakes_two(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (SAFE_FORK())
			continue;
		usleep(i * 50000);
		TST_CHECKPOINT_WAIT(1);
		tst_res(TPASS, "woken");
		exit(0);
	}
	TST_CHECKPOINT_WAKE2(1, 2);
}

static void handshake(void)
{
	if (!SAFE_FORK()) {
		TST_CHECKPOINT_WAIT(99);
		TST_CHECKPOINT_WAKE(99);
		exit(0);
	}
	TST_CHECKPOINT_WAKE_AND_WAIT(99);
	tst_res(TPASS, "hands shaken");
}

/* More wait than are waited for. */
static void crowd(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		pid_t pid = SAFE_FORK();

		if (!pid) {
			TST_CHECKPOINT_WAIT(2);
			exit(0);
		}
		TST_PROCESS_STATE_WAIT(pid, 'S', 0);
	}
	TST_CHECKPOINT_WAKE(2);
	tst_res(TPASS, "all three were woken");
}

static void executed(void)
{
	if (!SAFE_FORK()) {
		SAFE_EXECLP("checkpoint", "checkpoint", "reinit", NULL);
		exit(1);
	}
	TST_CHECKPOINT_WAIT(3);
	tst_res(TPASS, "woken by an executed program");
}

static void nobody_wakes(void)
{
	TST_CHECKPOINT_WAIT2(0, 300);
}

static void errors(void)
{
	TEST(tst_checkpoint_wait(100000, 10));
	TST_EXP_EXPR(TST_RET == -1 && TST_ERR == EOVERFLOW, "EOVERFLOW for a wait");
	TEST(tst_checkpoint_wake(100000, 1, 10));
	TST_EXP_EXPR(TST_RET == -1 && TST_ERR == EOVERFLOW, "EOVERFLOW for a wake");
	TEST(tst_checkpoint_wake(0, 1, 50));
	TST_EXP_EXPR(TST_RET == -1 && TST_ERR == ETIMEDOUT, "ETIMEDOUT for a wake");
}

/* "10 seconds" is 10 seconds. */
static void nobody_waits(void)
{
	TST_CHECKPOINT_WAKE(0);
}

#define CASE(function) \
	static struct tst_test function##_test = { \
		.test_all = function, .forks_child = 1, .needs_checkpoints = 1 \
	}

CASE(child_wakes);
CASE(parent_wakes_two);
CASE(handshake);
CASE(crowd);
CASE(executed);
CASE(nobody_wakes);
CASE(errors);
CASE(nobody_waits);

static struct tst_test unasked_test = {.test_all = nobody_wakes};

static const struct named_case cases[] = {
	{"child_wakes", &child_wakes_test},
	{"parent_wakes_two", &parent_wakes_two_test},
	{"handshake", &handshake_test},
	{"crowd", &crowd_test},
	{"executed", &executed_test},
	{"nobody_wakes", &nobody_wakes_test},
	{"errors", &errors_test},
	{"nobody_waits", &nobody_waits_test},
	{"unasked", &unasked_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	if (argc > 1 && !strcmp(argv[1], "reinit")) {
		tst_reinit();
		TST_CHECKPOINT_WAKE(3);
		exit(0);
	}
	return run_case(argc, argv, cases);
}
