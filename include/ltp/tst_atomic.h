/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequentially consistent operations on an int (spec ltp.md 14.4). */
#ifndef LTP_TST_ATOMIC_H
#define LTP_TST_ATOMIC_H

#include <stdint.h>

typedef int32_t tst_atomic_t;

/* The new value. */
static inline int tst_atomic_add_return(int i, tst_atomic_t *v)
{
	return __atomic_add_fetch(v, i, __ATOMIC_SEQ_CST);
}

/* The old value. */
static inline int tst_atomic_return_add(int i, tst_atomic_t *v)
{
	return __atomic_fetch_add(v, i, __ATOMIC_SEQ_CST);
}

static inline int tst_atomic_inc(tst_atomic_t *v)
{
	return tst_atomic_add_return(1, v);
}

static inline int tst_atomic_dec(tst_atomic_t *v)
{
	return tst_atomic_add_return(-1, v);
}

static inline int tst_atomic_load(tst_atomic_t *v)
{
	return __atomic_load_n(v, __ATOMIC_SEQ_CST);
}

static inline void tst_atomic_store(int i, tst_atomic_t *v)
{
	__atomic_store_n(v, i, __ATOMIC_SEQ_CST);
}

#endif
