/* SPDX-License-Identifier: BSD-2-Clause */
/* The ellipsis of diag.h. */

#include "diag.h"

void
error_format_msg(struct error *e, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	error_vformat_msg(e, format, ap);
	va_end(ap);
}
