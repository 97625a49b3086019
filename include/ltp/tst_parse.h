/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of options (spec ltp.md 6.3). Each returns 0, EINVAL for bad syntax or
 * ERANGE outside the bounds, and changes nothing for a NULL text.
 */
#ifndef LTP_TST_PARSE_H
#define LTP_TST_PARSE_H

#include "tst_common.h"

TST_BEGIN_DECLS

int tst_parse_int(const char *str, int *val, int min, int max);
int tst_parse_long(const char *str, long *val, long min, long max);
int tst_parse_float(const char *str, float *val, float min, float max);
/* One suffix k, m or g in either case: powers of 1024. Any base of C. */
int tst_parse_filesize(const char *str, long long *val, long long min, long long max);

TST_END_DECLS

#endif
