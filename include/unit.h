/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Unit tests in the Test Anything Protocol: a plan, numbered checks, nested plans.
 *
 * Checks go to stdout, explanations of failures to stderr, both through libc's stdio. One
 * state for the process; not thread safe. Origin: spec testing.md 1.
 */
#ifndef TARANTOOL_UNIT_H_INCLUDED
#define TARANTOOL_UNIT_H_INCLUDED

#include "trivia/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** Begins a plan of `count` checks, inside the present one if there is one (ten deep). */
void
plan(int count);

/** Ends the present plan: 0, or -1 if the number of checks is wrong, or the number of
 * failed checks. In an enclosing plan that is a check, called "subtests". */
int
check_plan(void);

/** @private Prints the line of a check; returns `condition`. */
int
_ok(int condition, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** @private Prints the indentation of the present plan. */
void
_space(FILE *stream);

#if defined(__cplusplus)
} /* extern "C" */
#endif

/** The name of the enclosing function, as the title and the end of a group of checks. */
#define header() printf("\t*** %s ***\n", __func__)
#define footer() printf("\t*** %s: done ***\n", __func__)

/** A line for the reader of the test's output (note) or of its log (diag). */
#define msg(stream, ...) ({						\
	_space(stream);							\
	fprintf((stream), "# ");					\
	fprintf((stream), __VA_ARGS__);					\
	fprintf((stream), "\n");					\
})
#define note(...) msg(stdout, __VA_ARGS__)
#define diag(...) msg(stderr, __VA_ARGS__)

/** A check with a description. The condition is evaluated once, the arguments of the
 * description once more when it fails. */
#define ok(condition, fmt, ...) {					\
	int unit_ok_ = _ok(!!(condition), fmt, ##__VA_ARGS__);		\
	if (!unit_ok_) {						\
		_space(stderr);						\
		fprintf(stderr, "#   Failed test '");			\
		fprintf(stderr, fmt, ##__VA_ARGS__);			\
		fprintf(stderr, "'\n");					\
		_space(stderr);						\
		fprintf(stderr, "#   in %s at line %d\n",		\
			__FILE__, __LINE__);				\
	}								\
}
#define is(a, b, fmt, ...) { ok((a) == (b), fmt, ##__VA_ARGS__) }
#define isnt(a, b, fmt, ...) { ok((a) != (b), fmt, ##__VA_ARGS__) }

/** Ends the program with status 255, without any plan. Both arguments are strings. */
#define fail(expr, result) do {						\
	fprintf(stderr, "Test failed: %s is %s at %s:%d, in function '%s'\n", \
		expr, result, __FILE__, __LINE__, __func__);		\
	exit(-1);							\
} while (0)
#define fail_if(expr) if (expr) fail(#expr, "true")
#define fail_unless(expr) if (!(expr)) fail(#expr, "false")

#endif /* TARANTOOL_UNIT_H_INCLUDED */
