/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reference has added to its libev (spec fiber.md 14.2). All weak: a program
 * that links the reference's libev uses the definitions in there. */

#include "tarantool_ev.h"
#include "clock.h"

#include <string.h>

__attribute__((weak)) const ev_tstamp TIMEOUT_INFINITY = 365 * 86400 * 100.0;

/*
 * libev does not tell its clock, but what remains of a timer is its end minus that
 * clock: a timer that pretends to be running and to end at 0 gives the exact value.
 */
__attribute__((weak)) ev_tstamp
ev_monotonic_now(struct ev_loop *loop)
{
	struct ev_timer timer;
	memset(&timer, 0, sizeof(timer));
	timer.active = 1;
	return -ev_timer_remaining(loop, &timer);
}

__attribute__((weak)) ev_tstamp
ev_monotonic_time(void)
{
	return clock_monotonic();
}
