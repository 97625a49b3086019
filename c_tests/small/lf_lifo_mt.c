/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lf_lifo.h in 8 threads that pop blocks, own them for a while and push them
 * back. A block that two threads own at a time, or that is lost, ends the test;
 * under ThreadSanitizer (tests/small_tsan.rs) so does a missing order between
 * the write of one owner and the read of the next.
 *
 * There are fewer blocks than threads want, so the stack runs empty all the time
 * and the same few blocks come back: that is when ABA would strike.
 */
#include "small/lf_lifo.h"
#include "unit.h"

#include <pthread.h>
#include <sys/mman.h>

enum { BLOCK = 65536, BLOCKS = 16, THREADS = 8, HOLD = 4, ROUNDS = 1000000 };

/* Word 0 belongs to the stack, also after a pop: a late reader may look at it. */
struct block {
	struct lf_lifo link;
	int owner;
	int rounds;
};

static struct lf_lifo head;

static void *
work(void *arg)
{
	int self = 1 + (int)(intptr_t)arg;
	struct block *held[HOLD];
	int count = 0;
	for (int round = 0; round < ROUNDS; round++) {
		int wanted = (round * 7 + self) % (HOLD + 1);
		while (count < wanted) {
			struct block *block = lf_lifo_pop(&head);
			if (block == NULL)
				break;
			fail_unless(block->owner == 0);
			block->owner = self;
			block->rounds++;
			held[count++] = block;
		}
		while (count > wanted) {
			struct block *block = held[--count];
			fail_unless(block->owner == self);
			block->owner = 0;
			lf_lifo_push(&head, block);
		}
	}
	while (count > 0) {
		held[--count]->owner = 0;
		lf_lifo_push(&head, held[count]);
	}
	return NULL;
}

int
main(void)
{
	header();
	size_t size = (size_t)(BLOCKS + 1) * BLOCK;
	char *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fail_if(start == MAP_FAILED);
	char *first = (char *)(((uintptr_t)start + BLOCK - 1) / BLOCK * BLOCK);
	lf_lifo_init(&head);
	for (int i = 0; i < BLOCKS; i++)
		lf_lifo_push(&head, first + i * BLOCK);

	pthread_t threads[THREADS];
	for (intptr_t i = 0; i < THREADS; i++)
		fail_if(pthread_create(&threads[i], NULL, work, (void *)i) != 0);
	for (int i = 0; i < THREADS; i++)
		fail_if(pthread_join(threads[i], NULL) != 0);

	int blocks = 0;
	bool seen[BLOCKS] = { false };
	for (char *block; (block = lf_lifo_pop(&head)) != NULL; blocks++) {
		int number = (int)((block - first) / BLOCK);
		fail_unless(number >= 0 && number < BLOCKS && !seen[number]);
		seen[number] = true;
	}
	printf("%d blocks went through %d threads\n", blocks, THREADS);
	footer();
	return 0;
}
