/* SPDX-License-Identifier: BSD-2-Clause */
#include "rows.h"

#include "box/error.h"

void
fiber_bench(int argc, char **argv)
{
	const struct bench_row rows[] = {
		call_yield_row,
		wakeup_yield_row,
		reschedule_row,
		wake_random_row,
		sleep_0_row,
		start_end_row,
		start_join_row,
		start_join_fresh_row,
		create_parked_row,
		memory_row,
		cond_row,
		channel_0_row,
		channel_128_row,
		channel_ring_row,
		region_row,
		mempool_row,
		cord_row,
		{.name = NULL},
	};
	bench_main(argc, argv, rows);
}

struct fiber_attr *
make_attr(const struct bench_setting *setting)
{
	struct fiber_attr *attr = fiber_attr_new();
	if (attr == NULL ||
	    (setting->stack > 0 && fiber_attr_setstacksize(attr, setting->stack) != 0))
		bench_die("%s", box_error_message(box_error_last()));
	return attr;
}

struct fiber *
make_fiber(const struct fiber_attr *attr, unsigned long made, fiber_func f)
{
	struct fiber *fiber = fiber_new_ex("bench", attr, f);
	if (fiber == NULL)
		bench_limit(made, box_error_message(box_error_last()));
	return fiber;
}

struct fiber **
start_fibers(const struct bench_setting *setting, unsigned long first, fiber_func f)
{
	struct fiber_attr *attr = make_attr(setting);
	struct fiber **fibers = (struct fiber **)
		bench_array(setting->n, sizeof(*fibers));
	for (unsigned long i = first; i < setting->n; i++) {
		fibers[i] = make_fiber(attr, i, f);
		fiber_start(fibers[i], i);
	}
	fiber_attr_delete(attr);
	return fibers;
}

int
park_f(va_list ap)
{
	(void)ap;
	for (;;)
		fiber_yield();
	return 0;
}
