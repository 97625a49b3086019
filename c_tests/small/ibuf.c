/* SPDX-License-Identifier: BSD-2-Clause */
/* ibuf: growth, reuse of what was read, callbacks (spec small.md 14.3). */
#include "fixture.h"
#include "small/ibuf.h"

#include <string.h>

static struct fixture f;
static struct ibuf ibuf;

static void
print_stats(const char *when)
{
	printf("%s: used %zu, unused %zu, capacity %zu, pos %zu\n", when, ibuf_used(&ibuf),
	       ibuf_unused(&ibuf), ibuf_capacity(&ibuf), ibuf_pos(&ibuf));
}

static void
growth(void)
{
	header();
	fixture_create(&f);
	ibuf_create(&ibuf, &f.cache, 16320);
	print_stats("created");
	fail_unless(ibuf_reserve(&ibuf, 0) == NULL);
	char *p = ibuf_alloc(&ibuf, 10);
	fail_unless(p == ibuf.buf && p == ibuf.rpos && p + 10 == ibuf.wpos);
	memcpy(p, "0123456789", 10);
	print_stats("10");
	fail_if(ibuf_alloc(&ibuf, 1000000) == NULL);
	print_stats("1000000");
	fail_unless(memcmp(ibuf.rpos, "0123456789", 10) == 0);
	ibuf_reset(&ibuf);
	print_stats("reset");
	ibuf_reinit(&ibuf);
	print_stats("reinit");
	fail_unless(slab_cache_used(&f.cache) == 0);

	/* Nothing changes when there is no such slab. */
	memcpy(ibuf_alloc(&ibuf, 10), "0123456789", 10);
	struct ibuf before = ibuf;
	fail_unless(ibuf_alloc(&ibuf, SIZE_MAX) == NULL);
	fail_unless(ibuf_alloc(&ibuf, 1ULL << 32) == NULL);
	fail_unless(memcmp(&before, &ibuf, sizeof(ibuf)) == 0);
	ibuf_destroy(&ibuf);
	fixture_destroy(&f);
	footer();
}

/* What has been read makes room before more memory is taken. */
static void
sliding(void)
{
	header();
	fixture_create(&f);
	ibuf_create(&ibuf, &f.cache, 16320);
	char *p = ibuf_alloc(&ibuf, 16320);
	fail_unless(ibuf_alloc(&ibuf, 16) == p + 16320);
	memset(p, 'r', 10000);
	memset(p + 10000, 'u', 6336);
	ibuf.rpos += 10000;
	print_stats("read 10000");
	char *q = ibuf_reserve(&ibuf, 10000);
	fail_unless(ibuf.rpos == p && q == p + 6336);
	print_stats("reserved 10000");
	for (int i = 0; i < 6336; i++)
		fail_unless(p[i] == 'u');
	fail_if(ibuf_reserve(&ibuf, 10001) == NULL);
	print_stats("reserved 10001");
	for (int i = 0; i < 6336; i++)
		fail_unless(ibuf.rpos[i] == 'u');
	ibuf_destroy(&ibuf);
	fixture_destroy(&f);
	footer();
}

static void
callbacks(void)
{
	header();
	fixture_create(&f);
	ibuf_create(&ibuf, &f.cache, 16320);
	size_t size = 0;
	fail_unless(ibuf_reserve_cb(&ibuf, &size) == ibuf.wpos);
	printf("%zu bytes reserved for 0\n", size);
	fail_unless(ibuf_alloc_cb(&ibuf, 336) == ibuf.buf);
	size = 100;
	fail_unless(ibuf_reserve_cb(&ibuf, &size) == ibuf.wpos);
	printf("%zu bytes reserved for 100\n", size);
	ibuf_destroy(&ibuf);
	fixture_destroy(&f);
	footer();
}

/* A stream of bytes through the buffer comes out as it went in. */
static void
stream(void)
{
	header();
	fixture_create(&f);
	ibuf_create(&ibuf, &f.cache, 100);
	srand(20240229);
	unsigned char in = 0, out = 0;
	for (int i = 0; i < 5000; i++) {
		size_t size = rand() % 500;
		unsigned char *p = ibuf_alloc(&ibuf, size);
		fail_if(p == NULL && size != 0);
		while (size-- > 0)
			*p++ = in++;
		for (size = rand() % (ibuf_used(&ibuf) + 1); size > 0; size--)
			fail_unless((unsigned char)*ibuf.rpos++ == out++);
		fail_unless((unsigned char)(in - out) == (unsigned char)ibuf_used(&ibuf));
		slab_cache_check(&f.cache);
	}
	ibuf_destroy(&ibuf);
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	growth();
	sliding();
	callbacks();
	stream();
	return 0;
}
