/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layouts that abi/layout.tsv does not have (spec ipc.md 5.2, 15).
 */
#include "cbus.h"
#include "fiber_pool.h"
#include "histogram.h"
#include "latency.h"
#include "ratelimit.h"

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define FIELD(type, field, offset) \
	_Static_assert(offsetof(type, field) == (offset), #type "." #field)

SIZE(struct cmsg_hop, 16);
FIELD(struct cmsg_hop, f, 0);
FIELD(struct cmsg_hop, pipe, 8);

SIZE(struct cbus_call_msg, 96);
FIELD(struct cbus_call_msg, msg, 0);
FIELD(struct cbus_call_msg, diag, 24);
FIELD(struct cbus_call_msg, caller, 32);
FIELD(struct cbus_call_msg, route, 40);
FIELD(struct cbus_call_msg, complete, 72);
FIELD(struct cbus_call_msg, rc, 76);
FIELD(struct cbus_call_msg, func, 80);
FIELD(struct cbus_call_msg, free_cb, 88);

SIZE(struct stats, 64);
FIELD(struct stats, name, 0);
FIELD(struct stats, value, 8);
FIELD(struct stats, total, 56);

SIZE(struct rmean, 64);
FIELD(struct rmean, timer, 0);
FIELD(struct rmean, stats_n, 48);
FIELD(struct rmean, prev_ts, 56);
FIELD(struct rmean, stats, 64);

SIZE(struct histogram_bucket, 16);
FIELD(struct histogram_bucket, max, 0);
FIELD(struct histogram_bucket, count, 8);

SIZE(struct histogram, 24);
FIELD(struct histogram, max, 0);
FIELD(struct histogram, total, 8);
FIELD(struct histogram, n_buckets, 16);
FIELD(struct histogram, buckets, 24);

SIZE(struct latency, 8);
FIELD(struct latency, histogram, 0);

SIZE(struct ratelimit, 32);
FIELD(struct ratelimit, interval, 0);
FIELD(struct ratelimit, burst, 8);
FIELD(struct ratelimit, emitted, 12);
FIELD(struct ratelimit, suppressed, 16);
FIELD(struct ratelimit, start, 24);

_Static_assert(_Alignof(struct fiber_pool) == 64, "fiber_pool");
_Static_assert(CBUS_STAT_EVENTS == 0 && CBUS_STAT_LOCKS == 1 && CBUS_STAT_LAST == 2, "stat");
_Static_assert(RMEAN_WINDOW == 5 && FIBER_POOL_IDLE_TIMEOUT == 1, "constants");

int
main(void)
{
	return 0;
}
