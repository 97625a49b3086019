/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions and channels between n fibers. */
#include "rows.h"

#include "fiber_channel.h"
#include "fiber_cond.h"

static unsigned long count;

/*
 * cond: a ring of n fibers, the driver among them, each with a condition to wait for.
 * Whoever is woken signals the next one and waits again. An operation is that.
 */

static struct fiber_cond **conds;

static int
cond_f(va_list ap)
{
	unsigned long i = va_arg(ap, unsigned long);
	struct fiber_cond *own = conds[i];
	struct fiber_cond *next = conds[(i + 1) % count];
	for (;;) {
		if (fiber_cond_wait(own) != 0)
			bench_die("fiber_cond_wait failed");
		fiber_cond_signal(next);
	}
	return 0;
}

static void
cond_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	conds = (struct fiber_cond **)bench_array(count, sizeof(*conds));
	for (unsigned long i = 0; i < count; i++) {
		conds[i] = fiber_cond_new();
		if (conds[i] == NULL)
			bench_die("fiber_cond_new failed");
	}
	start_fibers(setting, 1, cond_f);
}

static uint64_t
cond_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		fiber_cond_signal(conds[1]);
		if (fiber_cond_wait(conds[0]) != 0)
			bench_die("fiber_cond_wait failed");
	}
	return rounds * count;
}

const struct bench_row cond_row = {
	"cond", BENCH_REPEATED, cond_prepare, cond_run,
};

/*
 * channel_0, channel_128: one fiber writes to a channel of that size, the driver reads.
 * An operation is a message.
 */

static void
must_put(struct fiber_channel *channel, void *message)
{
	if (fiber_channel_put(channel, message) != 0)
		bench_die("fiber_channel_put failed");
}

static void *
must_get(struct fiber_channel *channel)
{
	void *message;
	if (fiber_channel_get(channel, &message) != 0)
		bench_die("fiber_channel_get failed");
	return message;
}

static struct fiber_channel *
must_make(uint32_t size)
{
	struct fiber_channel *channel = fiber_channel_new(size);
	if (channel == NULL)
		bench_die("fiber_channel_new failed");
	return channel;
}

static struct fiber_channel *channel;

static int
write_f(va_list ap)
{
	(void)ap;
	for (;;)
		must_put(channel, channel);
	return 0;
}

static void
channel_prepare(const struct bench_setting *setting, uint32_t size)
{
	struct bench_setting writer = {.n = 1, .stack = setting->stack};
	channel = must_make(size);
	start_fibers(&writer, 0, write_f);
}

static void
channel_0_prepare(const struct bench_setting *setting)
{
	channel_prepare(setting, 0);
}

static void
channel_128_prepare(const struct bench_setting *setting)
{
	channel_prepare(setting, 128);
}

static uint64_t
channel_run(uint64_t rounds)
{
	/* Whole buffers: a part of one costs nothing until the rest is asked for. */
	enum { ROUND = 128 };
	for (uint64_t i = 0; i < rounds * ROUND; i++)
		bench_use(must_get(channel));
	return rounds * ROUND;
}

const struct bench_row channel_0_row = {
	"channel_0", BENCH_REPEATED, channel_0_prepare, channel_run,
};

const struct bench_row channel_128_row = {
	"channel_128", BENCH_REPEATED, channel_128_prepare, channel_run,
};

/*
 * channel_ring: n fibers, the driver among them, each with a channel of size 0 to read
 * from. One message goes round. An operation is a message.
 */

static struct fiber_channel **ring;

static int
pass_on_f(va_list ap)
{
	unsigned long i = va_arg(ap, unsigned long);
	struct fiber_channel *own = ring[i];
	struct fiber_channel *next = ring[(i + 1) % count];
	for (;;)
		must_put(next, must_get(own));
	return 0;
}

static void
channel_ring_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	ring = (struct fiber_channel **)bench_array(count, sizeof(*ring));
	for (unsigned long i = 0; i < count; i++)
		ring[i] = must_make(0);
	start_fibers(setting, 1, pass_on_f);
}

static uint64_t
channel_ring_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		must_put(ring[1], ring);
		bench_use(must_get(ring[0]));
	}
	return rounds * count;
}

const struct bench_row channel_ring_row = {
	"channel_ring", BENCH_REPEATED, channel_ring_prepare, channel_ring_run,
};
