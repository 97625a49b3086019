/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Macros that have nothing to do with testing (spec ltp.md 14.3), and the libc
 * features that the other headers need.
 */
#ifndef LTP_TST_COMMON_H
#define LTP_TST_COMMON_H

/*
 * -std=c99 and -std=c11 hide POSIX. The first libc header decides, so in those
 * modes a header of this directory must come first, or a feature macro be set.
 */
#if defined(__STRICT_ANSI__) && !defined(_GNU_SOURCE) && \
	!defined(_DEFAULT_SOURCE) && !defined(_POSIX_C_SOURCE)
# define _DEFAULT_SOURCE 1
#endif

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
# define TST_BEGIN_DECLS extern "C" {
# define TST_END_DECLS }
#else
# define TST_BEGIN_DECLS
# define TST_END_DECLS
#endif

#define LTP_ATTRIBUTE_NORETURN __attribute__((noreturn))
#define LTP_ATTRIBUTE_UNUSED __attribute__((unused))
#define LTP_ATTRIBUTE_UNUSED_RESULT __attribute__((warn_unused_result))

#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]))

/* x rounded up to a multiple of a, a power of two, in the type of x. */
#define LTP_ALIGN(x, a) \
	(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))

#define TST_TO_STR_(x) #x
#define TST_TO_STR(x) TST_TO_STR_(x)

#define TST_CAT__(a, b) a##b
#define TST_CAT_(a, b) TST_CAT__(a, b)

/* Does not compile if the constant cond is true. */
#define TST_BUILD_BUG_ON(cond) \
	do { ((void)sizeof(char[1 - 2 * !!(cond)])); } while (0)

/*
 * Repeats an expression until CHECK(its value) holds, with delays that double from
 * 1 us and add up to about a second. Yields the last value.
 */
#define TST_RETRY_FUNC(FUNC, CHECK) \
	TST_RETRY_FN_EXP_BACKOFF(FUNC, CHECK, 1)

/* The same for up to about MAX_DELAY seconds. */
#define TST_RETRY_FN_EXP_BACKOFF(FUNC, CHECK, MAX_DELAY) \
({ \
	unsigned int tst_delay_us_ = 1; \
	unsigned int tst_most_us_ = (unsigned int)(MAX_DELAY) * 1000000U; \
	__typeof__(FUNC) tst_retry_; \
	for (;;) { \
		struct timespec tst_ts_; \
		errno = 0; \
		tst_retry_ = FUNC; \
		if (CHECK(tst_retry_) || tst_delay_us_ >= tst_most_us_) \
			break; \
		tst_ts_.tv_sec = tst_delay_us_ / 1000000; \
		tst_ts_.tv_nsec = (long)(tst_delay_us_ % 1000000) * 1000; \
		nanosleep(&tst_ts_, NULL); \
		tst_delay_us_ *= 2; \
	} \
	tst_retry_; \
})

#define TST_RETVAL_EQ0(x) ((x) == 0)
#define TST_RETVAL_NOTNULL(x) ((x) != NULL)
#define TST_RETVAL_GE0(x) ((x) >= 0)

#endif
