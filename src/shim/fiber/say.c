/* SPDX-License-Identifier: BSD-2-Clause */
/* The ellipses of say.h. */

#include "say.h"

extern void
cordage_vsay(int level, const char *file, int line, const char *error,
	     const char *format, va_list ap);

extern int
cordage_log_vsay(struct log *log, int level, const char *file, int line,
		 const char *error, const char *format, va_list ap);

static void
say_default(int level, const char *file, int line, const char *error,
	    const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	cordage_vsay(level, file, line, error, format, ap);
	va_end(ap);
}

sayfunc_t _say = say_default;

int
log_say(struct log *log, int level, const char *file, int line, const char *error,
	const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int length = cordage_log_vsay(log, level, file, line, error, format, ap);
	va_end(ap);
	return length;
}

/* Rust can pass a va_list on but not take anything out of it. */
const char *
cordage_first_string(va_list ap);

const char *
cordage_first_string(va_list ap)
{
	return va_arg(ap, const char *);
}
