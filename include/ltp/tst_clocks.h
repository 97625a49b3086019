/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks by system call, whatever the C library does. 0, or -1 and errno. */
#ifndef LTP_TST_CLOCKS_H
#define LTP_TST_CLOCKS_H

#include "tst_common.h"

TST_BEGIN_DECLS

int tst_clock_getres(clockid_t clk_id, struct timespec *res);
int tst_clock_gettime(clockid_t clk_id, struct timespec *ts);
int tst_clock_settime(clockid_t clk_id, struct timespec *ts);

TST_END_DECLS

#endif
