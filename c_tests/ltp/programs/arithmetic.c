/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers: parsing them, times, alignment (spec ltp.md 6.3, 14.3, 14.4, 21.4). */
#include "lapi/mman.h"
#include "mem.h"
#include "tst_test.h"
#include "tst_timer.h"

static void parse_sizes(void)
{
	static const char *const texts[] = {
		"1", "1k", "1K", "1m", "1M", "1g", "1G", "0x10k", "k", "1kk", "", "1t"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		long long value = -1;
		int err = tst_parse_filesize(texts[i], &value, 0, LLONG_MAX);

		tst_res(TPASS, "'%s' is %lld, %s", texts[i], value, tst_strerrno(err));
	}
}

static void parse_numbers(void)
{
	long long big = 5;
	float real = 5;
	long wide = 5;
	int n = 5;

	TST_EXP_EQ_LI(tst_parse_filesize("2k", &big, 0, 2047), ERANGE);
	TST_EXP_EQ_LI(tst_parse_int(NULL, &n, 0, 1), 0);
	TST_EXP_EQ_LI(n, 5);
	TST_EXP_EQ_LI(tst_parse_int("12", &n, 0, 100), 0);
	TST_EXP_EQ_LI(n, 12);
	TST_EXP_EQ_LI(tst_parse_int("12x", &n, 0, 100), EINVAL);
	TST_EXP_EQ_LI(tst_parse_int("101", &n, 0, 100), ERANGE);
	TST_EXP_EQ_LI(tst_parse_long("-7", &wide, LONG_MIN, LONG_MAX), 0);
	TST_EXP_EQ_LI(wide, -7);
	TST_EXP_EQ_LI(tst_parse_float("0.25", &real, 0, 1), 0);
	TST_EXP_EXPR(real > 0.24F && real < 0.26F, "0.25");
	TST_EXP_EQ_LI(tst_parse_float("2", &real, 0, 1), ERANGE);
	TST_EXP_EQ_LI(SAFE_STRTOL("12\n", 0, 100), 12);
	TST_EXP_EQ_LU(SAFE_STRTOUL("18446744073709551615", 0, ULONG_MAX), ULONG_MAX);
	TST_EXP_EXPR(SAFE_STRTOF("0.5", 0, 1) > 0.4F, "0.5");
}

static void times(void)
{
	struct timespec a = {1, 499999999}, b = {3, 500000}, c;
	struct timeval u = {1, 499}, v = {2, 500};

	TST_EXP_EQ_LI(tst_timespec_to_ns(a), 1499999999);
	TST_EXP_EQ_LI(tst_timespec_to_us(a), 1500000);
	TST_EXP_EQ_LI(tst_timespec_to_ms(b), 3001);
	TST_EXP_EQ_LI(tst_timespec_lt(a, b), 1);
	TST_EXP_EQ_LI(tst_timespec_lt(b, a), 0);
	c = tst_timespec_diff(b, a);
	TST_EXP_EQ_LI(c.tv_sec, 1);
	TST_EXP_EQ_LI(c.tv_nsec, 500500001);
	c = tst_timespec_diff(a, b);
	TST_EXP_EQ_LI(c.tv_sec, -2);
	TST_EXP_EQ_LI(c.tv_nsec, 499499999);
	TST_EXP_EQ_LI(tst_timespec_diff_ns(a, b), -1500500001);
	TST_EXP_EQ_LI(tst_timespec_abs_diff_ms(a, b), 1501);
	c = tst_timespec_add(a, b);
	TST_EXP_EQ_LI(c.tv_sec, 4);
	TST_EXP_EQ_LI(c.tv_nsec, 500499999);
	c = tst_timespec_from_ms(1234);
	TST_EXP_EQ_LI(c.tv_nsec, 234000000);
	TST_EXP_EQ_LI(tst_timeval_to_ms(u), 1000);
	TST_EXP_EQ_LI(tst_timeval_to_ms(v), 2001);
	TST_EXP_EQ_LI(tst_timeval_diff_us(v, u), 1000001);
	TST_EXP_EQ_LI(tst_timeval_diff_us(u, v), -1000001);
	TST_EXP_EQ_LI(tst_timespec_diff_us(b, a), 1500500);
	TST_EXP_EQ_LI(tst_timespec_diff_ms(b, a), 1501);
	TST_EXP_EQ_LI(tst_timespec_abs_diff_us(a, b), 1500500);
	c = tst_timespec_sub_us(tst_timespec_add_us(a, 700000), 200000);
	TST_EXP_EQ_LI(tst_timespec_to_ns(c), 1999999999);
	c = tst_timespec_from_us(-1);
	TST_EXP_EQ_LI(c.tv_sec, -1);
	TST_EXP_EQ_LI(c.tv_nsec, 999999000);
	TST_EXP_EQ_LI(tst_timeval_lt(u, v), 1);
	TST_EXP_EQ_LI(tst_timeval_lt(v, u), 0);
	TST_EXP_EQ_LI(tst_timeval_to_us(tst_timeval_add(u, v)), 3000999);
	TST_EXP_EQ_LI(tst_timeval_to_us(tst_timeval_diff(u, v)), -1000001);
	TST_EXP_EQ_LI(tst_timeval_diff_ms(v, tst_timeval_from_ms(500)), 1501);
}

