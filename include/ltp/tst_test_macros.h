/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TEST() keeps a call's value and errno, TST_EXP_*() also says what they should have
 * been (spec ltp.md 16). Behind the arguments named here may follow a printf-style
 * description; without one the report shows the source text of the call.
 */
#ifndef LTP_TST_TEST_MACROS_H
#define LTP_TST_TEST_MACROS_H

#include "tst_report.h"

#include <stdbool.h>
#include <string.h>

TST_BEGIN_DECLS

extern long TST_RET;
extern int TST_ERR;
/* 1 if the last TST_EXP_*() passed. */
extern int TST_PASS;
extern void *TST_RET_PTR;

#define TEST(SCALL) \
do { \
	errno = 0; \
	TST_RET = SCALL; \
	TST_ERR = errno; \
} while (0)

#define TEST_VOID(SCALL) \
do { \
	errno = 0; \
	SCALL; \
	TST_ERR = errno; \
} while (0)

#define TESTPTR(SCALL) \
do { \
	errno = 0; \
	TST_RET_PTR = (void *)(SCALL); \
	TST_ERR = errno; \
} while (0)

enum tst_exp_ {
	TST_EXP_PASS_,
	TST_EXP_POSITIVE_,
	TST_EXP_FD_,
	TST_EXP_PID_,
	TST_EXP_VAL_,
	TST_EXP_FAIL_,
	TST_EXP_FAIL2_,
	TST_EXP_EXPR_,
	TST_EXP_PASS_PTR_,
	TST_EXP_FAIL_PTR_,
	TST_EXP_SILENT_ = 0x100
};

/* Judges TST_RET or TST_RET_PTR, and TST_ERR. */
void tst_exp_(const char *file, const int lineno, unsigned int kind, long value,
	      const int *errs, int errs_cnt, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));

/* Is err in the set? */
bool tst_errno_in_set(int err, const int *exp_errs, int exp_errs_cnt);
/* The names in buf, joined with ", ". */
const char *tst_errno_names(char *buf, const int *exp_errs, int exp_errs_cnt);

