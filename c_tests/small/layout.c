/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes and offsets of every struct of spec small.md, and the constants next to
 * them. There is nothing to run: a difference does not compile.
 */
#include <pmatomic.h>
#include "cordage/arena.h"
#include "salad/stailq.h"
#include "small/ibuf.h"
#include "small/lf_lifo.h"
#include "small/lifo.h"
#include "small/mempool.h"
#include "small/obuf.h"
#include "small/quota.h"
#include "small/quota_lessor.h"
#include "small/region.h"
#include "small/rlist.h"
#include "small/slab_arena.h"
#include "small/slab_cache.h"
#include "small/small.h"
#include "small/small_class.h"
#include "small/small_features.h"
#include "small/static.h"

#include <stdio.h>

#ifdef __cplusplus
#define ASSERT(condition) static_assert(condition, #condition)
#else
#define ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define SIZE(type, size) ASSERT(sizeof(struct type) == (size))
#define FIELD(type, field, offset, size) \
	ASSERT(offsetof(struct type, field) == (offset)); \
	ASSERT(sizeof(((struct type *)0)->field) == (size))

/* 3 */
ASSERT(pm_memory_order_relaxed == 0 && pm_memory_order_seq_cst == 5);

/* 4 */
SIZE(rlist, 16);
FIELD(rlist, prev, 0, 8);
FIELD(rlist, next, 8, 8);

/* 5 */
SIZE(stailq_entry, 8);
SIZE(stailq, 16);
FIELD(stailq, first, 0, 8);
FIELD(stailq, last, 8, 8);

/* 6 */
SIZE(lifo, 8);
SIZE(lf_lifo, 8);

/* 7 */
SIZE(quota, 8);
FIELD(quota, value, 0, 8);
SIZE(quota_lessor, 24);
FIELD(quota_lessor, source, 0, 8);
FIELD(quota_lessor, used, 8, 8);
FIELD(quota_lessor, leased, 16, 8);
ASSERT(QUOTA_UNIT_SIZE == 1024 && sizeof(QUOTA_UNIT_SIZE) == 8);
ASSERT(QUOTA_USE_MIN == 1048576);

/* 8 */
SIZE(slab_arena, 48);
FIELD(slab_arena, cache, 0, 8);
FIELD(slab_arena, arena, 8, 8);
FIELD(slab_arena, prealloc, 16, 8);
FIELD(slab_arena, used, 24, 8);
FIELD(slab_arena, quota, 32, 8);
FIELD(slab_arena, slab_size, 40, 4);
FIELD(slab_arena, flags, 44, 4);
ASSERT(SLAB_MIN_SIZE == 65536);
ASSERT(SMALL_UNLIMITED == 1ULL << 63);
ASSERT(SLAB_ARENA_PRIVATE == 0x80000001);
ASSERT(SLAB_ARENA_SHARED == 0x80000002);
ASSERT(SLAB_ARENA_DONTDUMP == 0x80000004);
ASSERT(IS_SLAB_ARENA_FLAG(SLAB_ARENA_PRIVATE | SLAB_ARENA_DONTDUMP, SLAB_ARENA_DONTDUMP));
ASSERT(!IS_SLAB_ARENA_FLAG(SLAB_ARENA_PRIVATE, SLAB_ARENA_SHARED));
ASSERT(!IS_SLAB_ARENA_FLAG(MAP_PRIVATE, 2));

/* 9 */
SIZE(small_stats, 16);
FIELD(small_stats, used, 0, 8);
FIELD(small_stats, total, 8, 8);
SIZE(slab, 48);
FIELD(slab, next_in_cache, 0, 16);
FIELD(slab, next_in_list, 16, 16);
FIELD(slab, size, 32, 8);
FIELD(slab, magic, 40, 4);
FIELD(slab, order, 44, 1);
FIELD(slab, in_use, 45, 1);
SIZE(slab_list, 32);
FIELD(slab_list, slabs, 0, 16);
FIELD(slab_list, stats, 16, 16);
SIZE(slab_cache, 600);
FIELD(slab_cache, arena, 0, 8);
FIELD(slab_cache, order0_size, 8, 4);
FIELD(slab_cache, order0_size_lb, 12, 1);
FIELD(slab_cache, order_max, 13, 1);
FIELD(slab_cache, allocated, 16, 32);
FIELD(slab_cache, orders, 48, 544);
FIELD(slab_cache, thread_id, 592, 8);
ASSERT(ORDER_MAX == 16);

