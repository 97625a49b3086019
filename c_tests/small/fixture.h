/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What most tests start from: a quota that does not matter, an arena of 4 MiB
 * blocks without preallocation, and a slab cache.
 */
#include "small/quota.h"
#include "small/slab_cache.h"
#include "unit.h"

/*
 * Under AddressSanitizer freed memory cannot be looked at, and pools do not show which
 * slabs are hot: they take their slow paths, on which the sanitizer is told.
 */
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define WATCHED 1
#else
#define WATCHED 0
#endif

struct fixture {
	struct quota quota;
	struct slab_arena arena;
	struct slab_cache cache;
};

static inline void
fixture_create(struct fixture *f)
{
	quota_init(&f->quota, UINT_MAX);
	fail_if(slab_arena_create(&f->arena, &f->quota, 0, 4000000, MAP_PRIVATE) != 0);
	slab_cache_create(&f->cache, &f->arena);
}

/* Everything has been given back to the cache. */
static inline void
fixture_destroy(struct fixture *f)
{
	slab_cache_check(&f->cache);
	fail_unless(slab_cache_used(&f->cache) == 0);
	slab_cache_destroy(&f->cache);
	slab_arena_destroy(&f->arena);
}
