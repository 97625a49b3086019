/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <fenv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct bench_row *row;
static struct bench_setting setting = {.n = 2, .stack = 0};
static uint64_t target_ns = 100 * 1000000;
static uint64_t exact_rounds;

void
bench_die(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(EXIT_FAILURE);
}

uint64_t
bench_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

void *
bench_array(size_t count, size_t size)
{
	void *array = calloc(count, size);
	if (array == NULL && count > 0)
		bench_die("no memory for %zu elements of %zu bytes", count, size);
	return array;
}

void
bench_shuffle(void **pointers, size_t count)
{
	uint64_t random = 88172645463325252;
	for (size_t i = count; i > 1; i--) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		size_t j = random % i;
		void *swap = pointers[i - 1];
		pointers[i - 1] = pointers[j];
		pointers[j] = swap;
	}
}

/** The number behind `key` in a file of lines "KEY: NUMBER kB", in bytes. */
static uint64_t
proc_bytes(const char *path, const char *key)
{
	FILE *file = fopen(path, "r");
	if (file == NULL)
		bench_die("cannot open %s", path);
	char line[256];
	size_t length = strlen(key);
	unsigned long long kib = 0;
	bool found = false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		found = strncmp(line, key, length) == 0 &&
			sscanf(line + length, " %llu kB", &kib) == 1;
	}
	fclose(file);
	if (!found)
		bench_die("no %s in %s", key, path);
	return kib * 1024;
}

struct bench_memory
bench_memory(void)
{
	struct bench_memory memory = {
		/* Not VmRSS: its counters lag behind by up to some hundred pages. */
		.resident = proc_bytes("/proc/self/smaps_rollup", "Rss:"),
		.page_tables = proc_bytes("/proc/self/status", "VmPTE:"),
	};
	return memory;
}

/** Bytes an operation. */
static double
measure_memory(void)
{
	struct bench_memory before = bench_memory();
	uint64_t operations = row->run(1);
	struct bench_memory after = bench_memory();
	return ((double)after.resident - before.resident + after.page_tables -
		before.page_tables) / operations;
}

static void
print(const char *unit, double value)
{
	printf("%s\t%lu\t%zu\t%s\t%.2f\n", row->name, setting.n, setting.stack / 1024,
	       unit, value);
	fflush(stdout);
	_exit(EXIT_SUCCESS);
}

void
bench_limit(unsigned long made, const char *reason)
{
	fprintf(stderr, "%s: no fiber after %lu: %s\n", row->name, made, reason);
	print("limit", made);
	_exit(EXIT_FAILURE);
}

static double
time_of_rounds(uint64_t rounds, uint64_t *elapsed)
{
	/*
	 * Libraries that switch the SSE control word switch the sticky exception flags
	 * in it, too. Ours are set by the arithmetic below, those of fresh stacks are
	 * not, and changing the word can cost 70 ns: that would be our doing.
	 */
	feclearexcept(FE_ALL_EXCEPT);
	uint64_t start = bench_now();
	uint64_t operations = row->run(rounds);
	*elapsed = bench_now() - start;
	return (double)*elapsed / operations;
}

/** Nanoseconds an operation. */
static double
measure_repeated(void)
{
	uint64_t elapsed;
	/* Warms up, and finds out how many rounds fill the time. */
	uint64_t rounds = 1;
	time_of_rounds(rounds, &elapsed);
	while (elapsed < target_ns / 4) {
		rounds *= 2;
		time_of_rounds(rounds, &elapsed);
	}
	rounds = (double)rounds * target_ns / elapsed;
	return time_of_rounds(rounds > 0 ? rounds : 1, &elapsed);
}

static void
measure(void)
{
	uint64_t elapsed;
	if (row->prepare != NULL)
		row->prepare(&setting);
	if (exact_rounds > 0)
		print("operations", row->run(exact_rounds));
	switch (row->kind) {
	case BENCH_REPEATED:
		print("ns", measure_repeated());
		break;
	case BENCH_ONCE:
		print("ns", time_of_rounds(1, &elapsed));
		break;
	case BENCH_MEMORY:
		print("bytes", measure_memory());
		break;
	}
}

static const struct bench_row *
find_row(const struct bench_row *rows, const char *name)
{
	for (; rows->name != NULL; rows++) {
		if (strcmp(rows->name, name) == 0)
			return rows;
	}
	bench_die("no row %s", name);
}

void
bench_main(int argc, char **argv, const struct bench_row *rows)
{
	if (argc == 2 && strcmp(argv[1], "rows") == 0) {
		for (; rows->name != NULL; rows++)
			puts(rows->name);
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		if (value == NULL)
			bench_die("%s is no KEY=VALUE", argv[i]);
		*value++ = '\0';
		unsigned long number = strtoul(value, NULL, 10);
		if (strcmp(argv[i], "row") == 0)
			row = find_row(rows, value);
		else if (strcmp(argv[i], "n") == 0)
			setting.n = number;
		else if (strcmp(argv[i], "stack") == 0)
			setting.stack = number * 1024;
		else if (strcmp(argv[i], "ms") == 0)
			target_ns = number * 1000000;
		else if (strcmp(argv[i], "rounds") == 0)
			exact_rounds = number;
		else
			bench_die("no argument %s", argv[i]);
	}
	if (row == NULL)
		bench_die("which row?");
	measure();
	_exit(EXIT_FAILURE);
}
