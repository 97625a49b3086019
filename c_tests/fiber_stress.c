/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two million switches among a hundred fibers, in turn (spec fiber.md 4.5, 12.2).
 */
#include "main_fiber.h"

enum { FIBERS = 100, ROUNDS = 20000 };

static int last = FIBERS - 1;
static long out_of_turn, switches;

static int
reschedule_f(va_list ap)
{
	int number = va_arg(ap, int);
	fiber_yield();
	for (int i = 0; i < ROUNDS; i++) {
		out_of_turn += (last + 1) % FIBERS != number;
		last = number;
		switches++;
		fiber_reschedule();
	}
	return 0;
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	struct fiber *fibers[FIBERS];
	for (int i = 0; i < FIBERS; i++) {
		fibers[i] = fiber_new("stress", reschedule_f);
		fiber_start(fibers[i], i);
	}
	for (int i = 0; i < FIBERS; i++)
		fiber_wakeup(fibers[i]);
	fiber_sleep(0);
	int dead = 0, counted = 0;
	for (int i = 0; i < FIBERS; i++) {
		dead += fibers[i]->fid == 0 && fiber_is_dead(fibers[i]);
		counted += fibers[i]->csw == ROUNDS + 2;
	}
	is(dead, FIBERS, "all fibers have ended");
	is(switches, (long)FIBERS * ROUNDS, "after two million switches");
	is(out_of_turn, 0, "each of them in turn");
	is(counted, FIBERS, "all counted");
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
