/* SPDX-License-Identifier: BSD-2-Clause */
/* Guarded buffers (spec ltp.md 14.4, 21.4). */
#include "cases.h"

static char *bytes;
static char *text;
static struct iovec *iov;
static int sizes[] = {10, 0, 4096, -1};

static void good(void)
{
	static int more_sizes[] = {8, -1};
	char *copy = tst_strdup("copy");
	char *plain = tst_alloc(100);

	memset(bytes, 1, 100);
	TST_EXP_EQ_STR(text, "text");
	TST_EXP_EQ_LU(iov[0].iov_len, 10);
	TST_EXP_EXPR(iov[1].iov_base == NULL && iov[1].iov_len == 0);
	memset(iov[2].iov_base, 1, iov[2].iov_len);
	TST_EXP_EQ_STR(copy, "copy");
	TST_EXP_EQ_STR(tst_aprintf("%d-%s", 1, "a"), "1-a");
	TST_EXP_EXPR((uintptr_t)(bytes + 100) % getpagesize() == 0,
		     "the buffer ends at a page");
	memset(plain, 1, 100);
	memset(tst_iovec_alloc(more_sizes)[0].iov_base, 1, 8);
	plain[-1] = 1;
	tst_free_all();
	TST_EXP_FAIL(msync((void *)((uintptr_t)plain & -getpagesize()), 1, MS_SYNC), ENOMEM,
		     "its page is gone");
}

static struct tst_buffers buffers[] = {
	{&bytes, 100, NULL, NULL},
	{&text, 0, NULL, "text"},
	{&iov, 0, sizes, NULL},
	{NULL, 0, NULL, NULL}
};

static void too_far(void)
{
	tst_no_corefile(0);
	((volatile char *)bytes)[100] = 1;
}

static void too_early(void)
{
	((volatile char *)bytes)[-3] = 1;
	tst_res(TPASS, "nobody noticed yet");
}

/* A child has copies of its own. */
static void child_too_early(void)
{
	if (!SAFE_FORK()) {
		((volatile char *)bytes)[-1] = 1;
		exit(0);
	}
	tst_reap_children();
	tst_res(TPASS, "the parent's are as they were");
}

static struct tst_test good_test = {.test_all = good, .bufs = buffers};
static struct tst_test too_far_test = {.test_all = too_far, .bufs = buffers};
static struct tst_test too_early_test = {.test_all = too_early, .bufs = buffers};
static struct tst_test child_too_early_test = {
	.test_all = child_too_early, .bufs = buffers, .forks_child = 1
};

static const struct named_case cases[] = {
	{"good", &good_test},
	{"too_far", &too_far_test},
	{"too_early", &too_early_test},
	{"child_too_early", &child_too_early_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
