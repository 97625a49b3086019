/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a test may take (spec ltp.md 7.4, 21.2). */
#define _GNU_SOURCE
#include "cases.h"

static void counts_down(void)
{
	unsigned int left = tst_remaining_runtime(), last;

	TST_EXP_EXPR(left == 2 || left == 1, "it has just begun");
	do {
		usleep(10000);
		last = left;
		left = tst_remaining_runtime();
	} while (left && left <= last);
	TST_EXP_EQ_LU(left, 0);
	TST_EXP_EQ_LU(tst_remaining_runtime(), 0);
}
static struct tst_test counts_down_test = {
	.test_all = counts_down, .max_runtime = 2, .test_variants = 2
};

static void no_runtime(void)
{
	tst_remaining_runtime();
}
static struct tst_test no_runtime_test = {.test_all = no_runtime};

static void unlimited(void)
{
	TST_EXP_EQ_LU(tst_remaining_runtime(), UINT_MAX);
}
static struct tst_test unlimited_test = {
	.test_all = unlimited, .max_runtime = TST_UNLIMITED_RUNTIME
};

static void new_limits(void)
{
	tst_set_max_runtime(80);
	TST_EXP_EQ_LU((tst_remaining_runtime() + 9) / 10, 4);
	tst_set_timeout(3);
	TST_EXP_EQ_LU((tst_remaining_runtime() + 9) / 10, 4);
	tst_set_runtime(60);
	TST_EXP_EQ_LU((tst_remaining_runtime() + 9) / 10, 3);
	TST_EXP_EQ_LU(tst_multiply_timeout(10), 20);
	tst_multiply_timeout(0);
}
static struct tst_test new_limits_test = {.test_all = new_limits, .max_runtime = 2};

/* A second that one case has used is no loss to the next. */
static void each_case(unsigned int nr)
{
	TST_EXP_EXPR(tst_remaining_runtime() >= 4, "nearly five seconds");
	usleep(1100000);
	tst_res(TPASS, "case %u", nr);
}
static struct tst_test each_case_test = {.test = each_case, .tcnt = 2, .max_runtime = 5};

static const struct named_case cases[] = {
	{"counts_down", &counts_down_test},
	{"no_runtime", &no_runtime_test},
	{"unlimited", &unlimited_test},
	{"new_limits", &new_limits_test},
	{"each_case", &each_case_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
