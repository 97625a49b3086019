/* SPDX-License-Identifier: BSD-2-Clause */
/* How many CPUs (spec ltp.md 14.2). */
#ifndef LTP_TST_CPU_H
#define LTP_TST_CPU_H

#include "tst_common.h"

TST_BEGIN_DECLS

long tst_ncpus(void);
long tst_ncpus_conf(void);
/* What an affinity mask must have room for. */
long tst_ncpus_max(void);
/* In the caller's affinity mask. */
long tst_ncpus_available(void);

TST_END_DECLS

#endif
