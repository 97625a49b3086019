/* SPDX-License-Identifier: BSD-2-Clause */
/* MIN and MAX, from libc or with types checked. Arguments are evaluated once in ours. */
#ifndef LTP_TST_MINMAX_H
#define LTP_TST_MINMAX_H

#include <sys/param.h>

#ifndef MIN
# define MIN(a, b) ({ \
	__typeof__(a) tst_min_a_ = (a); \
	__typeof__(b) tst_min_b_ = (b); \
	(void)(&tst_min_a_ == &tst_min_b_); \
	tst_min_a_ < tst_min_b_ ? tst_min_a_ : tst_min_b_; \
})
#endif

#ifndef MAX
# define MAX(a, b) ({ \
	__typeof__(a) tst_max_a_ = (a); \
	__typeof__(b) tst_max_b_ = (b); \
	(void)(&tst_max_a_ == &tst_max_b_); \
	tst_max_a_ > tst_max_b_ ? tst_max_a_ : tst_max_b_; \
})
#endif

#endif
