/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing outside [stack, stack + stack_size) is ever written or dropped (spec fiber.md
 * 11.3, 11.7), at the sizes where the reference wrote its poison below the stack: into
 * the guard, the slab's header or the neighbouring slab.
 */
#include "main_fiber.h"

enum { PAGE = 4096, HEADER = 48, POISON = 0xa5 };

/** A slab for a stack of a given size between two others, all filled with poison. */
struct site {
	char *left, *middle, *right;
	size_t request, slab_size;
	struct slab *others[16];
};

static bool
intact(const char *from, const char *to)
{
	for (; from < to; from++) {
		if ((unsigned char)*from != POISON)
			return false;
	}
	return true;
}

/** The next stack of that size will be carved from site->middle. */
static void
prepare(struct site *site, size_t request)
{
	site->request = request;
	struct slab **slabs = site->others;
	for (size_t i = 0; i < lengthof(site->others); i++) {
		slabs[i] = slab_get(cord_slab_cache(), request - HEADER);
		memset(slab_data(slabs[i]), POISON, slabs[i]->size - HEADER);
	}
	site->slab_size = slabs[0]->size;
	site->middle = NULL;
	for (size_t i = 0; i < lengthof(site->others) && site->middle == NULL; i++) {
		char *slab = (char *)slabs[i];
		site->left = site->right = NULL;
		for (size_t j = 0; j < lengthof(site->others); j++) {
			if ((char *)slabs[j] == slab - site->slab_size)
				site->left = (char *)slabs[j];
			if ((char *)slabs[j] == slab + site->slab_size)
				site->right = (char *)slabs[j];
		}
		if (site->left == NULL || site->right == NULL)
			continue;
		site->middle = slab;
		slab_put(cord_slab_cache(), slabs[i]);
		slabs[i] = NULL;
	}
	fail_if(site->middle == NULL);
}

static void
dismantle(struct site *site)
{
	for (size_t i = 0; i < lengthof(site->others); i++) {
		if (site->others[i] != NULL)
			slab_put(cord_slab_cache(), site->others[i]);
	}
}

/** Whether all poison is left but that of the guard page and the stack. */
static bool
untouched(const struct site *site)
{
	return intact(site->left + HEADER, site->left + site->slab_size) &&
	       intact(site->right + HEADER, site->right + site->slab_size) &&
	       intact(site->middle + HEADER, site->middle + PAGE) &&
	       intact(site->middle + site->request, site->middle + site->slab_size);
}

/** Writes on all of the stack but the last page, then waits. */
static int
use_stack_f(va_list ap)
{
	(void)ap;
	char *here = (char *)__builtin_frame_address(0);
	size_t left = here - (char *)fiber()->stack;
	if (left > PAGE + 2048)
		use_stack(left - PAGE);
	fiber_yield();
	return 0;
}

enum step { AT_CREATION, IN_USE, AT_THE_END, STEPS };

/** One life of a fiber with such a stack; counts what went wrong at each step. */
static void
live(size_t request, uint32_t flags, int *wrong)
{
	struct site site;
	prepare(&site, request);
	struct fiber_attr attr = { request, flags };
	struct fiber *f = fiber_new_ex("bounded", &attr, use_stack_f);
	fail_if(f == NULL || (char *)f->stack_slab != site.middle);
	/* A watermark only where it has room, and never in a custom stack. */
	char *watermark = (char *)f->stack_watermark;
	if ((flags & FIBER_CUSTOM_STACK) != 0 || f->stack_size < 65536) {
		wrong[AT_CREATION] += watermark != NULL;
	} else {
		char *lowest = (char *)f->stack + f->stack_size - 65536;
		wrong[AT_CREATION] += watermark < lowest || watermark > lowest + 120 ||
				      (uintptr_t)watermark % 8 != 0;
	}
	wrong[AT_CREATION] += !untouched(&site);
	fiber_start(f);
	wrong[IN_USE] += !untouched(&site);
	fiber_wakeup(f);
	fiber_reschedule();
	wrong[AT_THE_END] += !untouched(&site);
	if ((flags & FIBER_CUSTOM_STACK) != 0) {
		cord_collect_garbage(cord());
		wrong[AT_THE_END] += !untouched(&site);
	} else {
		fail_if(fiber_new_ex("reused", &attr, use_stack_f) != f);
		wrong[AT_THE_END] += !untouched(&site);
		/* The next size needs a stack of its own: have this one deleted. */
		f->flags |= FIBER_CUSTOM_STACK;
		fiber_start(f);
		fiber_wakeup(f);
		fiber_reschedule();
		cord_collect_garbage(cord());
	}
	dismantle(&site);
}

static void
test_sizes(uint32_t flags)
{
	plan(STEPS);
	/* The odd ones crashed the reference. */
	static const size_t special[] = {
		65536, 65552, 69500, 69632, 70000, 73000, 73727, 73728, 73729, 12289, 16383,
	};
	int wrong[STEPS] = { 0 };
	for (size_t i = 0; i < lengthof(special); i++)
		live(special[i], flags, wrong);
	for (size_t request = 12288; request <= 80000; request += 488)
		live(request, flags, wrong);
	is(wrong[AT_CREATION], 0, "nothing outside is written at creation");
	is(wrong[IN_USE], 0, "nor while the fiber runs");
	is(wrong[AT_THE_END], 0, "nor at its end");
	check_plan();
}

static void
test_custom(void)
{
	header();
	test_sizes(FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK);
	footer();
}

static void
test_cached(void)
{
	header();
	test_sizes(FIBER_DEFAULT_FLAGS);
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(2);
	test_custom();
	test_cached();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
