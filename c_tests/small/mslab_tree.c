/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reference's objects export but no header declares: the tree of slabs
 * (names and meaning as from rb.h, spec small.md 14.7), mslab_alloc and the iterator
 * over pools (1.3). Whoever calls these declares them, as here.
 */
#include "fixture.h"
#include "small/mempool.h"
#include "small/small.h"

typedef struct mslab *(*mslab_cb)(mslab_tree_t *, struct mslab *, void *);

struct mslab_tree_iterator {
	struct mslab *path[48];
	uint32_t count;
};

/* Larger than any walk. */
struct mslab_tree_walk {
	void *words[64];
};

void mslab_tree_new(mslab_tree_t *);
bool mslab_tree_empty(mslab_tree_t *);
struct mslab *mslab_tree_first(mslab_tree_t *);
struct mslab *mslab_tree_last(mslab_tree_t *);
struct mslab *mslab_tree_next(mslab_tree_t *, struct mslab *);
struct mslab *mslab_tree_prev(mslab_tree_t *, struct mslab *);
struct mslab *mslab_tree_search(mslab_tree_t *, const struct mslab *);
struct mslab *mslab_tree_nsearch(mslab_tree_t *, const struct mslab *);
struct mslab *mslab_tree_psearch(mslab_tree_t *, const struct mslab *);
void mslab_tree_insert(mslab_tree_t *, struct mslab *);
void mslab_tree_remove(mslab_tree_t *, struct mslab *);
bool mslab_tree_icreate(mslab_tree_t *, struct mslab *, struct mslab_tree_iterator *);
void mslab_tree_ifirst(mslab_tree_t *, struct mslab_tree_iterator *);
void mslab_tree_ilast(mslab_tree_t *, struct mslab_tree_iterator *);
struct mslab *mslab_tree_iterator_get(struct mslab_tree_iterator *);
struct mslab *mslab_tree_inext(struct mslab_tree_iterator *);
struct mslab *mslab_tree_iprev(struct mslab_tree_iterator *);
bool mslab_tree_isearch(mslab_tree_t *, const struct mslab *, struct mslab_tree_iterator *);
void mslab_tree_isearch_le(mslab_tree_t *, const struct mslab *, struct mslab_tree_iterator *);
void mslab_tree_isearch_ge(mslab_tree_t *, const struct mslab *, struct mslab_tree_iterator *);
void mslab_tree_isearch_lt(mslab_tree_t *, const struct mslab *, struct mslab_tree_iterator *);
void mslab_tree_isearch_gt(mslab_tree_t *, const struct mslab *, struct mslab_tree_iterator *);
struct mslab *mslab_tree_iter(mslab_tree_t *, struct mslab *, mslab_cb, void *);
struct mslab *mslab_tree_reverse_iter(mslab_tree_t *, struct mslab *, mslab_cb, void *);
struct mslab *mslab_tree_iter_recurse(mslab_tree_t *, struct mslab *, mslab_cb, void *);
struct mslab *mslab_tree_reverse_iter_recurse(mslab_tree_t *, struct mslab *, mslab_cb, void *);
struct mslab *mslab_tree_iter_start(mslab_tree_t *, struct mslab *, struct mslab *, mslab_cb,
				    void *);
struct mslab *mslab_tree_reverse_iter_start(mslab_tree_t *, struct mslab *, struct mslab *,
					    mslab_cb, void *);
void mslab_tree_walk_init(struct mslab_tree_walk *, mslab_tree_t *);
struct mslab *mslab_tree_walk_next(struct mslab_tree_walk *, int, struct mslab **,
				   struct mslab **);

void *mslab_alloc(struct mempool *, struct mslab *);
/* Larger than any iterator. */
struct mempool_iterator {
	void *words[8];
};
void mempool_iterator_create(struct mempool_iterator *, struct small_alloc *);
struct mempool *mempool_iterator_next(struct mempool_iterator *);

enum { N = 40 };

static struct mslab slabs[N];
static mslab_tree_t tree;

