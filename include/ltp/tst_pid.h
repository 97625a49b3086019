/* SPDX-License-Identifier: BSD-2-Clause */
/* The process id, straight from the kernel. */
#ifndef LTP_TST_PID_H
#define LTP_TST_PID_H

#include "tst_common.h"

TST_BEGIN_DECLS
pid_t tst_getpid(void);
TST_END_DECLS

#endif