static void stopwatch(void)
{
	struct timespec now;

	tst_timer_check(CLOCK_MONOTONIC);
	tst_timer_start(CLOCK_MONOTONIC);
	TST_EXP_EQ_LI(tst_timer_expired_ms(3600000), 0);
	usleep(30000);
	TST_EXP_EQ_LI(tst_timer_expired_ms(20), 1);
	tst_timer_stop();
	TST_EXP_EXPR(tst_timer_elapsed_ms() >= 30 && tst_timer_elapsed_us() >= 30000,
		     "at least 30 ms");
	TST_EXP_EQ_LI(tst_clock_gettime(CLOCK_MONOTONIC, &now), 0);
	TST_EXP_EQ_LI(tst_clock_getres(12345, &now), -1);
	TST_EXP_FAIL(tst_clock_settime(12345, &now), EINVAL);
	tst_timer_check(12345);
}

static void macros(void)
{
	volatile int three = 3;
	char names[512];

	TST_EXP_EQ_LI(MIN(three, 4), 3);
	TST_EXP_EQ_LI(MAX(three, 4), 4);
	TST_EXP_EQ_LU(LTP_ALIGN(4097UL, 4096), 8192);
	TST_EXP_EQ_LU(LTP_ALIGN(4096UL, 4096), 4096);
	TST_EXP_EQ_STR(TST_TO_STR(TPASS), "TPASS");
	TST_BUILD_BUG_ON(sizeof(int) > sizeof(long));
	TST_EXP_EQ_LI(TST_TRACE(three), 3);
	TST_EXP_EQ_LI(tst_count_scanf_conversions("%d %*s %% %[^a]"), 2);
	tst_prot_to_str(PROT_NONE, names);
	TST_EXP_EQ_STR(names, "PROT_NONE");
	tst_prot_to_str(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_MTE, names);
	TST_EXP_EQ_STR(names, "PROT_READ | PROT_WRITE | PROT_EXEC | PROT_MTE");
	TST_EXP_EQ_LU(KB, 1024);
	TST_EXP_EQ_LU(MB, KB * KB);
}

/* The names of both years for the same files. */
static void paths(void)
{
	TST_EXP_EQ_STR(PATH_HUGEPAGES, PATH_MM_HUGEPAGES "/");
	TST_EXP_EQ_STR(PATH_NR_HPAGES, PATH_VM_NR_HPAGES);
	TST_EXP_EQ_STR(PATH_OC_HPAGES, PATH_VM_OVERCOMMIT_HPAGES);
	TST_EXP_EQ_STR(PATH_SHMMAX, PATH_KERN_SHMMAX);
	TST_EXP_EQ_STR(PATH_SYSVM "drop_caches", PATH_VM_DROP_CACHES);
	TST_EXP_PASS(access(PATH_VM_COMPACT_MEMORY, F_OK));
	TST_EXP_PASS(access(PATH_KERN_SHMMNI, F_OK));
	TST_EXP_PASS(access(PATH_KERN_SHMALL, F_OK));
	TST_EXP_PASS(access(PATH_MEMINFO, F_OK));
	TST_EXP_EQ_STR(PATH_MM_THP, "/sys/kernel/mm/transparent_hugepage");
}

/* Bits of /proc/sys/kernel/tainted, in the order of their letters. */
static void taint_bits(void)
{
	static const int bits[] = {
		TST_TAINT_G, TST_TAINT_F, TST_TAINT_S, TST_TAINT_R, TST_TAINT_M, TST_TAINT_B,
		TST_TAINT_U, TST_TAINT_D, TST_TAINT_A, TST_TAINT_W, TST_TAINT_C, TST_TAINT_I,
		TST_TAINT_O, TST_TAINT_E, TST_TAINT_L, TST_TAINT_K, TST_TAINT_X, TST_TAINT_T,
		TST_TAINT_N
	};
	size_t i, right = 0;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		right += bits[i] == 1 << i;
	TST_EXP_EQ_SZ(right, ARRAY_SIZE(bits));
}

static void (*const functions[])(void) = {
	parse_sizes, parse_numbers, times, macros, paths, taint_bits, stopwatch
};

static void run(unsigned int nr)
{
	functions[nr]();
}

static struct tst_test test = {.test = run, .tcnt = ARRAY_SIZE(functions)};
