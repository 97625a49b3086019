/* SPDX-License-Identifier: BSD-2-Clause */
/* Taint flags of the kernel (spec ltp.md 14.2): .taint_check is a mask of these. */
#ifndef LTP_TST_TAINT_H
#define LTP_TST_TAINT_H

#include "tst_common.h"

TST_BEGIN_DECLS

#define TST_TAINT_G (1 << 0)   /* proprietary module */
#define TST_TAINT_F (1 << 1)   /* module force loaded */
#define TST_TAINT_S (1 << 2)   /* out of specification system */
#define TST_TAINT_R (1 << 3)   /* module force unloaded */
#define TST_TAINT_M (1 << 4)   /* machine check exception */
#define TST_TAINT_B (1 << 5)   /* bad page */
#define TST_TAINT_U (1 << 6)   /* asked for by userspace */
#define TST_TAINT_D (1 << 7)   /* oops */
#define TST_TAINT_A (1 << 8)   /* ACPI table overridden */
#define TST_TAINT_W (1 << 9)   /* warning */
#define TST_TAINT_C (1 << 10)  /* staging driver */
#define TST_TAINT_I (1 << 11)  /* firmware workaround */
#define TST_TAINT_O (1 << 12)  /* out-of-tree module */
#define TST_TAINT_E (1 << 13)  /* unsigned module */
#define TST_TAINT_L (1 << 14)  /* soft lockup */
#define TST_TAINT_K (1 << 15)  /* live patch */
#define TST_TAINT_X (1 << 16)  /* of distributions */
#define TST_TAINT_T (1 << 17)  /* randomised structures */
#define TST_TAINT_N (1 << 18)  /* in-kernel test */

/* The library calls these for .taint_check. */
void tst_taint_init(unsigned int mask);
unsigned int tst_taint_check(void);

TST_END_DECLS

#endif
