/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and random bytes (spec diag.md 14). */
#include "clock.h"
#include "random.h"
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

static void
test_clocks(void)
{
	header();
	plan(9);
	double now = clock_realtime();
	ok(now >= time(NULL) - 1 && now <= time(NULL) + 1, "real time");
	double difference = clock_realtime64() / 1e9 - now;
	ok(difference >= 0 && difference < 5, "in nanoseconds");
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	uint64_t before = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	uint64_t monotonic = clock_monotonic64();
	ok(monotonic >= before && monotonic < before + 5000000000ULL, "monotonic");
	difference = clock_monotonic() - monotonic / 1e9;
	ok(difference > -1e-3 && difference < 5, "in seconds");

	uint64_t process = clock_process64(), thread = clock_thread64();
	double process_seconds = clock_process(), thread_seconds = clock_thread();
	while (clock_thread64() - thread < 10000000)
		;
	ok(clock_process64() - process >= 9000000, "the process");
	ok(clock_process() - process_seconds >= 0.009, "in seconds");
	ok(clock_thread() - thread_seconds >= 0.009, "the thread");
	process = clock_process64();
	thread = clock_thread64();
	struct timespec sleep = { 0, 50000000 };
	nanosleep(&sleep, NULL);
	ok(clock_process64() - process < 40000000, "sleeping takes no time of the process");
	ok(clock_thread64() - thread < 40000000, "nor of the thread");
	check_plan();
	footer();
}

static int
zeros(const char *buf, size_t size)
{
	int n = 0;
	for (size_t i = 0; i < size; i++)
		n += buf[i] == 0;
	return n;
}

static void
test_random(void)
{
	header();
	plan(7);
	char a[1000], b[1000];
	/* Not initialised: what rand() gives, the same after the same seed. */
	memset(a, 0, sizeof(a));
	srand(1);
	random_bytes(a, sizeof(a));
	srand(1);
	random_bytes(b, sizeof(b));
	ok(memcmp(a, b, sizeof(a)) == 0 && zeros(a, sizeof(a)) < 50, "without a source");

	int lowest = dup(0);
	close(lowest);
	random_init();
	ok(fcntl(lowest, F_GETFD) & FD_CLOEXEC, "the source is closed on exec");
	memset(a, 0, sizeof(a));
	a[999] = 'x';
	random_bytes(a, sizeof(a) - 1);
	ok(zeros(a, 999) < 50 && a[999] == 'x', "fills what it is given");
	random_bytes(b, sizeof(b));
	ok(memcmp(a, b, 999) != 0, "differently each time");
	random_bytes(NULL, 0);
	ok(1, "nothing");
	/* Seeded: not the generator's default sequence. */
	int seeded = rand();
	srand(1);
	ok(seeded != rand(), "rand() is seeded");
	random_free();
	is(fcntl(lowest, F_GETFD), -1, "the source is closed");
	check_plan();
	footer();
}

int
main(void)
{
	test_clocks();
	test_random();
	return 0;
}
