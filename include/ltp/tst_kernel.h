/* SPDX-License-Identifier: BSD-2-Clause */
/* The running kernel's word size: 32 or 64. */
#ifndef LTP_TST_KERNEL_H
#define LTP_TST_KERNEL_H

#include "tst_common.h"

TST_BEGIN_DECLS
int tst_kernel_bits(void);
TST_END_DECLS

#endif
