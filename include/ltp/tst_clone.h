/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes with flags. */
#ifndef LTP_TST_CLONE_H
#define LTP_TST_CLONE_H

#include "tst_common.h"

TST_BEGIN_DECLS

struct tst_clone_args {
	uint64_t flags;
	uint64_t exit_signal;
	/* A descriptor, with CLONE_INTO_CGROUP. */
	uint64_t cgroup;
};

pid_t safe_clone(const char *file, const int lineno,
		 const struct tst_clone_args *args);

/* Like SAFE_FORK(); TBROK on failure. */
#define SAFE_CLONE(args) safe_clone(__FILE__, __LINE__, (args))

/* clone() with the lowest address of the stack and its size. */
int ltp_clone(unsigned long flags, int (*fn)(void *arg), void *arg,
	      size_t stack_size, void *stack);

TST_END_DECLS

#endif
