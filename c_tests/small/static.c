/* SPDX-License-Identifier: BSD-2-Clause */
/* static.h: addresses and positions of spec small.md 12, in two threads. */
#include "small/static.h"
#include "unit.h"

#include <pthread.h>
#include <stdbool.h>

enum { SIZE = SMALL_STATIC_SIZE };

/* Checks an address relative to the buffer, and the position after. */
static void
expect(void *address, size_t offset, size_t pos)
{
	fail_unless(address == &static_storage_buffer[offset]);
	fail_unless(static_storage_pos == pos);
}

static void
plain(void)
{
	header();
	fail_unless(static_storage_pos == 0);
	fail_unless((uintptr_t)static_storage_buffer % 8 == 0);
	expect(static_alloc(10), 0, 10);
	expect(static_alloc(SIZE / 2), 10, 10 + SIZE / 2);
	expect(static_alloc(SIZE / 3), 10 + SIZE / 2, 10 + SIZE / 2 + SIZE / 3);
	size_t pos = static_storage_pos;
	expect(static_alloc(SIZE - pos), pos, SIZE);
	expect(static_alloc(1), 0, 1);

	expect(static_reserve(300), 1, 1);
	expect(static_alloc(100), 1, 101);
	expect(static_alloc(200), 101, 301);
	/* What does not fit behind starts over, also if it is only reserved. */
	expect(static_reserve(SIZE - 300), 0, 0);

	static_alloc(7);
	static_reset();
	expect(static_alloc(SIZE), 0, SIZE);
	fail_unless(static_alloc(SIZE + 1) == NULL);
	fail_unless(static_reserve(SIZE_MAX) == NULL);
	fail_unless(static_storage_pos == SIZE);
	expect(static_alloc(SIZE), 0, SIZE);
	static_reset();
	footer();
}

static void
aligned(void)
{
	header();
	expect(static_alloc(1), 0, 1);
	expect(static_aligned_reserve(16, 8), 8, 1);
	expect(static_aligned_reserve(16, 8), 8, 1);
	expect(static_aligned_alloc(16, 8), 8, 24);
	expect(static_aligned_alloc(1, 1), 24, 25);

	/* 10 + 7 bytes may be needed: 13 are too few, although 10 would do. */
	static_reset();
	static_alloc(SIZE - 13);
	expect(static_aligned_alloc(10, 8), 0, 10);
	static_reset();
	static_alloc(SIZE - 17);
	expect(static_aligned_alloc(10, 8), SIZE - 16, SIZE - 6);

	static_reset();
	fail_if(static_aligned_reserve(SIZE - 7, 8) == NULL);
	fail_unless(static_aligned_reserve(SIZE - 6, 8) == NULL);
	fail_unless(static_aligned_alloc(SIZE_MAX, 8) == NULL);
	fail_unless(static_aligned_alloc(8, 2 * SIZE) == NULL);
	fail_unless(static_storage_pos == 0);
	footer();
}

static void *
other_thread(void *buffer)
{
	fail_if(static_storage_buffer == buffer);
	expect(static_alloc(5), 0, 5);
	return NULL;
}

static void
threads(void)
{
	header();
	static_reset();
	static_alloc(100);
	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, other_thread, static_storage_buffer) != 0);
	fail_if(pthread_join(thread, NULL) != 0);
	fail_unless(static_storage_pos == 100);
	footer();
}

int
main(void)
{
	plain();
	aligned();
	threads();
	return 0;
}
