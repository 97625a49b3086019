/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The variadic reports: they format into a buffer on the stack and hand the text to
 * Rust (src/capi/ltp/report.rs). vsnprintf() neither allocates nor locks for
 * the conversions that reports use, so this works in signal handlers.
 */
#define TST_NO_DEFAULT_MAIN
#include "tst_test.h"

/* As long as a line may be; a longer message is cut anyway. */
enum { MESSAGE_MAX = 1024 };

void cordage_ltp_res(const char *file, int lineno, int ttype, int err,
		     const char *text, int cut);
void cordage_ltp_brk(const char *file, int lineno, int ttype, int err,
		     const char *text, int cut);
void cordage_ltp_hexd(const char *file, int lineno, int ttype, const void *buf,
		      size_t size, const char *text, int cut);
void cordage_ltp_expect(const char *file, int lineno, unsigned int kind, long value,
			const int *errs, int errs_cnt, const char *description);

/* Formats into `text`; yields whether something was cut off. */
#define FORMAT(text, fmt) \
({ \
	va_list va; \
	int n; \
	\
	va_start(va, fmt); \
	n = vsnprintf(text, sizeof(text), fmt, va); \
	va_end(va); \
	if (n < 0) \
		text[0] = '\0'; \
	n >= (int)sizeof(text); \
})

void tst_res_(const char *file, const int lineno, int ttype, const char *fmt, ...)
{
	int err = errno;
	char text[MESSAGE_MAX];
	int cut = FORMAT(text, fmt);

	cordage_ltp_res(file, lineno, ttype, err, text, cut);
	errno = err;
}

void tst_brk_(const char *file, const int lineno, int ttype, const char *fmt, ...)
{
	int err = errno;
	char text[MESSAGE_MAX];
	int cut = FORMAT(text, fmt);

	cordage_ltp_brk(file, lineno, ttype, err, text, cut);
	errno = err;
}

void tst_resm_hexd_(const char *file, const int lineno, int ttype, const void *buf,
		    size_t size, const char *fmt, ...)
{
	int err = errno;
	char text[MESSAGE_MAX];
	int cut = FORMAT(text, fmt);

	errno = err;
	cordage_ltp_hexd(file, lineno, ttype, buf, size, text, cut);
}

/* However long: it is no line of ours. */
void tst_printf(const char *fmt, ...)
{
	int err = errno;
	va_list va;

	va_start(va, fmt);
	vdprintf(STDERR_FILENO, fmt, va);
	va_end(va);
	errno = err;
}

void tst_exp_(const char *file, const int lineno, unsigned int kind, long value,
	      const int *errs, int errs_cnt, const char *fmt, ...)
{
	char text[MESSAGE_MAX];

	FORMAT(text, fmt);
	cordage_ltp_expect(file, lineno, kind, value, errs, errs_cnt, text);
}