/* Only the odd ones are in the tree, so that there is something between them. */
static void
fill(void)
{
	mslab_tree_new(&tree);
	fail_unless(mslab_tree_empty(&tree));
	for (int i = 0; i < N / 2; i++)
		mslab_tree_insert(&tree, &slabs[1 + 2 * (i * 7 % (N / 2))]);
	fail_if(mslab_tree_empty(&tree));
}

static void
searches(void)
{
	header();
	mslab_tree_new(&tree);
	fail_unless(mslab_tree_first(&tree) == NULL && mslab_tree_last(&tree) == NULL);
	fill();
	fail_unless(mslab_tree_first(&tree) == &slabs[1]);
	fail_unless(mslab_tree_last(&tree) == &slabs[N - 1]);
	for (int i = 1; i < N; i += 2) {
		struct mslab *slab = &slabs[i];
		struct mslab *next = i + 2 < N ? slab + 2 : NULL;
		struct mslab *prev = i > 1 ? slab - 2 : NULL;
		fail_unless(mslab_tree_next(&tree, slab) == next);
		fail_unless(mslab_tree_prev(&tree, slab) == prev);
		fail_unless(mslab_tree_search(&tree, slab) == slab);
		fail_unless(mslab_tree_search(&tree, slab - 1) == NULL);
		fail_unless(mslab_tree_nsearch(&tree, slab) == slab);
		fail_unless(mslab_tree_psearch(&tree, slab) == slab);
		fail_unless(mslab_tree_nsearch(&tree, slab - 1) == slab);
		fail_unless(mslab_tree_psearch(&tree, slab - 1) == prev);
		fail_unless(mslab_tree_nsearch(&tree, slab + 1) == next);
	}
	for (int i = N - 1; i > 0; i -= 2) {
		mslab_tree_remove(&tree, &slabs[i]);
		fail_unless(mslab_tree_search(&tree, &slabs[i]) == NULL);
		fail_unless(mslab_tree_last(&tree) == (i > 1 ? &slabs[i - 2] : NULL));
	}
	fail_unless(mslab_tree_empty(&tree));
	footer();
}

static void
iterators(void)
{
	header();
	fill();
	struct mslab_tree_iterator it;
	mslab_tree_ifirst(&tree, &it);
	for (int i = 1; i < N; i += 2) {
		fail_unless(mslab_tree_iterator_get(&it) == &slabs[i]);
		/* The current one is returned, then it steps. */
		fail_unless(mslab_tree_inext(&it) == &slabs[i]);
	}
	fail_unless(mslab_tree_inext(&it) == NULL && mslab_tree_iterator_get(&it) == NULL);
	mslab_tree_ilast(&tree, &it);
	for (int i = N - 1; i > 0; i -= 2)
		fail_unless(mslab_tree_iprev(&it) == &slabs[i]);
	fail_unless(mslab_tree_iprev(&it) == NULL);

	fail_unless(mslab_tree_icreate(&tree, &slabs[7], &it));
	fail_unless(mslab_tree_inext(&it) == &slabs[7] && mslab_tree_iprev(&it) == &slabs[9]);
	fail_unless(mslab_tree_isearch(&tree, &slabs[7], &it));
	fail_unless(mslab_tree_iterator_get(&it) == &slabs[7]);
	fail_if(mslab_tree_isearch(&tree, &slabs[8], &it));
	fail_unless(mslab_tree_iterator_get(&it) == NULL);

	void (*search[])(mslab_tree_t *, const struct mslab *, struct mslab_tree_iterator *) = {
		mslab_tree_isearch_le, mslab_tree_isearch_ge,
		mslab_tree_isearch_lt, mslab_tree_isearch_gt,
	};
	const char *names[] = { "le", "ge", "lt", "gt" };
	for (int i = 0; i < 4; i++) {
		printf("%s:", names[i]);
		int keys[] = { 0, 1, 8, 9, N - 1 };
		for (int j = 0; j < 5; j++) {
			search[i](&tree, &slabs[keys[j]], &it);
			struct mslab *found = mslab_tree_iterator_get(&it);
			printf(" %d->%d", keys[j], found != NULL ? (int)(found - slabs) : -1);
		}
		printf("\n");
	}
	footer();
}

