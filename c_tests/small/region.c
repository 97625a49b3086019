/* SPDX-License-Identifier: BSD-2-Clause */
/* region: what is used and held, marks, alignment, joining (spec small.md 11). */
#include "fixture.h"
#include "small/region.h"

#include <errno.h>
#include <stdalign.h>

static struct fixture f;
static struct region region;

static void
print_stats(const char *when)
{
	printf("%s: used %zu, total %zu\n", when, region_used(&region), region_total(&region));
	fail_unless(slab_cache_used(&f.cache) == region_total(&region));
	slab_cache_check(&f.cache);
}

static void
basics(void)
{
	header();
	fixture_create(&f);
	region_create(&region, &f.cache);
	print_stats("created");
	char *ten = region_alloc(&region, 10);
	fail_if(ten == NULL);
	print_stats("10");
	fail_unless((uintptr_t)ten % 4096 == 56);
	char *next = region_alloc(&region, 4030);
	fail_unless(next == ten + 10);
	print_stats("4030 more fill the slab");
	char *huge = region_alloc(&region, 10000000);
	fail_if(huge == NULL);
	memset(huge, '#', 10000000);
	print_stats("10000000");
	region_free(&region);
	print_stats("freed");

	fail_if(region_alloc(&region, 0) == NULL);
	print_stats("0");
	fail_if(region_alloc(&region, 4041) == NULL);
	print_stats("4041 need a slab of 8 KiB");
	region_free_after(&region, 4041);
	print_stats("not after 4041");
	region_free_after(&region, 4040);
	print_stats("after 4040");
	region_destroy(&region);
	fixture_destroy(&f);
	footer();
}

static void
marks(void)
{
	header();
	fixture_create(&f);
	region_create(&region, &f.cache);
	region_alloc(&region, 10);
	size_t mark = region_used(&region);
	fail_unless(mark == 10);
	region_alloc(&region, 20);
	region_truncate(&region, mark);
	print_stats("in a slab");
	region_alloc(&region, 100000);
	region_alloc(&region, 10000000);
	print_stats("over an ordered and a huge slab");
	region_truncate(&region, mark);
	print_stats("back");

	/* A slab that was reserved and not used goes at a truncation to the same size. */
	fail_if(region_reserve(&region, 100000) == NULL);
	print_stats("reserved");
	region_truncate(&region, mark);
	print_stats("truncated to what is used");
	region_truncate(&region, 0);
	print_stats("to nothing");
	fixture_destroy(&f);
	footer();
}

/* Only the newest slab is reset. */
static void
reset(void)
{
	header();
	fixture_create(&f);
	region_create(&region, &f.cache);
	region_reset(&region);
	region_alloc(&region, 1000);
	region_alloc(&region, 10000);
	print_stats("two slabs");
	region_reset(&region);
	print_stats("reset");
	region_free(&region);
	fixture_destroy(&f);
	footer();
}

static void
reservation(void)
{
	header();
	fixture_create(&f);
	region_create(&region, &f.cache);
	char *reserved = region_reserve(&region, 300);
	fail_unless(region_used(&region) == 0);
	fail_unless(region_alloc(&region, 100) == reserved);
	fail_unless(region_alloc(&region, 200) == reserved + 100);
	size_t size = 1;
	fail_unless(region_reserve_cb(&region, &size) == reserved + 300);
	printf("%zu bytes are left in the slab\n", size);
	fail_unless(region_alloc_cb(&region, size) == reserved + 300);
	print_stats("full");
	size = 1;
	fail_if(region_reserve_cb(&region, &size) == reserved + 4040);
	print_stats("one more");
	region_free(&region);

	/* Sizes that no slab has, and that would wrap around. */
	errno = 0;
	fail_unless(region_alloc(&region, SIZE_MAX) == NULL);
	fail_unless(region_alloc(&region, (size_t)UINT32_MAX) == NULL);
	fail_unless(region_aligned_alloc(&region, SIZE_MAX - 5, 16) == NULL);
	fail_unless(errno == 0);
	print_stats("impossible sizes");
	fixture_destroy(&f);
	footer();
}

struct wide {
	char c;
	alignas(64) char bytes[64];
};

static void
alignment(void)
{
	header();
	fixture_create(&f);
	region_create(&region, &f.cache);
	for (size_t alignment = 1; alignment <= 1024; alignment *= 2) {
		region_alloc(&region, 1);
		char *reserved = region_aligned_reserve(&region, 100, alignment);
		char *p = region_aligned_alloc(&region, 100, alignment);
		fail_unless(p == reserved && (uintptr_t)p % alignment == 0);
		fail_unless((char *)region_alloc(&region, 1) == p + 100);
	}
	print_stats("padding counts");
	region_free(&region);

	/* 4040 - 15 is the most that is sure to fit at alignment 16. */
	fail_if(region_aligned_alloc(&region, 4025, 16) == NULL);
	print_stats("4025 at 16");
	region_free(&region);
	fail_if(region_aligned_alloc(&region, 4026, 16) == NULL);
	print_stats("4026 at 16");
	region_free(&region);

	int size = 0;
	struct wide *object = region_alloc_object(&region, struct wide, &size);
	fail_unless((uintptr_t)object % 64 == 0 && size == sizeof(*object));
	struct wide *array = region_alloc_array(&region, struct wide, 3, &size);
	fail_unless((uintptr_t)array % 64 == 0 && size == 3 * sizeof(*object));
	region_free(&region);
	fixture_destroy(&f);
	footer();
}

/* Allocates `size` bytes that continue the sequence of letters. */
static void
append(size_t size, char *letter)
{
	char *p = region_alloc(&region, size);
	fail_if(p == NULL);
	for (size_t i = 0; i < size; i++) {
		p[i] = *letter;
		*letter = *letter == 'z' ? 'a' : *letter + 1;
	}
}

static void
joining(void)
{
	header();
	fixture_create(&f);
	region_create(&region, &f.cache);
	fail_if(region_join(&region, 0) == NULL);
	print_stats("nothing");
	region_free(&region);

	char letter = 'a';
	append(10, &letter);
	char *all = region_join(&region, 10);
	fail_unless(memcmp(all, "abcdefghij", 10) == 0);
	fail_unless(memcmp(region_join(&region, 3), "hij", 3) == 0);
	print_stats("in place");

	append(5000, &letter);
	append(9000, &letter);
	size_t used = region_used(&region);
	print_stats("over three slabs");
	for (size_t size = 9001; size <= used; size += 2502) {
		size_t mark = region_used(&region);
		char *joined = region_join(&region, size);
		fail_unless(region_used(&region) == mark + size);
		for (size_t i = 0; i < size; i++)
			fail_unless(joined[i] == 'a' + (char)((used - size + i) % 26));
		region_truncate(&region, mark);
	}
	/* The piece of the newest slab and the copy may be in one slab. */
	append(1, &letter);
	char *joined = region_join(&region, 2);
	fail_unless(joined[1] == 'a' + (char)(used % 26));
	region_free(&region);
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	basics();
	marks();
	reset();
	reservation();
	alignment();
	joining();
	return 0;
}
