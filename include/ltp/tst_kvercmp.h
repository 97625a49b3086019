/* SPDX-License-Identifier: BSD-2-Clause */
/* The running kernel compared with k1.k2.k3: below 0 if older, above if newer. */
#ifndef LTP_TST_KVERCMP_H
#define LTP_TST_KVERCMP_H

#include "tst_common.h"

TST_BEGIN_DECLS
int tst_kvercmp(int k1, int k2, int k3);
TST_END_DECLS

#endif
