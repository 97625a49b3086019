// SPDX-License-Identifier: BSD-2-Clause
// boost.context: stackful coroutines without a scheduler. A guarded stack is a mapping of
// its own (protected_fixedsize_stack); a cached one comes from a pool without guards
// (pooled_fixedsize_stack), which is what the library has for reuse.
#include "../../harness/bench.h"

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#include <new>
#include <utility>

namespace ctx = boost::context;

namespace {

unsigned long count;
size_t stack_size;
ctx::fiber *fibers;

size_t
stack_of(const bench_setting *setting)
{
	return setting->stack > 0 ? setting->stack : 512 * 1024;
}

ctx::fiber
park(ctx::fiber &&caller)
{
	for (;;)
		caller = std::move(caller).resume();
}

ctx::fiber
end(ctx::fiber &&caller)
{
	return std::move(caller);
}

void
make_parked(unsigned long i)
{
	try {
		fibers[i] = ctx::fiber(std::allocator_arg,
				       ctx::protected_fixedsize_stack(stack_size), park);
	} catch (const std::bad_alloc &e) {
		bench_limit(i, e.what());
	}
	fibers[i] = std::move(fibers[i]).resume();
}

void
create_parked_prepare(const bench_setting *setting)
{
	count = setting->n;
	stack_size = stack_of(setting);
	fibers = new ctx::fiber[count];
}

uint64_t
create_parked_run(uint64_t)
{
	for (unsigned long i = 0; i < count; i++)
		make_parked(i);
	return count;
}

void
call_yield_prepare(const bench_setting *setting)
{
	create_parked_prepare(setting);
	create_parked_run(1);
}

uint64_t
call_yield_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		for (unsigned long i = 0; i < count; i++)
			fibers[i] = std::move(fibers[i]).resume();
	}
	return 2 * rounds * count;
}

uint64_t
start_end_run(uint64_t rounds)
{
	ctx::pooled_fixedsize_stack pool(stack_size);
	for (uint64_t round = 0; round < rounds; round++)
		ctx::fiber(std::allocator_arg, pool, end).resume();
	return rounds;
}

uint64_t
start_join_fresh_run(uint64_t rounds)
{
	ctx::protected_fixedsize_stack stacks(stack_size);
	for (uint64_t round = 0; round < rounds; round++)
		ctx::fiber(std::allocator_arg, stacks, end).resume();
	return rounds;
}

const bench_row rows[] = {
	{"call_yield", BENCH_REPEATED, call_yield_prepare, call_yield_run},
	{"start_end", BENCH_REPEATED, call_yield_prepare, start_end_run},
	{"start_join_fresh", BENCH_REPEATED, create_parked_prepare, start_join_fresh_run},
	{"create_parked", BENCH_ONCE, create_parked_prepare, create_parked_run},
	{"memory", BENCH_MEMORY, create_parked_prepare, create_parked_run},
	{nullptr, BENCH_ONCE, nullptr, nullptr},
};

} // namespace

int
main(int argc, char **argv)
{
	bench_main(argc, argv, rows);
}
