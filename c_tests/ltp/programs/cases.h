/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program with several tests: its first argument chooses one, which then sees the
 * rest of the command line. The name of the case becomes the test id.
 */
#ifndef C_TESTS_LTP_CASES_H
#define C_TESTS_LTP_CASES_H

#define TST_NO_DEFAULT_MAIN
#include "tst_test.h"

struct named_case {
	const char *name;
	struct tst_test *test;
};

static int run_case(int argc, char *argv[], const struct named_case *cases)
{
	for (; argc > 1 && cases->name; cases++) {
		if (!strcmp(argv[1], cases->name))
			tst_run_tcases(argc - 1, argv + 1, cases->test);
	}
	fprintf(stderr, "no such case: %s\n", argc > 1 ? argv[1] : "");
	return 99;
}

#endif