/* 1 if there are arguments, up to 15 of them, else 0. */
#define TST_HAS_ARGS_(...) \
	TST_17TH_(0, ##__VA_ARGS__, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0)
#define TST_17TH_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, ...) q

/* The description, or else the source text, as printf wants them. */
#define TST_DESC_(text, ...) \
	TST_CAT_(TST_DESC_, TST_HAS_ARGS_(__VA_ARGS__))(text, ##__VA_ARGS__)
#define TST_DESC_0(text) "%s", text
#define TST_DESC_1(text, ...) __VA_ARGS__

#define TST_EXP_RET_(kind, val, SCALL, text, ...) \
({ \
	TEST(SCALL); \
	tst_exp_(__FILE__, __LINE__, (kind), (val), NULL, 0, \
		 TST_DESC_(text, ##__VA_ARGS__)); \
	TST_RET; \
})

#define TST_EXP_ERRS_(kind, errs, errs_cnt, SCALL, text, ...) \
do { \
	TEST(SCALL); \
	tst_exp_(__FILE__, __LINE__, (kind), 0, (errs), (errs_cnt), \
		 TST_DESC_(text, ##__VA_ARGS__)); \
} while (0)

#define TST_EXP_ERR_(kind, err, SCALL, text, ...) \
do { \
	const int tst_exp_err_ = (err); \
	TST_EXP_ERRS_(kind, &tst_exp_err_, 1, SCALL, text, ##__VA_ARGS__); \
} while (0)

#define TST_EXP_PTR_(fail, SCALL, text, ...) \
({ \
	TESTPTR(SCALL); \
	tst_exp_(__FILE__, __LINE__, TST_EXP_PASS_PTR_, (fail), NULL, 0, \
		 TST_DESC_(text, ##__VA_ARGS__)); \
	TST_RET_PTR; \
})

#define TST_EXP_PTR_ERRS_(fail, errs, errs_cnt, SCALL, text, ...) \
do { \
	TESTPTR(SCALL); \
	tst_exp_(__FILE__, __LINE__, TST_EXP_FAIL_PTR_, (fail), (errs), (errs_cnt), \
		 TST_DESC_(text, ##__VA_ARGS__)); \
} while (0)

#define TST_EXP_PTR_ERR_(fail, err, SCALL, text, ...) \
do { \
	const int tst_exp_err_ = (err); \
	TST_EXP_PTR_ERRS_(fail, &tst_exp_err_, 1, SCALL, text, ##__VA_ARGS__); \
} while (0)

/* Returns 0. */
#define TST_EXP_PASS(SCALL, ...) \
	((void)TST_EXP_RET_(TST_EXP_PASS_, 0, SCALL, #SCALL, ##__VA_ARGS__))
#define TST_EXP_PASS_SILENT(SCALL, ...) \
	((void)TST_EXP_RET_(TST_EXP_PASS_ | TST_EXP_SILENT_, 0, SCALL, #SCALL, ##__VA_ARGS__))

/* Returns 0 or more; these yield it. */
#define TST_EXP_POSITIVE(SCALL, ...) \
	TST_EXP_RET_(TST_EXP_POSITIVE_, 0, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FD(SCALL, ...) \
	TST_EXP_RET_(TST_EXP_FD_, 0, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FD_SILENT(SCALL, ...) \
	TST_EXP_RET_(TST_EXP_FD_ | TST_EXP_SILENT_, 0, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_PID(SCALL, ...) \
	TST_EXP_RET_(TST_EXP_PID_, 0, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_PID_SILENT(SCALL, ...) \
	TST_EXP_RET_(TST_EXP_PID_ | TST_EXP_SILENT_, 0, SCALL, #SCALL, ##__VA_ARGS__)

/* Returns VAL. */
#define TST_EXP_VAL(SCALL, VAL, ...) \
	((void)TST_EXP_RET_(TST_EXP_VAL_, (VAL), SCALL, #SCALL, ##__VA_ARGS__))
#define TST_EXP_VAL_SILENT(SCALL, VAL, ...) \
	((void)TST_EXP_RET_(TST_EXP_VAL_ | TST_EXP_SILENT_, (VAL), SCALL, #SCALL, ##__VA_ARGS__))

/* Fails with -1 and the errno; success is 0, or in the 2 forms 0 and more. */
#define TST_EXP_FAIL(SCALL, ERRNO, ...) \
	TST_EXP_ERR_(TST_EXP_FAIL_, ERRNO, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL_SILENT(SCALL, ERRNO, ...) \
	TST_EXP_ERR_(TST_EXP_FAIL_ | TST_EXP_SILENT_, ERRNO, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL2(SCALL, ERRNO, ...) \
	TST_EXP_ERR_(TST_EXP_FAIL2_, ERRNO, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL2_SILENT(SCALL, ERRNO, ...) \
	TST_EXP_ERR_(TST_EXP_FAIL2_ | TST_EXP_SILENT_, ERRNO, SCALL, #SCALL, ##__VA_ARGS__)

/* With one of several. */
#define TST_EXP_FAIL_ARR(SCALL, EXP_ERRS, EXP_ERRS_CNT, ...) \
	TST_EXP_ERRS_(TST_EXP_FAIL_, EXP_ERRS, EXP_ERRS_CNT, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL2_ARR(SCALL, EXP_ERRS, EXP_ERRS_CNT, ...) \
	TST_EXP_ERRS_(TST_EXP_FAIL2_, EXP_ERRS, EXP_ERRS_CNT, SCALL, #SCALL, ##__VA_ARGS__)

/* By ERRNO, where 0 means success. */
#define TST_EXP_PASS_OR_FAIL(SCALL, ERRNO, ...) \
do { \
	const int tst_exp_or_ = (ERRNO); \
	TST_EXP_ERRS_(tst_exp_or_ ? TST_EXP_FAIL_ : TST_EXP_PASS_, &tst_exp_or_, 1, \
		      SCALL, #SCALL, ##__VA_ARGS__); \
} while (0)
#define TST_EXP_FD_OR_FAIL(SCALL, ERRNO, ...) \
({ \
	const int tst_exp_or_ = (ERRNO); \
	TST_EXP_ERRS_(tst_exp_or_ ? TST_EXP_FAIL_ : TST_EXP_FD_, &tst_exp_or_, 1, \
		      SCALL, #SCALL, ##__VA_ARGS__); \
	TST_RET; \
})

/* Pointers whose failure value is (void *)-1 or NULL. */
#define TST_EXP_PASS_PTR_VOID(SCALL, ...) \
	TST_EXP_PTR_(-1L, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_PASS_PTR_NULL(SCALL, ...) \
	TST_EXP_PTR_(0L, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL_PTR_VOID(SCALL, ERRNO, ...) \
	TST_EXP_PTR_ERR_(-1L, ERRNO, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL_PTR_NULL(SCALL, ERRNO, ...) \
	TST_EXP_PTR_ERR_(0L, ERRNO, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL_PTR_VOID_ARR(SCALL, EXP_ERRS, EXP_ERRS_CNT, ...) \
	TST_EXP_PTR_ERRS_(-1L, EXP_ERRS, EXP_ERRS_CNT, SCALL, #SCALL, ##__VA_ARGS__)
#define TST_EXP_FAIL_PTR_NULL_ARR(SCALL, EXP_ERRS, EXP_ERRS_CNT, ...) \
	TST_EXP_PTR_ERRS_(0L, EXP_ERRS, EXP_ERRS_CNT, SCALL, #SCALL, ##__VA_ARGS__)

/* An expression that holds: "Expect: <description or its text>". */
#define TST_EXP_EXPR(EXPR, ...) TST_EXP_EXPR__(EXPR, #EXPR, ##__VA_ARGS__)
#define TST_EXP_EXPR__(EXPR, text, ...) \
	tst_exp_(__FILE__, __LINE__, TST_EXP_EXPR_, !!(EXPR), NULL, 0, \
		 TST_DESC_(text, ##__VA_ARGS__))

/* Two values that are equal: "a == b (value)". */
#define TST_EXP_EQ_(VAL_A, text_a, VAL_B, text_b, TYPE, FORMAT) \
do { \
	TYPE tst_exp_a_ = (VAL_A); \
	TYPE tst_exp_b_ = (VAL_B); \
	\
	TST_PASS = tst_exp_a_ == tst_exp_b_; \
	if (TST_PASS) \
		tst_res_(__FILE__, __LINE__, TPASS, "%s == %s (" FORMAT ")", \
			 text_a, text_b, tst_exp_a_); \
	else \
		tst_res_(__FILE__, __LINE__, TFAIL, \
			 "%s (" FORMAT ") != %s (" FORMAT ")", \
			 text_a, tst_exp_a_, text_b, tst_exp_b_); \
} while (0)

#define TST_EXP_EQ_LI(VAL_A, VAL_B) \
	TST_EXP_EQ_(VAL_A, #VAL_A, VAL_B, #VAL_B, long long, "%lli")
#define TST_EXP_EQ_LU(VAL_A, VAL_B) \
	TST_EXP_EQ_(VAL_A, #VAL_A, VAL_B, #VAL_B, unsigned long long, "%llu")
#define TST_EXP_EQ_SZ(VAL_A, VAL_B) \
	TST_EXP_EQ_(VAL_A, #VAL_A, VAL_B, #VAL_B, size_t, "%zu")
#define TST_EXP_EQ_SSZ(VAL_A, VAL_B) \
	TST_EXP_EQ_(VAL_A, #VAL_A, VAL_B, #VAL_B, ssize_t, "%zi")

/* The first value is not above the second. */
#define TST_EXP_LE_LU(VAL_A, VAL_B) \
	TST_EXP_LE_LU__(VAL_A, #VAL_A, VAL_B, #VAL_B)
#define TST_EXP_LE_LU__(VAL_A, text_a, VAL_B, text_b) \
do { \
	unsigned long long tst_exp_a_ = (VAL_A); \
	unsigned long long tst_exp_b_ = (VAL_B); \
	\
	TST_PASS = tst_exp_a_ <= tst_exp_b_; \
	if (TST_PASS) \
		tst_res_(__FILE__, __LINE__, TPASS, "%s <= %s (%llu <= %llu)", \
			 text_a, text_b, tst_exp_a_, tst_exp_b_); \
	else \
		tst_res_(__FILE__, __LINE__, TFAIL, "%s (%llu) > %s (%llu)", \
			 text_a, tst_exp_a_, text_b, tst_exp_b_); \
} while (0)

/* Two strings, or up to LEN bytes of them, that are equal. */
#define TST_EXP_EQ_STR(STR_A, STR_B) \
	TST_EXP_STR__(STR_A, #STR_A, STR_B, #STR_B, -1, \
		      strcmp(tst_exp_a_, tst_exp_b_))
#define TST_EXP_EQ_STRN(STR_A, STR_B, LEN) \
	TST_EXP_STR__(STR_A, #STR_A, STR_B, #STR_B, (int)(LEN), \
		      strncmp(tst_exp_a_, tst_exp_b_, (size_t)tst_exp_len_))
#define TST_EXP_STR__(STR_A, text_a, STR_B, text_b, LEN, DIFFERENCE) \
do { \
	const char *tst_exp_a_ = (STR_A); \
	const char *tst_exp_b_ = (STR_B); \
	const int tst_exp_len_ = (LEN); \
	\
	TST_PASS = (DIFFERENCE) == 0; \
	if (TST_PASS) \
		tst_res_(__FILE__, __LINE__, TPASS, "%s == %s (%.*s)", \
			 text_a, text_b, tst_exp_len_, tst_exp_b_); \
	else \
		tst_res_(__FILE__, __LINE__, TFAIL, "%s (%.*s) != %s (%.*s)", \
			 text_a, tst_exp_len_, tst_exp_a_, \
			 text_b, tst_exp_len_, tst_exp_b_); \
} while (0)

TST_END_DECLS

#endif
