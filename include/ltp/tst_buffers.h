/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guarded buffers (spec ltp.md 14.4): a byte too many is a SIGSEGV, bytes in front
 * are checked when the library frees the buffers, after cleanup.
 */
#ifndef LTP_TST_BUFFERS_H
#define LTP_TST_BUFFERS_H

#include "tst_common.h"

TST_BEGIN_DECLS

struct iovec;

/* One of .size, .iov_sizes, .str says what the pointer at .ptr gets. */
struct tst_buffers {
	/* The address of the test's pointer. */
	void *ptr;
	size_t size;
	/* Ends with -1. */
	int *iov_sizes;
	char *str;
};

void *tst_alloc(size_t size);
char *tst_strdup(const char *str);
char *tst_aprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
struct iovec *tst_iovec_alloc(int sizes[]);
void tst_free_all(void);

TST_END_DECLS

#endif
