/* SPDX-License-Identifier: BSD-2-Clause */
/* The ellipsis of unit.h. */

#include "unit.h"

#include <stdarg.h>

extern void
cordage_vok(int condition, const char *fmt, va_list ap);

int
_ok(int condition, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	cordage_vok(condition, fmt, ap);
	va_end(ap);
	return condition;
}
