/* SPDX-License-Identifier: BSD-2-Clause */
/* obuf: entries, savepoints, copies, then random appends (spec small.md 14.4). */
#include "fixture.h"
#include "small/obuf.h"

#include <string.h>

static struct fixture f;
static struct obuf obuf;

static void
print_stats(const char *when)
{
	printf("%s: size %zu, iovcnt %d, n_iov %d:", when, obuf_size(&obuf),
	       obuf_iovcnt(&obuf), obuf.n_iov);
	size_t sum = 0;
	for (int i = 0; i < obuf.n_iov; i++) {
		printf(" %zu/%zu", obuf.iov[i].iov_len, obuf.capacity[i]);
		sum += obuf.iov[i].iov_len;
	}
	printf("\n");
	fail_unless(sum == obuf_size(&obuf));
	fail_unless(obuf.capacity[obuf.n_iov] == 0);
	fail_unless(obuf.iov[obuf.n_iov].iov_base == NULL);
	fail_unless(obuf.iov[obuf.n_iov].iov_len == 0);
	slab_cache_check(&f.cache);
}

static void
entries(void)
{
	header();
	fixture_create(&f);
	obuf_create(&obuf, &f.cache, 16320);
	print_stats("created");
	fail_unless(obuf_capacity(&obuf) == 0);
	fail_unless(obuf_reserve(&obuf, 0) == NULL);
	char *p = obuf_alloc(&obuf, 16320);
	fail_unless(p == obuf.iov[0].iov_base);
	print_stats("16320");
	fail_unless(obuf_capacity(&obuf) == 2 * 16336);
	for (int i = 1; i < 5; i++)
		fail_if(obuf_alloc(&obuf, 16320 << i) == NULL);
	print_stats("twice as much each time");
	obuf_reset(&obuf);
	print_stats("reset");
	fail_unless(obuf_alloc(&obuf, 1) == p);

	/* An empty entry that is too small gets a larger slab. */
	fail_if(obuf_alloc(&obuf, 40000) == NULL);
	print_stats("40000 for an entry of 32720");
	/* What is reserved is where the next allocation is. */
	char *reserved = obuf_reserve(&obuf, 20000);
	fail_unless(obuf_alloc(&obuf, 19999) == reserved);
	size_t size = 1;
	fail_unless(obuf_reserve_cb(&obuf, &size) == reserved + 19999);
	printf("%zu bytes are left\n", size);
	fail_unless(obuf_alloc_cb(&obuf, size) == reserved + 19999);
	print_stats("full");
	obuf_destroy(&obuf);
	fixture_destroy(&f);
	footer();
}

static void
savepoints(void)
{
	header();
	fixture_create(&f);
	obuf_create(&obuf, &f.cache, 16320);
	struct obuf_svp start = obuf_create_svp(&obuf);
	memcpy(obuf_alloc(&obuf, 5), "hello", 5);
	struct obuf_svp svp = obuf_create_svp(&obuf);
	char *end = obuf_svp_to_ptr(&obuf, &svp);
	fail_unless(end == (char *)obuf.iov[0].iov_base + 5);
	fail_unless(obuf_alloc(&obuf, 100) == end);
	for (int i = 0; i < 3; i++)
		obuf_alloc(&obuf, 30000);
	print_stats("appended");
	obuf_rollback_to_svp(&obuf, &svp);
	print_stats("back");
	fail_unless(memcmp(obuf.iov[0].iov_base, "hello", 5) == 0);
	fail_unless(obuf_alloc(&obuf, 1) == end);
	obuf_rollback_to_svp(&obuf, &start);
	print_stats("to the start");
	obuf_svp_reset(&svp);
	fail_unless(svp.pos == 0 && svp.iov_len == 0 && svp.used == 0);
	obuf_destroy(&obuf);
	fixture_destroy(&f);
	footer();
}

/* A copy fills every entry to the brim. */
static void
copies(void)
{
	header();
	static char data[200000];
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = 'a' + i % 26;
	fixture_create(&f);
	obuf_create(&obuf, &f.cache, 16320);
	fail_unless(obuf_dup(&obuf, data, 0) == 0);
	print_stats("0");
	fail_unless(obuf_dup(&obuf, data, 10) == 10);
	fail_unless(obuf_dup(&obuf, data + 10, 99990) == 99990);
	print_stats("100000");
	fail_unless(obuf_dup(&obuf, data + 100000, 100000) == 100000);
	print_stats("200000");
	size_t offset = 0;
	for (int i = 0; i < obuf_iovcnt(&obuf); i++) {
		fail_unless(memcmp(obuf.iov[i].iov_base, data + offset, obuf.iov[i].iov_len) == 0);
		offset += obuf.iov[i].iov_len;
	}
	fail_unless(offset == sizeof(data));
	obuf_reset(&obuf);
	fail_unless(obuf_dup(&obuf, data, 200000) == 200000);
	print_stats("again");
	obuf_destroy(&obuf);
	fixture_destroy(&f);
	footer();
}

/*
 * All 31 entries are full. Each would have twice as much memory as the last, which
 * is too much for a test; not if start_capacity is 0.
 */
static void
no_entries_left(void)
{
	header();
	fixture_create(&f);
	obuf_create(&obuf, &f.cache, 4048);
	obuf.start_capacity = 0;
	for (int i = 0; i < SMALL_OBUF_IOV_MAX; i++) {
		fail_if(obuf_alloc(&obuf, 1) == NULL);
		fail_unless(obuf.pos == i);
		fail_if(obuf_alloc(&obuf, obuf.capacity[i] - 1) == NULL);
	}
	printf("%d entries of %d\n", obuf_iovcnt(&obuf), obuf.n_iov);
	fail_unless(obuf_alloc(&obuf, 1) == NULL);
	fail_unless(obuf_dup(&obuf, "x", 1) == 0);
	printf("size %zu\n", obuf_size(&obuf));
	obuf_destroy(&obuf);
	fixture_destroy(&f);
	footer();
}

static void
random_appends(void)
{
	header();
	fixture_create(&f);
	obuf_create(&obuf, &f.cache, 16320);
	srand(20240229);
	for (int round = 0; round < 5000; round++) {
		size_t size = 0;
		for (int i = 0; i < 1024; i++) {
			size_t piece = rand() % 100;
			void *p = obuf_alloc(&obuf, piece);
			fail_if(p == NULL && size + piece > 0);
			size += piece;
		}
		fail_unless(obuf_size(&obuf) == size);
		fail_unless(obuf_capacity(&obuf) > 0);
		obuf_reset(&obuf);
		fail_unless(obuf_size(&obuf) == 0);
	}
	obuf_destroy(&obuf);
	fail_unless(slab_cache_used(&f.cache) == 0);
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	entries();
	savepoints();
	copies();
	no_entries_left();
	random_appends();
	return 0;
}
