/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs here have in common. Each makes a long sequence of calls, the same one
 * each time, and prints all that can be seen of what they did. Built as a program it uses our
 * library; built as a module (TRACE_MODULE) it uses what Debian's `tarantool` exports,
 * whose allocators and statistics are those of the reference. compare.sh wants the
 * outputs to be the same, byte for byte.
 */
#ifndef TRACE_H_INCLUDED
#define TRACE_H_INCLUDED

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t trace_state;

/** A number below `limit`, the same ones for the same trace_state. */
static inline uint32_t
any(uint32_t limit)
{
	trace_state = trace_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (trace_state >> 33) % limit;
}

/** A structure of ours with room for one that has grown. */
#define WITH_ROOM(type, name) static union { \
	type it; \
	char room[sizeof(type) + 4096]; \
} name

/** Runs trace() in the program or the module. */
#ifdef TRACE_MODULE
#define TRACE(module) \
	int luaopen_##module(void *) __attribute__((visibility("default"))); \
	int luaopen_##module(void *state) \
	{ \
		(void)state; \
		trace(); \
		fflush(stdout); \
		_exit(0); \
	}
#else
#define TRACE(module) \
	int main(void) \
	{ \
		trace(); \
		return 0; \
	}
#endif

#endif /* TRACE_H_INCLUDED */
