/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Misuse that the debug library has to notice (spec small.md 9.6, 17). Each case
 * runs in a child, which must die of SIGABRT with a message on stderr.
 */
#include "fixture.h"
#include "small/mempool.h"
#include "small/region.h"
#include "small/small.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static struct fixture f;
static struct slab *slab;

static void
put_twice(void)
{
	slab_put(&f.cache, slab);
	slab_put(&f.cache, slab);
}

static void *
foreign_put(void *arg)
{
	slab_put(&f.cache, arg);
	return NULL;
}

static void
put_in_another_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, foreign_put, slab);
	pthread_join(thread, NULL);
}

static void *
foreign_get(void *arg)
{
	(void)arg;
	slab_get(&f.cache, 1);
	return NULL;
}

static void
get_in_another_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, foreign_get, NULL);
	pthread_join(thread, NULL);
}

static void
put_without_magic(void)
{
	slab->magic = 0;
	slab_put(&f.cache, slab);
}

static void
get_4_gib(void)
{
	slab_get(&f.cache, UINT32_MAX);
}

static void
order_too_large(void)
{
	slab_get_with_order(&f.cache, f.cache.order_max + 1);
}

static void
truncate_beyond_the_end(void)
{
	struct region region;
	region_create(&region, &f.cache);
	region_truncate(&region, 1);
}

static void
free_with_a_wrong_size(void)
{
	static struct small_alloc alloc;
	float factor;
	small_alloc_create(&alloc, &f.cache, 16, 1.3, &factor);
	smfree(&alloc, smalloc(&alloc, 1), 0);
}

static void
destroy_with_a_block_outside(void)
{
	slab_arena_destroy(&f.arena);
}

static void
check_of_a_broken_cache(void)
{
	f.cache.allocated.stats.used += 4096;
	slab_cache_check(&f.cache);
}

static void
expect_abort(const char *what, void (*misuse)(void))
{
	int message[2], status;
	char text[256];
	fail_if(pipe(message) != 0);
	fflush(stdout);
	pid_t child = fork();
	fail_if(child == -1);
	if (child == 0) {
		dup2(message[1], STDERR_FILENO);
		close(message[1]);
		misuse();
		_exit(0);
	}
	close(message[1]);
	ssize_t length = read(message[0], text, sizeof(text));
	close(message[0]);
	fail_unless(waitpid(child, &status, 0) == child);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && length > 0, "%s", what);
}

int
main(void)
{
	plan(10);
	fixture_create(&f);
	slab = slab_get(&f.cache, 1);
	expect_abort("put twice", put_twice);
	expect_abort("put in another thread", put_in_another_thread);
	expect_abort("get in another thread", get_in_another_thread);
	expect_abort("put without magic", put_without_magic);
	expect_abort("get 4 GiB", get_4_gib);
	expect_abort("order too large", order_too_large);
	expect_abort("truncate beyond the end", truncate_beyond_the_end);
	expect_abort("free with a wrong size", free_with_a_wrong_size);
	expect_abort("destroy with a block outside", destroy_with_a_block_outside);
	expect_abort("check of a broken cache", check_of_a_broken_cache);
	slab_put(&f.cache, slab);
	fixture_destroy(&f);
	return check_plan();
}
