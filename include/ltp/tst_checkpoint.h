/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes of a run wait for each other at numbered checkpoints (spec ltp.md 10).
 * The test needs .needs_checkpoints; exec'ed programs call tst_reinit() first.
 */
#ifndef LTP_TST_CHECKPOINT_H
#define LTP_TST_CHECKPOINT_H

#include "tst_common.h"

TST_BEGIN_DECLS

/* 0, or -1 and errno: ETIMEDOUT, EOVERFLOW for an id beyond the last one. */
int tst_checkpoint_wait(unsigned int id, unsigned int msec_timeout);
/* Wakes nr_wake waiters, those that have yet to come included. */
int tst_checkpoint_wake(unsigned int id, unsigned int nr_wake,
			unsigned int msec_timeout);

/* The same, TBROK on failure; 0 ms means the default. */
void tst_safe_checkpoint_wait(const char *file, const int lineno,
			      void (*cleanup_fn)(void), unsigned int id,
			      unsigned int msec_timeout);
void tst_safe_checkpoint_wake(const char *file, const int lineno,
			      void (*cleanup_fn)(void), unsigned int id,
			      unsigned int nr_wake);

/* Up to 10 seconds each. */
#define TST_CHECKPOINT_WAIT(id) \
	tst_safe_checkpoint_wait(__FILE__, __LINE__, NULL, (id), 0)
#define TST_CHECKPOINT_WAIT2(id, msec_timeout) \
	tst_safe_checkpoint_wait(__FILE__, __LINE__, NULL, (id), (msec_timeout))
#define TST_CHECKPOINT_WAKE(id) \
	tst_safe_checkpoint_wake(__FILE__, __LINE__, NULL, (id), 1)
#define TST_CHECKPOINT_WAKE2(id, nr_wake) \
	tst_safe_checkpoint_wake(__FILE__, __LINE__, NULL, (id), (nr_wake))
#define TST_CHECKPOINT_WAKE_AND_WAIT(id) \
do { \
	unsigned int tst_checkpoint_id_ = (id); \
	TST_CHECKPOINT_WAKE(tst_checkpoint_id_); \
	TST_CHECKPOINT_WAIT(tst_checkpoint_id_); \
} while (0)

TST_END_DECLS

#endif
