/* SPDX-License-Identifier: BSD-2-Clause */
/* TEST() and TST_EXP_*() (spec ltp.md 16). */
#include "tst_test.h"

static int returns(int value, int err)
{
	errno = err;
	return value;
}

static void *returns_ptr(void *value, int err)
{
	errno = err;
	return value;
}

#define MACRO_FAIL() returns(-1, EINVAL)

static void show_pass(void)
{
	tst_res(TINFO, "TST_PASS %d", TST_PASS);
}

static void passes(void)
{
	TST_EXP_PASS(access("/", F_OK));
	show_pass();
	TST_EXP_PASS(returns(-1, ENOENT));
	show_pass();
	TST_EXP_PASS(returns(42, 0), "the call for %s", "42");
	TST_EXP_PASS_SILENT(returns(0, 0));
	TST_EXP_PASS_SILENT(returns(-1, EPERM), "described");
	TST_EXP_POSITIVE(returns(7, 0));
	TST_EXP_POSITIVE(returns(-1, EIO));
	TST_EXP_POSITIVE(returns(-7, 0));
	TST_EXP_EQ_LI(TST_EXP_POSITIVE(returns(8, 0), "described"), 8);
	TST_EXP_FD(returns(3, 0));
	TST_EXP_FD(returns(-1, EMFILE), "fd %d", 1);
	TST_EXP_FD_SILENT(returns(3, 0));
	TST_EXP_FD_SILENT(returns(-3, 0), "fd %d", 2);
	TST_EXP_PID(returns(17, 0));
	TST_EXP_PID_SILENT(returns(-2, 0), "pid %d", 3);
	TST_EXP_VAL(returns(40, 0), 40);
	TST_EXP_VAL(returns(42, EINVAL), 40);
	TST_EXP_VAL_SILENT(returns(40, 0), 40);
	TST_EXP_VAL_SILENT(returns(-1, EINVAL), 40, "value");
}

static void failures(void)
{
	static const int errs[] = {EPERM, ENOENT};

	TST_EXP_FAIL(access("/nonexist", F_OK), ENOENT);
	TST_EXP_FAIL(access("/nonexist", F_OK), EPERM, "desc %d", 3);
	TST_EXP_FAIL(returns(0, 0), EPERM);
	TST_EXP_FAIL(returns(42, 0), EPERM);
	TST_EXP_FAIL(MACRO_FAIL(), EINVAL);
	TST_EXP_FAIL_SILENT(returns(-1, EPERM), EPERM);
	TST_EXP_FAIL_SILENT(returns(-1, EPERM), EINVAL, "described");
	TST_EXP_FAIL2(returns(5, 0), EPERM);
	TST_EXP_FAIL2(returns(-5, 0), EPERM);
	TST_EXP_FAIL2(returns(-1, EPERM), EPERM);
	TST_EXP_FAIL2_SILENT(returns(-1, EPERM), EPERM);
	TST_EXP_FAIL_ARR(returns(-1, ENOENT), errs, ARRAY_SIZE(errs));
	TST_EXP_FAIL_ARR(returns(-1, EIO), errs, ARRAY_SIZE(errs), "two");
	TST_EXP_FAIL2_ARR(returns(1, 0), errs, ARRAY_SIZE(errs));
	TST_EXP_PASS_OR_FAIL(returns(0, 0), 0);
	TST_EXP_PASS_OR_FAIL(returns(-1, EPERM), EPERM);
	TST_EXP_PASS_OR_FAIL(returns(0, 0), EPERM);
	TST_EXP_EQ_LI(TST_EXP_FD_OR_FAIL(returns(3, 0), 0), 3);
	TST_EXP_FD_OR_FAIL(returns(-1, EPERM), EPERM);
	TST_EXP_FD_OR_FAIL(returns(-1, EPERM), ENOENT, "described");
}

static void pointers(void)
{
	static const int errs[] = {EPERM, ENOENT};
	void *const bad = (void *)-1;
	int here;

	TST_EXP_PASS_PTR_VOID(returns_ptr(&here, 0));
	TST_EXP_PASS_PTR_VOID(returns_ptr(bad, ENOMEM));
	TST_EXP_PASS_PTR_NULL(returns_ptr(bad, 0), "not NULL");
	TST_EXP_PASS_PTR_NULL(returns_ptr(NULL, ENOMEM));
	TST_EXP_FAIL_PTR_VOID(returns_ptr(bad, ENOMEM), ENOMEM);
	TST_EXP_FAIL_PTR_VOID(returns_ptr(bad, ENOMEM), EINVAL);
	TST_EXP_FAIL_PTR_VOID(returns_ptr(NULL, 0), EINVAL);
	TST_EXP_FAIL_PTR_NULL(returns_ptr(NULL, EINVAL), EINVAL, "NULL %d", 1);
	TST_EXP_FAIL_PTR_VOID_ARR(returns_ptr(bad, EPERM), errs, ARRAY_SIZE(errs));
	TST_EXP_FAIL_PTR_NULL_ARR(returns_ptr(NULL, EIO), errs, ARRAY_SIZE(errs));
	TESTPTR(returns_ptr(&here, ERANGE));
	TST_EXP_EXPR(TST_RET_PTR == &here && TST_ERR == ERANGE, "TESTPTR");
	TEST_VOID(returns(0, EDOM));
	TST_EXP_EQ_LI(TST_ERR, EDOM);
}

static void values(void)
{
	static const int errs[] = {EPERM, ENOENT};
	unsigned long big = ~0UL;
	char names[128];

	TST_EXP_EXPR(1 + 1 == 2);
	TST_EXP_EXPR(1 + 1 == 3, "sum of %d and %d", 1, 1);
	show_pass();
	TST_EXP_EQ_LI(-1, -1);
	TST_EXP_EQ_LI(1, 2);
	show_pass();
	TST_EXP_EQ_LU(big, ~0UL);
	TST_EXP_EQ_LU(big, 0);
	TST_EXP_EQ_SZ(sizeof(int), 4);
	TST_EXP_EQ_SSZ((ssize_t)-1, 1);
	TST_EXP_LE_LU(1, 2);
	TST_EXP_LE_LU(2, 1);
	TST_EXP_EQ_STR("abc", "abc");
	TST_EXP_EQ_STR("abc", "abd");
	TST_EXP_EQ_STRN("abc", "abd", 2);
	TST_EXP_EQ_STRN("abc", "abd", 3);
	TST_EXP_EQ_LI(tst_errno_in_set(ENOENT, errs, 2), 1);
	TST_EXP_EQ_LI(tst_errno_in_set(EIO, errs, 2), 0);
	TST_EXP_EQ_STR(tst_errno_names(names, errs, 2), "EPERM, ENOENT");
}

static void (*const functions[])(void) = {passes, failures, pointers, values};

static void run(unsigned int nr)
{
	functions[nr]();
}

static struct tst_test test = {.test = run, .tcnt = ARRAY_SIZE(functions)};
