/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic of times, and a stopwatch (spec ltp.md 14.4). */
#ifndef LTP_TST_TIMER_H
#define LTP_TST_TIMER_H

#include <sys/time.h>

#include "tst_clocks.h"
#include "tst_common.h"

TST_BEGIN_DECLS

/* Conversions round to the nearest unit. */

static inline long long tst_timespec_to_ns(struct timespec t)
{
	return (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline long long tst_timespec_to_us(struct timespec t)
{
	return (long long)t.tv_sec * 1000000LL + (t.tv_nsec + 500) / 1000;
}

static inline long long tst_timespec_to_ms(struct timespec t)
{
	return (long long)t.tv_sec * 1000LL + (t.tv_nsec + 500000) / 1000000;
}

static inline long long tst_timeval_to_us(struct timeval t)
{
	return (long long)t.tv_sec * 1000000LL + t.tv_usec;
}

static inline long long tst_timeval_to_ms(struct timeval t)
{
	return (long long)t.tv_sec * 1000LL + (t.tv_usec + 500) / 1000;
}

static inline struct timespec tst_timespec_from_ns(long long ns)
{
	struct timespec t;

	t.tv_sec = ns / 1000000000LL;
	t.tv_nsec = ns % 1000000000LL;
	if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += 1000000000L;
	}
	return t;
}

static inline struct timespec tst_timespec_from_us(long long us)
{
	return tst_timespec_from_ns(us * 1000LL);
}

static inline struct timespec tst_timespec_from_ms(long long ms)
{
	return tst_timespec_from_ns(ms * 1000000LL);
}

static inline struct timeval tst_timeval_from_us(long long us)
{
	struct timeval t;

	t.tv_sec = us / 1000000LL;
	t.tv_usec = us % 1000000LL;
	if (t.tv_usec < 0) {
		t.tv_sec--;
		t.tv_usec += 1000000;
	}
	return t;
}

static inline struct timeval tst_timeval_from_ms(long long ms)
{
	return tst_timeval_from_us(ms * 1000LL);
}

/* Comparisons. */

static inline int tst_timespec_lt(struct timespec t1, struct timespec t2)
{
	if (t1.tv_sec != t2.tv_sec)
		return t1.tv_sec < t2.tv_sec;
	return t1.tv_nsec < t2.tv_nsec;
}

static inline int tst_timeval_lt(struct timeval t1, struct timeval t2)
{
	if (t1.tv_sec != t2.tv_sec)
		return t1.tv_sec < t2.tv_sec;
	return t1.tv_usec < t2.tv_usec;
}

/* Sums, and differences: t1 minus t2. */

static inline struct timespec tst_timespec_add(struct timespec t1, struct timespec t2)
{
	return tst_timespec_from_ns(tst_timespec_to_ns(t1) + tst_timespec_to_ns(t2));
}

static inline struct timespec tst_timespec_diff(struct timespec t1, struct timespec t2)
{
	return tst_timespec_from_ns(tst_timespec_to_ns(t1) - tst_timespec_to_ns(t2));
}

static inline struct timespec tst_timespec_add_us(struct timespec t, long long us)
{
	return tst_timespec_from_ns(tst_timespec_to_ns(t) + us * 1000LL);
}

static inline struct timespec tst_timespec_sub_us(struct timespec t, long long us)
{
	return tst_timespec_add_us(t, -us);
}

static inline long long tst_timespec_diff_ns(struct timespec t1, struct timespec t2)
{
	return tst_timespec_to_ns(t1) - tst_timespec_to_ns(t2);
}

static inline long long tst_timespec_diff_us(struct timespec t1, struct timespec t2)
{
	return tst_timespec_to_us(tst_timespec_diff(t1, t2));
}

static inline long long tst_timespec_diff_ms(struct timespec t1, struct timespec t2)
{
	return tst_timespec_to_ms(tst_timespec_diff(t1, t2));
}

static inline struct timespec tst_timespec_abs_diff(struct timespec t1,
						    struct timespec t2)
{
	return tst_timespec_lt(t1, t2) ? tst_timespec_diff(t2, t1)
				       : tst_timespec_diff(t1, t2);
}

static inline long long tst_timespec_abs_diff_us(struct timespec t1,
						 struct timespec t2)
{
	return tst_timespec_to_us(tst_timespec_abs_diff(t1, t2));
}

static inline long long tst_timespec_abs_diff_ms(struct timespec t1,
						 struct timespec t2)
{
	return tst_timespec_to_ms(tst_timespec_abs_diff(t1, t2));
}

static inline struct timeval tst_timeval_add(struct timeval t1, struct timeval t2)
{
	return tst_timeval_from_us(tst_timeval_to_us(t1) + tst_timeval_to_us(t2));
}

static inline struct timeval tst_timeval_diff(struct timeval t1, struct timeval t2)
{
	return tst_timeval_from_us(tst_timeval_to_us(t1) - tst_timeval_to_us(t2));
}

static inline long long tst_timeval_diff_us(struct timeval t1, struct timeval t2)
{
	return tst_timeval_to_us(t1) - tst_timeval_to_us(t2);
}

static inline long long tst_timeval_diff_ms(struct timeval t1, struct timeval t2)
{
	return tst_timeval_to_ms(tst_timeval_diff(t1, t2));
}

/* The stopwatch of the process. */

/* TCONF if the kernel has no such clock. */
void tst_timer_check(clockid_t clk_id);
void tst_timer_start(clockid_t clk_id);
void tst_timer_stop(void);
/* Non-zero if so many ms have passed since the start. */
int tst_timer_expired_ms(long long ms);
/* From start to stop. */
struct timespec tst_timer_elapsed(void);

static inline long long tst_timer_elapsed_ms(void)
{
	return tst_timespec_to_ms(tst_timer_elapsed());
}

static inline long long tst_timer_elapsed_us(void)
{
	return tst_timespec_to_us(tst_timer_elapsed());
}

TST_END_DECLS

#endif
