/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quota.h: rounding and refusals in one thread, then ten threads that change the
 * limit, take and give back at random. Header only; C++.
 */
#include "small/quota.h"
#include "unit.h"

#include <pthread.h>

enum { THREADS = 10, ROUNDS = 131072, HELD_MAX = 10 };

static struct quota shared;
/* What each thread's last successful quota_set() returned, and what it holds. */
static ssize_t last_set[THREADS];
static size_t holds[THREADS];
static int sets, uses;

static unsigned
next_random(unsigned *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void *
work(void *arg)
{
	int self = (int)(intptr_t)arg;
	unsigned state = 12345 + self;
	size_t held[HELD_MAX];
	int count = 0, set_ok = 0, use_ok = 0;
	for (int round = 0; round < ROUNDS; round++) {
		size_t total, used;
		quota_get_total_and_used(&shared, &total, &used);
		fail_unless(used <= total);
		ssize_t limit = quota_set(&shared, next_random(&state) % 1000000);
		if (limit >= 0) {
			last_set[self] = limit;
			set_ok++;
		}
		if (count < HELD_MAX && next_random(&state) % 2 == 0) {
			ssize_t taken = quota_use(&shared, 1 + next_random(&state) % 20000);
			if (taken >= 0) {
				held[count++] = taken;
				holds[self] += taken;
				use_ok++;
			}
		} else if (count > 0) {
			size_t size = held[--count];
			fail_unless(quota_release(&shared, size) == (ssize_t)size);
			holds[self] -= size;
		}
	}
	pm_atomic_fetch_add(&sets, set_ok);
	pm_atomic_fetch_add(&uses, use_ok);
	return NULL;
}

static void
one_thread(void)
{
	header();
	struct quota quota;
	quota_init(&quota, 2000000);
	fail_unless(quota_total(&quota) == 2000896);
	fail_unless(quota_used(&quota) == 0);
	fail_unless(quota_use(&quota, 1) == 1024);
	fail_unless(quota_use(&quota, 2000896 - 1023) == -1);
	fail_unless(quota_use(&quota, QUOTA_MAX) == -1);
	fail_unless(quota_use(&quota, SIZE_MAX) == -1);
	fail_unless(quota_used(&quota) == 1024);
	fail_unless(quota_set(&quota, 1023) == 1024);
	fail_unless(quota_set(&quota, 0) == -1);
	fail_unless(quota_total(&quota) == 1024);
	fail_unless(quota_release(&quota, 1000) == 1024);
	fail_unless(quota_set(&quota, 0) == 0);
	fail_unless(quota_use(&quota, 1) == -1);

	fail_unless(QUOTA_MAX == 4398046510080ULL);
	fail_unless(quota_set(&quota, QUOTA_MAX) == (ssize_t)QUOTA_MAX);
	fail_unless(quota_use(&quota, QUOTA_MAX) == (ssize_t)QUOTA_MAX);
	/* The counter is at its end and does not wrap. */
	fail_unless(quota_use(&quota, 1) == -1);
	fail_unless(quota_used(&quota) == QUOTA_MAX);
	footer();
}

static void
ten_threads(void)
{
	header();
	quota_init(&shared, 1000000);
	pthread_t threads[THREADS];
	for (intptr_t i = 0; i < THREADS; i++)
		fail_if(pthread_create(&threads[i], NULL, work, (void *)i) != 0);
	for (int i = 0; i < THREADS; i++)
		fail_if(pthread_join(threads[i], NULL) != 0);

	size_t sum = 0;
	bool limit_is_somebodys = false;
	for (int i = 0; i < THREADS; i++) {
		sum += holds[i];
		if (last_set[i] == (ssize_t)quota_total(&shared))
			limit_is_somebodys = true;
	}
	fail_unless(quota_used(&shared) == sum);
	fail_unless(limit_is_somebodys);
	/* Otherwise hardly anything was tested. */
	fail_unless(sets > THREADS * ROUNDS / 10);
	fail_unless(uses > THREADS * ROUNDS / 10);
	footer();
}

int
main()
{
	one_thread();
	ten_threads();
	return 0;
}
