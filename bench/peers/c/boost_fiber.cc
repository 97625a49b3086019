// SPDX-License-Identifier: BSD-2-Clause
// boost.fiber: fibers with a scheduler (the default, round robin). Guarded stacks are
// mappings of their own; cached ones come from a pool without guards. A fiber is
// launched like fiber_start(): it runs at once.
#include "../../harness/bench.h"

#include <boost/fiber/all.hpp>

#include <mutex>
#include <new>

namespace fib = boost::fibers;

namespace {

unsigned long count;
size_t stack_size;

template <class Stacks, class Function>
fib::fiber
start(Stacks &&stacks, unsigned long made, Function f,
      fib::launch launch = fib::launch::dispatch)
{
	try {
		return fib::fiber(launch, std::allocator_arg,
				  std::forward<Stacks>(stacks), f);
	} catch (const std::bad_alloc &e) {
		bench_limit(made, e.what());
	}
}

void
remember(const bench_setting *setting)
{
	count = setting->n;
	stack_size = setting->stack > 0 ? setting->stack : 512 * 1024;
}

/** Runs f(i) in fibers `first` to n - 1. */
template <class Function>
void
start_fibers(const bench_setting *setting, unsigned long first, Function f,
	     fib::launch launch = fib::launch::dispatch)
{
	remember(setting);
	for (unsigned long i = first; i < count; i++) {
		start(fib::protected_fixedsize_stack(stack_size), i, [f, i] {
			f(i);
		}, launch).detach();
	}
}

/** For the life of the process. */
void
park(unsigned long)
{
	static fib::mutex mutex;
	static fib::condition_variable_any never;
	std::unique_lock<fib::mutex> lock(mutex);
	for (;;)
		never.wait(lock);
}

void
park_prepare(const bench_setting *setting)
{
	start_fibers(setting, 0, park);
}

uint64_t
create_parked_run(uint64_t)
{
	bench_setting setting = {count, stack_size};
	start_fibers(&setting, 0, park);
	return count;
}

void
reschedule_prepare(const bench_setting *setting)
{
	/* Dispatched, each would let all the others run before the next one is made. */
	start_fibers(setting, 1, [](unsigned long) {
		for (;;)
			boost::this_fiber::yield();
	}, fib::launch::post);
}

uint64_t
reschedule_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++)
		boost::this_fiber::yield();
	return rounds * count;
}

uint64_t
start_join_run(uint64_t rounds)
{
	fib::pooled_fixedsize_stack pool(stack_size);
	for (uint64_t round = 0; round < rounds; round++)
		start(pool, round, [] {}).join();
	return rounds;
}

uint64_t
start_join_fresh_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++)
		start(fib::protected_fixedsize_stack(stack_size), round, [] {}).join();
	return rounds;
}

/** One turn of the ring: see bench/fiber/sync.c. */
struct turn {
	fib::mutex mutex;
	fib::condition_variable ready;
	bool mine = false;
};

turn *turns;

void
wait_turn(unsigned long i)
{
	std::unique_lock<fib::mutex> lock(turns[i].mutex);
	while (!turns[i].mine)
		turns[i].ready.wait(lock);
	turns[i].mine = false;
}

void
give_turn(unsigned long i)
{
	std::unique_lock<fib::mutex> lock(turns[i].mutex);
	turns[i].mine = true;
	turns[i].ready.notify_one();
}

void
cond_prepare(const bench_setting *setting)
{
	turns = new turn[setting->n];
	start_fibers(setting, 1, [](unsigned long i) {
		for (;;) {
			wait_turn(i);
			give_turn((i + 1) % count);
		}
	});
}

uint64_t
cond_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		give_turn(1);
		wait_turn(0);
	}
	return rounds * count;
}

/* channel_0, channel_128, channel_ring: see bench/fiber/sync.c. */

using unbuffered = fib::unbuffered_channel<void *>;
using buffered = fib::buffered_channel<void *>;

template <class Channel>
Channel *channel;

template <class Channel>
void
channel_prepare(Channel *made, const bench_setting *setting)
{
	bench_setting writer = {1, setting->stack};
	channel<Channel> = made;
	start_fibers(&writer, 0, [](unsigned long) {
		for (;;)
			channel<Channel>->push(channel<Channel>);
	});
}

void
channel_0_prepare(const bench_setting *setting)
{
	channel_prepare(new unbuffered(), setting);
}

/* The size must be a power of two; one place stays empty. */
void
channel_128_prepare(const bench_setting *setting)
{
	channel_prepare(new buffered(128), setting);
}

template <class Channel>
uint64_t
channel_run(uint64_t rounds)
{
	enum { ROUND = 128 };
	void *message = nullptr;
	for (uint64_t i = 0; i < rounds * ROUND; i++) {
		channel<Channel>->pop(message);
		bench_use(message);
	}
	return rounds * ROUND;
}

unbuffered *ring;

void
channel_ring_prepare(const bench_setting *setting)
{
	ring = new unbuffered[setting->n];
	start_fibers(setting, 1, [](unsigned long i) {
		void *message = nullptr;
		for (;;) {
			ring[i].pop(message);
			ring[(i + 1) % count].push(message);
		}
	});
}

uint64_t
channel_ring_run(uint64_t rounds)
{
	void *message = ring;
	for (uint64_t round = 0; round < rounds; round++) {
		ring[1].push(message);
		ring[0].pop(message);
	}
	return rounds * count;
}

const bench_row rows[] = {
	{"reschedule", BENCH_REPEATED, reschedule_prepare, reschedule_run},
	{"start_join", BENCH_REPEATED, park_prepare, start_join_run},
	{"start_join_fresh", BENCH_REPEATED, remember, start_join_fresh_run},
	{"create_parked", BENCH_ONCE, remember, create_parked_run},
	{"cond", BENCH_REPEATED, cond_prepare, cond_run},
	{"channel_0", BENCH_REPEATED, channel_0_prepare, channel_run<unbuffered>},
	{"channel_128", BENCH_REPEATED, channel_128_prepare, channel_run<buffered>},
	{"channel_ring", BENCH_REPEATED, channel_ring_prepare, channel_ring_run},
	{"memory", BENCH_MEMORY, remember, create_parked_run},
	{nullptr, BENCH_ONCE, nullptr, nullptr},
};

} // namespace

int
main(int argc, char **argv)
{
	bench_main(argc, argv, rows);
}
