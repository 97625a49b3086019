/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Result types (spec ltp.md 3.1). A type may carry one of the flags; of several
 * the last in this list wins.
 */
#ifndef LTP_TST_RES_FLAGS_H
#define LTP_TST_RES_FLAGS_H

/* Which year's behaviour the test was written for: 2023 (default) or 2026. */
#ifndef TST_API_GENERATION
# define TST_API_GENERATION 2023
#endif

enum tst_res_flags {
	TPASS = 0,
	TFAIL = 1,
	TBROK = 2,
	TWARN = 4,
	TDEBUG = 8,   /* shown only with -D or LTP_DEBUG; counts nothing */
	TINFO = 16,   /* counts nothing */
	TCONF = 32,   /* counts as skipped */
	TERRNO = 0x100,   /* the line ends with errno */
	TTERRNO = 0x200,  /* ... with TST_ERR */
	TRERRNO = 0x400   /* ... with the absolute value of TST_RET */
};

#define TTYPE_MASK 0x3f
#define TTYPE_RESULT(ttype) ((ttype) & TTYPE_MASK)

#endif
