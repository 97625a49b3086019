/* SPDX-License-Identifier: BSD-2-Clause */
/* The counters of the pool of huge pages (spec ltp.md 20.4). */
#ifndef C_TESTS_HUGEMMAP_RACE_POOL_H
#define C_TESTS_HUGEMMAP_RACE_POOL_H

#include "tst_test.h"

/* HugePages_Free, _Rsvd, _Surp. */
struct pool {
	long available;
	long reserved;
	long surplus;
};

static struct pool pool_read(void)
{
	struct pool pool;

	pool.available = SAFE_READ_MEMINFO(MEMINFO_HPAGE_FREE);
	pool.reserved = SAFE_READ_MEMINFO(MEMINFO_HPAGE_RSVD);
	pool.surplus = SAFE_READ_MEMINFO(MEMINFO_HPAGE_SURP);
	return pool;
}

static int pool_is(struct pool pool, struct pool expected)
{
	return pool.available == expected.available &&
	       pool.reserved == expected.reserved && pool.surplus == expected.surplus;
}

/* TBROK unless nobody else has changed the pool. */
static void pool_need(struct pool expected)
{
	struct pool pool = pool_read();

	if (!pool_is(pool, expected))
		tst_brk(TBROK,
			"after filling: Free %ld Rsvd %ld Surp %ld, expected %ld %ld %ld",
			pool.available, pool.reserved, pool.surplus, expected.available,
			expected.reserved, expected.surplus);
}

/* A TFAIL unless the pool is as expected: the kernel lost count. */
static int pool_check(struct pool expected, const char *mode, unsigned long race)
{
	struct pool pool = pool_read();

	if (pool_is(pool, expected))
		return 1;

	tst_res(TFAIL, "%s: race %lu: Free %ld Rsvd %ld Surp %ld, expected %ld %ld %ld",
		mode, race, pool.available, pool.reserved, pool.surplus,
		expected.available, expected.reserved, expected.surplus);
	return 0;
}

#endif
