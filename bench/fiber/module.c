/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows as a module for the `tarantool` of Debian, which exports what they call:
 *
 *     BENCH_ARGS="row=call_yield n=1" tarantool -e "package.cpath = 'DIR/?.so'; require('fiber_bench')"
 *
 * The driver is the fiber that runs the script.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

int
luaopen_fiber_bench(struct lua_State *state) __attribute__((visibility("default")));

int
luaopen_fiber_bench(struct lua_State *state)
{
	(void)state;
	const char *arguments = getenv("BENCH_ARGS");
	char *words = strdup(arguments != NULL ? arguments : "");
	char *argv[16] = {(char *)"tarantool"};
	int argc = 1;
	for (char *word = strtok(words, " "); word != NULL && argc < 16;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	fiber_bench(argc, argv);
}