/* Prints the number of a slab; stops at *stop. */
static struct mslab *
print(mslab_tree_t *t, struct mslab *slab, void *stop)
{
	fail_unless(t == &tree);
	printf(" %d", (int)(slab - slabs));
	return slab == stop ? slab : NULL;
}

static void
callbacks(void)
{
	header();
	fill();
	printf("all:");
	fail_unless(mslab_tree_iter(&tree, NULL, print, NULL) == NULL);
	printf("\nfrom 10 to 21:");
	fail_unless(mslab_tree_iter(&tree, &slabs[10], print, &slabs[21]) == &slabs[21]);
	printf("\nback from 10:");
	fail_unless(mslab_tree_reverse_iter(&tree, &slabs[10], print, NULL) == NULL);
	printf("\nback from the last to 33:");
	mslab_tree_reverse_iter(&tree, NULL, print, &slabs[33]);
	printf("\nsubtree of the root from 30:");
	mslab_tree_iter_start(&tree, &slabs[30], tree.rbt_root, print, NULL);
	printf("\nback from 5:");
	mslab_tree_reverse_iter_start(&tree, &slabs[5], tree.rbt_root, print, NULL);
	printf("\nall of it to 3:");
	mslab_tree_iter_recurse(&tree, tree.rbt_root, print, &slabs[3]);
	printf("\nback to 37:");
	mslab_tree_reverse_iter_recurse(&tree, tree.rbt_root, print, &slabs[37]);
	printf("\n");
	fail_unless(mslab_tree_iter_recurse(&tree, NULL, print, NULL) == NULL);
	footer();
}

static void
walks(void)
{
	header();
	enum { LEFT = 1, RIGHT = 2 };
	fill();
	struct mslab_tree_walk walk;
	struct mslab *left, *right, *slab;
	int count = 0;
	mslab_tree_walk_init(&walk, &tree);
	while ((slab = mslab_tree_walk_next(&walk, LEFT | RIGHT, &left, &right)) != NULL) {
		fail_unless(count > 0 || slab == tree.rbt_root);
		fail_unless(left == NULL || left < slab);
		fail_unless(right == NULL || right > slab);
		count++;
	}
	printf("%d slabs\n", count);
	fail_unless(mslab_tree_walk_next(&walk, LEFT, &left, &right) == NULL);
	struct mslab *last = NULL;
	mslab_tree_walk_init(&walk, &tree);
	while ((slab = mslab_tree_walk_next(&walk, LEFT, &left, &right)) != NULL)
		last = slab;
	fail_unless(last == mslab_tree_first(&tree));
	footer();
}

static void
pools(void)
{
	header();
	struct fixture f;
	fixture_create(&f);
	struct mempool pool;
	mempool_create(&pool, &f.cache, 64);
	char *a = mempool_alloc(&pool);
	struct mslab *hot = mslab_tree_first(&pool.hot_slabs);
	fail_unless(WATCHED || pool.first_hot_slab == hot);
	/* Leaves the count of used bytes to the caller. */
	char *b = mslab_alloc(&pool, hot);
	fail_unless(b == a + 64 && mempool_used(&pool) == 64);
	mslab_free(&pool, hot, b);
	fail_unless(mempool_used(&pool) == 64);
	mempool_free(&pool, a);
	mempool_destroy(&pool);

	static struct small_alloc alloc;
	float factor;
	small_alloc_create(&alloc, &f.cache, 16, 2.0, &factor);
	struct mempool_iterator it;
	mempool_iterator_create(&it, &alloc);
	printf("pools of");
	for (struct mempool *p; (p = mempool_iterator_next(&it)) != NULL; )
		printf(" %u", p->objsize);
	printf("\n");
	fail_unless(mempool_iterator_next(&it) == NULL);
	small_alloc_destroy(&alloc);
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	searches();
	iterators();
	callbacks();
	walks();
	pools();
	return 0;
}
