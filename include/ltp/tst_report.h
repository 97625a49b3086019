/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports (spec ltp.md 3). A report is one line on stderr,
 *
 *	<file>:<line>: <TYPE>: <message>[: <ERRNONAME> (<number>)]
 *
 * and one more on a counter that all processes of the run share. Reports may come
 * from any process, thread and signal handler; errno survives them.
 */
#ifndef LTP_TST_REPORT_H
#define LTP_TST_REPORT_H

#include "tst_common.h"
#include "tst_res_flags.h"

TST_BEGIN_DECLS

/* The functions behind tst_res() and tst_brk(). */
void tst_res_(const char *file, const int lineno, int ttype, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void tst_brk_(const char *file, const int lineno, int ttype, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * A constant type that makes no sense is a compile error: an array of negative size. Any
 * other type is checked when the report is made.
 */
#define TST_RES_TYPE_(t) \
	((t) == TPASS || (t) == TFAIL || (t) == TWARN || (t) == TDEBUG || \
	 (t) == TINFO || (t) == TCONF)

#if TST_API_GENERATION >= 2026
# define TST_BRK_TYPE_(t) 1
#else
# define TST_BRK_TYPE_(t) ((t) == TBROK || (t) == TCONF || (t) == TFAIL)
#endif

#ifdef __cplusplus
# define TST_CHECK_TYPE_(VALID, ttype, standard) ((void)0)
#else
# define TST_CHECK_TYPE_(VALID, ttype, standard) \
	((void)sizeof(char[VALID(TTYPE_RESULT((int)__builtin_choose_expr( \
		__builtin_constant_p(ttype), (ttype), (standard)))) ? 1 : -1]))
#endif

/* Reports a result, or a piece of information. An expression of type void. */
#define tst_res(ttype, fmt, ...) \
	(TST_CHECK_TYPE_(TST_RES_TYPE_, ttype, TINFO), \
	 tst_res_(__FILE__, __LINE__, (ttype), (fmt), ##__VA_ARGS__))

/*
 * Reports why the test cannot go on, and ends it: in the test process cleanup runs
 * first. It comes back only while cleanup runs, and there TBROK becomes TWARN.
 */
#define tst_brk(ttype, fmt, ...) \
	(TST_CHECK_TYPE_(TST_BRK_TYPE_, ttype, TBROK), \
	 tst_brk_(__FILE__, __LINE__, (ttype), (fmt), ##__VA_ARGS__))

/* Text to stderr as it is. */
void tst_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A report with a hexadecimal dump; every printed line is a result. */
void tst_resm_hexd_(const char *file, const int lineno, int ttype,
		    const void *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

#define tst_res_hexd(ttype, buf, size, fmt, ...) \
	tst_resm_hexd_(__FILE__, __LINE__, (ttype), (buf), (size), (fmt), ##__VA_ARGS__)

/* fflush() of stderr and stdout; TBROK if one fails. */
void tst_flush(void);

/* "ENOENT", "SIGKILL": static strings. */
const char *tst_strerrno(int err);
const char *tst_strsig(int sig);

/* What a status of waitpid() says, in a static buffer; not thread-safe. */
const char *tst_strstatus(int status);

/* TINFO "<expression> failed" if it is not 0; yields its value. */
#define TST_TRACE(expr) \
({ \
	int tst_traced_ = (expr); \
	if (tst_traced_) \
		tst_res(TINFO, "%s", #expr " failed"); \
	tst_traced_; \
})

TST_END_DECLS

#endif
