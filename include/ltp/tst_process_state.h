/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting until a process is in a state (the letters of proc(5)). */
#ifndef LTP_TST_PROCESS_STATE_H
#define LTP_TST_PROCESS_STATE_H

#include "tst_common.h"

TST_BEGIN_DECLS

/* 0, or -1 and ETIMEDOUT; 0 ms is no limit. -1 and ESRCH without such a process. */
int tst_process_state_wait(pid_t pid, const char state, unsigned int msec_timeout);

#define TST_PROCESS_STATE_WAIT(pid, state, msec_timeout) \
	tst_process_state_wait((pid), (state), (msec_timeout))

TST_END_DECLS

#endif
