/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_BENCH_H_INCLUDED
#define CORDAGE_BENCH_H_INCLUDED

/*
 * One measurement a process: what a C or C++ program under bench/run.py does and
 * prints. Programs in other languages keep to the same rules by themselves:
 *
 *     program rows
 *         the names of the rows it has, one a line
 *     program row=NAME [n=COUNT] [stack=KIB] [ms=TIME] [rounds=COUNT]
 *         one line, separated by tabs: row, n, stack, unit, value
 *
 * `n` is the number of fibers (see each row), `stack` the size of their stacks, 0 for
 * what the library gives by default. A row is repeated for about `ms` milliseconds after
 * a warm-up of at least a quarter of that.
 *
 * The unit is "ns" for an operation, "bytes" for a fiber, or "limit": the library could
 * not make that many fibers, and the value is how many it made. With `rounds`, the row
 * runs for exactly that long, and the line says how many "operations" that were; this is
 * for counting instructions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bench_setting {
	unsigned long n;
	/** Bytes; 0: the library's default. */
	size_t stack;
};

enum bench_kind {
	/** Time of an operation in many repetitions. */
	BENCH_REPEATED,
	/** The same, but the row works only once in a process: run(1). */
	BENCH_ONCE,
	/** Resident memory and page tables that an operation of run(1) leaves behind. */
	BENCH_MEMORY,
};

struct bench_row {
	/** NULL ends an array of rows. */
	const char *name;
	enum bench_kind kind;
	/** Makes what the row needs. May be NULL. */
	void (*prepare)(const struct bench_setting *setting);
	/** Does `rounds` rounds and returns how many operations those were. */
	uint64_t (*run)(uint64_t rounds);
};

/**
 * Obeys the arguments (argv[0] is not one) and ends the process, without
 * cleaning up: destroying a million fibers takes longer than measuring them.
 */
void
bench_main(int argc, char **argv, const struct bench_row *rows)
	__attribute__((noreturn));

/** Reports that fiber number `made` could not be had, and ends the process. */
void
bench_limit(unsigned long made, const char *reason) __attribute__((noreturn));

/** Ends the process: the program itself is at fault. */
void
bench_die(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/** calloc() that ends the process when there is no memory. */
void *
bench_array(size_t count, size_t size);

/** Puts pointers in an order that is random, but the same in every program. */
void
bench_shuffle(void **pointers, size_t count);

/** Nanoseconds of CLOCK_MONOTONIC. */
uint64_t
bench_now(void);

/** What the process takes, in bytes. */
struct bench_memory {
	uint64_t resident;
	uint64_t page_tables;
};

struct bench_memory
bench_memory(void);

/** The compiler must take `pointer` for used, and all memory for changed. */
static inline void
bench_use(void *pointer)
{
	__asm__ volatile("" : : "g"(pointer) : "memory");
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_BENCH_H_INCLUDED */
