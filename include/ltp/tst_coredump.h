/* SPDX-License-Identifier: BSD-2-Clause */
/* No core file of this process and its children; verbose says so. */
#ifndef LTP_TST_COREDUMP_H
#define LTP_TST_COREDUMP_H

#include "tst_common.h"

TST_BEGIN_DECLS
void tst_no_corefile(int verbose);
TST_END_DECLS

#endif
