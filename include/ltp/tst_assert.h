/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TPASS if a file has the value, TFAIL if it has another (spec ltp.md 14.2). Files are
 * read as by SAFE_FILE_SCANF() and SAFE_FILE_LINES_SCANF(): what follows does not matter.
 */
#ifndef LTP_TST_ASSERT_H
#define LTP_TST_ASSERT_H

#include "tst_common.h"

TST_BEGIN_DECLS

void tst_assert_number_(const char *file, const int lineno, const char *path,
			const char *prefix, long long val);
void tst_assert_ulong(const char *file, const int lineno, const char *path,
		      unsigned long val);
void tst_assert_text_(const char *file, const int lineno, const char *path,
		      const char *prefix, const char *val);

/* At the start of the file: a number, or a word. */
#define TST_ASSERT_INT(path, val) \
	tst_assert_number_(__FILE__, __LINE__, (path), NULL, (val))
#define TST_ASSERT_ULONG(path, val) \
	tst_assert_ulong(__FILE__, __LINE__, (path), (val))
#define TST_ASSERT_STR(path, val) \
	tst_assert_text_(__FILE__, __LINE__, (path), NULL, (val))

/* Behind the prefix, in the first line that has it and a value. */
#define TST_ASSERT_FILE_INT(path, prefix, val) \
	tst_assert_number_(__FILE__, __LINE__, (path), (prefix), (val))
#define TST_ASSERT_FILE_STR(path, prefix, val) \
	tst_assert_text_(__FILE__, __LINE__, (path), (prefix), (val))

TST_END_DECLS

#endif
