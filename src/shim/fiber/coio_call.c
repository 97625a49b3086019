/* SPDX-License-Identifier: BSD-2-Clause */
/* The ellipsis of coio_task.h. */

#include "coio_task.h"
#include "fiber/from_rust.h"

/* The list lies in this frame, which lives until the worker is through. */
ssize_t
coio_call(coio_call_cb func, ...)
{
	va_list ap;
	va_start(ap, func);
	ssize_t result = cordage_coio_call(func, ap);
	va_end(ap);
	return result;
}
