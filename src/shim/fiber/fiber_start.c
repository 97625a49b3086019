/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber_start takes a variable number of arguments, which Rust cannot. */

#include "fiber.h"

#include <stdarg.h>

/* In Rust (src/capi/fiber.rs): fiber_call() in the name of fiber_start(). */
void
cordage_fiber_started(struct fiber *callee);

/*
 * The list lies in this frame, which lives until the callee yields or dies: the callee
 * must have read its arguments by then, and may be gone.
 */
void
fiber_start(struct fiber *callee, ...)
{
	va_list ap;
	va_start(ap, callee);
	va_copy(callee->f_data, ap);
	cordage_fiber_started(callee);
	va_end(ap);
}

/* For cord_costart, from Rust. */
void
cordage_fiber_start_one(struct fiber *callee, void *argument)
{
	fiber_start(callee, argument);
}