/* 10 */
SIZE(mslab, 104);
FIELD(mslab, slab, 0, 48);
FIELD(mslab, free_list, 48, 8);
FIELD(mslab, free_offset, 56, 4);
FIELD(mslab, nfree, 60, 4);
FIELD(mslab, next_in_hot, 64, 16);
FIELD(mslab, next_in_hot.rbn_left, 64, 8);
FIELD(mslab, next_in_hot.rbn_right_red, 72, 8);
FIELD(mslab, next_in_cold, 80, 16);
FIELD(mslab, in_hot_slabs, 96, 1);
SIZE(mempool, 120);
FIELD(mempool, link, 0, 8);
FIELD(mempool, delayed, 8, 8);
FIELD(mempool, cache, 16, 8);
FIELD(mempool, slabs, 24, 32);
FIELD(mempool, hot_slabs, 56, 8);
FIELD(mempool, hot_slabs.rbt_root, 56, 8);
FIELD(mempool, first_hot_slab, 64, 8);
FIELD(mempool, cold_slabs, 72, 16);
FIELD(mempool, spare, 88, 8);
FIELD(mempool, objsize, 96, 4);
FIELD(mempool, slab_order, 100, 1);
FIELD(mempool, objcount, 104, 4);
FIELD(mempool, offset, 108, 4);
FIELD(mempool, slab_ptr_mask, 112, 8);
SIZE(mempool_stats, 32);
FIELD(mempool_stats, objsize, 0, 4);
FIELD(mempool_stats, objcount, 4, 4);
FIELD(mempool_stats, slabsize, 8, 4);
FIELD(mempool_stats, slabcount, 12, 4);
FIELD(mempool_stats, totals, 16, 16);

/* 11 */
SIZE(region, 40);
FIELD(region, cache, 0, 8);
FIELD(region, slabs, 8, 32);
SIZE(rslab, 56);
FIELD(rslab, slab, 0, 48);
FIELD(rslab, used, 48, 4);

/* 12 */
ASSERT(SMALL_STATIC_SIZE == 12288);
ASSERT(sizeof(static_storage_buffer) == 12288);

/* 14.1 */
SIZE(small_class, 32);
FIELD(small_class, granularity, 0, 4);
FIELD(small_class, ignore_bits_count, 4, 4);
FIELD(small_class, effective_bits, 8, 4);
FIELD(small_class, effective_size, 12, 4);
FIELD(small_class, effective_mask, 16, 4);
FIELD(small_class, size_shift, 20, 4);
FIELD(small_class, size_shift_plus_1, 24, 4);
FIELD(small_class, actual_factor, 28, 4);

/* 14.2 */
ASSERT(FACTOR_POOL_MAX == 1024);
ASSERT(SMALL_DELAYED_FREE_MODE == 0);
ASSERT(SMALL_FREE == 0 && SMALL_COLLECT_GARBAGE == 1 && SMALL_DELAYED_FREE == 2);
SIZE(factor_pool, 128);
FIELD(factor_pool, pool, 0, 120);
FIELD(factor_pool, objsize_min, 120, 8);
SIZE(small_alloc, 131152);
FIELD(small_alloc, cache, 0, 8);
FIELD(small_alloc, factor_pool_cache, 8, 131072);
FIELD(small_alloc, factor_pool_cache_size, 131080, 4);
FIELD(small_alloc, delayed, 131088, 8);
FIELD(small_alloc, delayed_large, 131096, 8);
FIELD(small_alloc, factor, 131104, 4);
FIELD(small_alloc, small_class, 131108, 32);
FIELD(small_alloc, objsize_max, 131140, 4);
FIELD(small_alloc, free_mode, 131144, 4);

/* 14.3 */
SIZE(ibuf, 48);
FIELD(ibuf, slabc, 0, 8);
FIELD(ibuf, buf, 8, 8);
FIELD(ibuf, rpos, 16, 8);
FIELD(ibuf, wpos, 24, 8);
FIELD(ibuf, end, 32, 8);
FIELD(ibuf, start_capacity, 40, 8);

/* 14.4 */
ASSERT(SMALL_OBUF_IOV_MAX == 31);
SIZE(obuf_svp, 24);
FIELD(obuf_svp, pos, 0, 8);
FIELD(obuf_svp, iov_len, 8, 8);
FIELD(obuf_svp, used, 16, 8);
SIZE(obuf, 800);
FIELD(obuf, slabc, 0, 8);
FIELD(obuf, pos, 8, 4);
FIELD(obuf, n_iov, 12, 4);
FIELD(obuf, used, 16, 8);
FIELD(obuf, start_capacity, 24, 8);
FIELD(obuf, capacity, 32, 256);
FIELD(obuf, iov, 288, 512);

/* 14.8 */
ASSERT(SMALL_FEATURE_DONTDUMP == 0 && FEATURE_MAX == 1);

/* Ours. */
SIZE(cordage_arena_stats, 24);

int
main(void)
{
	printf("%s %s\n", mslab_sizeof() == 104 && rslab_sizeof() == 56 &&
	       slab_sizeof() == 48 ? "header sizes agree" : "ERROR: header sizes",
	       slab_magic == 0xeec0ffee ? "with the magic" : "ERROR: magic");
	return 0;
}
