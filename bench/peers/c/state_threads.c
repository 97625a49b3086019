/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State Threads: its stacks have no guards (in a build without DEBUG), and are kept for
 * reuse for ever. There is no yield; st_usleep(0) polls for events, as fiber_sleep(0)
 * does.
 */
#include "../../harness/bench.h"

#include <errno.h>
#include <st.h>
#include <string.h>

static unsigned long count;
static size_t stack_size;

static void
remember(const struct bench_setting *setting)
{
	count = setting->n;
	stack_size = setting->stack > 0 ? setting->stack : 512 * 1024;
}

/** Starts threads `first` to n - 1 and lets each run until it waits. */
static void
start_threads(unsigned long first, void *(*f)(void *))
{
	for (unsigned long i = first; i < count; i++) {
		if (st_thread_create(f, (void *)i, 0, (int)stack_size) == NULL)
			bench_limit(i, strerror(errno));
	}
	st_usleep(0);
}

static void *
park_f(void *arg)
{
	st_cond_t never = (st_cond_t)arg;
	for (;;)
		st_cond_wait(never);
	return NULL;
}

static uint64_t
create_parked_run(uint64_t rounds)
{
	(void)rounds;
	st_cond_t never = st_cond_new();
	for (unsigned long i = 0; i < count; i++) {
		if (st_thread_create(park_f, never, 0, (int)stack_size) == NULL)
			bench_limit(i, strerror(errno));
	}
	st_usleep(0);
	return count;
}

static void
park_prepare(const struct bench_setting *setting)
{
	remember(setting);
	create_parked_run(1);
}

static void *
end_f(void *arg)
{
	return arg;
}

static uint64_t
start_join_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		st_thread_t thread = st_thread_create(end_f, NULL, 1, (int)stack_size);
		if (thread == NULL)
			bench_limit(round, strerror(errno));
		if (st_thread_join(thread, NULL) != 0)
			bench_die("st_thread_join: %s", strerror(errno));
	}
	return rounds;
}

/* cond, wake_random: see bench/fiber. */

static st_cond_t *conds;

static void
make_conds(const struct bench_setting *setting)
{
	remember(setting);
	conds = (st_cond_t *)bench_array(count, sizeof(*conds));
	for (unsigned long i = 0; i < count; i++)
		conds[i] = st_cond_new();
}

static void *
cond_f(void *arg)
{
	unsigned long i = (unsigned long)arg;
	for (;;) {
		st_cond_wait(conds[i]);
		st_cond_signal(conds[(i + 1) % count]);
	}
	return NULL;
}

static void
cond_prepare(const struct bench_setting *setting)
{
	make_conds(setting);
	start_threads(1, cond_f);
}

static uint64_t
cond_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		st_cond_signal(conds[1]);
		st_cond_wait(conds[0]);
	}
	return rounds * count;
}

static void *
sleep_f(void *arg)
{
	for (;;)
		st_usleep(0);
	return arg;
}

static void
sleep_0_prepare(const struct bench_setting *setting)
{
	remember(setting);
	start_threads(1, sleep_f);
}

static uint64_t
sleep_0_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++)
		st_usleep(0);
	return rounds * count;
}

static const struct bench_row rows[] = {
	{"start_join", BENCH_REPEATED, park_prepare, start_join_run},
	{"create_parked", BENCH_ONCE, remember, create_parked_run},
	{"cond", BENCH_REPEATED, cond_prepare, cond_run},
	{"sleep_0", BENCH_REPEATED, sleep_0_prepare, sleep_0_run},
	{"memory", BENCH_MEMORY, remember, create_parked_run},
	{NULL, BENCH_ONCE, NULL, NULL},
};

int
main(int argc, char **argv)
{
	st_set_eventsys(ST_EVENTSYS_ALT);
	if (st_init() != 0)
		bench_die("st_init: %s", strerror(errno));
	bench_main(argc, argv, rows);
}
