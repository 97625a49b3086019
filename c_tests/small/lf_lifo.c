/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lf_lifo.h in one thread: order, and the counter in the head word (spec
 * small.md 6.2). Header only; lf_lifo_mt.c has the threads.
 */
#include "small/lf_lifo.h"
#include "unit.h"

#include <sys/mman.h>

enum { BLOCK = 65536 };

/* `count` blocks at an aligned address. */
static char *
map_blocks(int count)
{
	size_t size = (size_t)(count + 1) * BLOCK;
	char *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fail_if(start == MAP_FAILED);
	return (char *)(((uintptr_t)start + BLOCK - 1) / BLOCK * BLOCK);
}

int
main(void)
{
	header();
	char *a = map_blocks(3), *b = a + BLOCK, *c = b + BLOCK;
	struct lf_lifo head;
	lf_lifo_init(&head);
	fail_unless(lf_lifo_is_empty(&head));
	fail_unless(lf_lifo_pop(&head) == NULL);
	fail_unless(aba_value(a + 17) == 17);
	fail_unless((char *)lf_lifo(a + 17) == a);

	printf("last in, first out\n");
	fail_unless(lf_lifo_push(lf_lifo_push(&head, a), b) == &head);
	fail_unless(lf_lifo_push(&head, c) == &head);
	fail_unless(!lf_lifo_is_empty(&head));
	fail_unless(lf_lifo_pop(&head) == c);
	fail_unless(lf_lifo_pop(&head) == b);
	fail_unless(lf_lifo_pop(&head) == a);
	fail_unless(lf_lifo_pop(&head) == NULL);

	printf("pushes count, pops do not\n");
	fail_unless(head.next == (void *)3);
	fail_unless(!lf_lifo_is_empty(&head));
	int pushes = 3;
	while (!lf_lifo_is_empty(&head)) {
		lf_lifo_push(&head, b);
		fail_unless(aba_value(head.next) == (++pushes & 0xffff));
		fail_unless(lf_lifo_pop(&head) == b);
		fail_unless(aba_value(head.next) == (pushes & 0xffff));
	}
	printf("until the counter wraps after %d\n", pushes);
	footer();
	return 0;
}
