/* SPDX-License-Identifier: BSD-2-Clause */
/* Switches between n fibers. */
#include "rows.h"

static struct fiber **fibers;
static unsigned long count;

/*
 * call_yield: the driver calls n fibers in turn, each yields at once. An operation is a
 * switch: half of a call.
 */

static void
call_yield_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	fibers = start_fibers(setting, 0, park_f);
}

static uint64_t
call_yield_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		for (unsigned long i = 0; i < count; i++)
			fiber_call(fibers[i]);
	}
	return 2 * rounds * count;
}

const struct bench_row call_yield_row = {
	"call_yield", BENCH_REPEATED, call_yield_prepare, call_yield_run,
};

/*
 * wakeup_yield: a ring of n fibers, the driver among them. Each wakes the next one and
 * yields. An operation is a wake-up and a yield.
 */

static int
wake_next_f(va_list ap)
{
	unsigned long i = va_arg(ap, unsigned long);
	/* Once all of them are there. */
	fiber_yield();
	struct fiber **next = &fibers[(i + 1) % count];
	for (;;) {
		fiber_wakeup(*next);
		fiber_yield();
	}
	return 0;
}

static void
wakeup_yield_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	fibers = start_fibers(setting, 1, wake_next_f);
	fibers[0] = fiber_self();
}

static uint64_t
wakeup_yield_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		fiber_wakeup(fibers[1]);
		fiber_yield();
	}
	return rounds * count;
}

const struct bench_row wakeup_yield_row = {
	"wakeup_yield", BENCH_REPEATED, wakeup_yield_prepare, wakeup_yield_run,
};

/* reschedule: n fibers, the driver among them, do nothing else. */

static int
reschedule_f(va_list ap)
{
	(void)ap;
	for (;;)
		fiber_reschedule();
	return 0;
}

static void
reschedule_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	start_fibers(setting, 1, reschedule_f);
}

static uint64_t
reschedule_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++)
		fiber_reschedule();
	return rounds * count;
}

const struct bench_row reschedule_row = {
	"reschedule", BENCH_REPEATED, reschedule_prepare, reschedule_run,
};

/*
 * wake_random: the driver wakes n fibers, in an order that has nothing to do with the
 * order of their memory, and lets them run. Each yields at once. An operation is a
 * wake-up and what the fiber does then.
 */

static void
wake_random_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	fibers = start_fibers(setting, 0, park_f);
	bench_shuffle((void **)fibers, count);
}

static uint64_t
wake_random_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		for (unsigned long i = 0; i < count; i++)
			fiber_wakeup(fibers[i]);
		fiber_reschedule();
	}
	return rounds * count;
}

const struct bench_row wake_random_row = {
	"wake_random", BENCH_REPEATED, wake_random_prepare, wake_random_run,
};

/* sleep_0: n fibers, the driver among them, sleep for no time. */

static int
sleep_f(va_list ap)
{
	(void)ap;
	for (;;)
		fiber_sleep(0);
	return 0;
}

static void
sleep_0_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	start_fibers(setting, 1, sleep_f);
}

static uint64_t
sleep_0_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++)
		fiber_sleep(0);
	return rounds * count;
}

const struct bench_row sleep_0_row = {
	"sleep_0", BENCH_REPEATED, sleep_0_prepare, sleep_0_run,
};
