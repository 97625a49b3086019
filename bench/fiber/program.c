/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows as a program that links a library with the API of fiber.h. */
#include "memory.h"
#include "rows.h"

#include <stdlib.h>

#ifndef BENCH_NO_HOOK
/*
 * Every program for the reference has this function, or it does not link; so
 * calling it is a part of what a switch costs there.
 */
void
cord_on_yield(void)
{
}
#endif

static int
driver_f(va_list ap)
{
	int argc = va_arg(ap, int);
	char **argv = va_arg(ap, char **);
	/* From here on the scheduler is our caller, as in any server. */
	fiber_reschedule();
	fiber_bench(argc, argv);
	return 0;
}

int
main(int argc, char **argv)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	struct fiber *driver = fiber_new("driver", driver_f);
	if (driver == NULL)
		bench_die("no driver");
	fiber_start(driver, argc, argv);
	ev_run(loop(), 0);
	return EXIT_FAILURE;
}
