/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * small_class: the class of a size and the size of a class, against a table that
 * is built by stepping through the sizes (spec small.md 14.1). Compiled a second
 * time without branches: small_class_branchless.c.
 */
#include "small/small_class.h"
#include "unit.h"

#include <math.h>
#include <stdbool.h>

/* The whole table of a small case. */
static void
boundaries(void)
{
	header();
	struct small_class sc;
	float factor;
	small_class_create(&sc, 2, 1.2, 12, &factor);
	printf("n %u, factor %.6f\n", sc.effective_bits, factor);
	unsigned last = UINT_MAX;
	for (unsigned size = 0; size <= 100; size++) {
		unsigned cls = small_class_calc_offset_by_size(&sc, size);
		if (cls != last)
			printf("from %u: class %u of %u\n", size, cls,
			       small_class_calc_size_by_offset(&sc, cls));
		last = cls;
	}
	footer();
}

static void
tables(void)
{
	header();
	srand(20240229);
	for (unsigned granularity = 1; granularity <= 8; granularity *= 2) {
		for (int i = 0; i < 100; i++) {
			unsigned min_alloc = 1 + rand() % 100;
			struct small_class sc;
			float factor;
			small_class_create(&sc, granularity, 1.05, min_alloc, &factor);
			fail_unless(sc.effective_size == 16);
			fail_unless(sc.granularity == granularity);
			/* Walk sizes and classes side by side. */
			unsigned cls = 0, class_size = min_alloc, step = granularity, in_group = 0;
			/* The first group is twice as long. */
			unsigned group = 2 * 16 - 1;
			for (unsigned size = 0; size <= 1024; size++) {
				if (size > class_size) {
					cls++;
					if (in_group == group) {
						step *= 2;
						in_group = 0;
						group = 16;
					}
					in_group++;
					class_size += step;
				}
				fail_unless(small_class_calc_offset_by_size(&sc, size) == cls);
				fail_unless(small_class_calc_size_by_offset(&sc, cls) == class_size);
			}
		}
	}
	footer();
}

/* The factor comes out as near as it can, and classes do grow by it. */
static void
factors(void)
{
	header();
	for (int i = 101; i <= 199; i++) {
		float desired = i / 100., actual;
		struct small_class sc;
		small_class_create(&sc, 1, desired, 1, &actual);
		fail_unless(sc.actual_factor == actual);
		fail_unless(actual >= desired / sqrtf(desired));
		fail_unless(actual <= desired * sqrtf(desired));
		/* Beyond the linear start. */
		unsigned first = 4 * sc.effective_size;
		for (unsigned cls = first; cls < first + 100; cls++) {
			double size = small_class_calc_size_by_offset(&sc, cls);
			double next = small_class_calc_size_by_offset(&sc, cls + 1);
			if (next > 1e9)
				break;
			double deviation = (actual - 1) / (next / size - 1);
			fail_unless(deviation > M_LN2 && deviation < 2 * M_LN2);
		}
	}
	footer();
}

/* At both ends of the range of sizes. */
static void
extremes(void)
{
	header();
	struct small_class sc;
	float factor;
	small_class_create(&sc, 8, 1.1, 16, &factor);
	fail_unless(small_class_calc_offset_by_size(&sc, 0) == 0);
	unsigned cls = small_class_calc_offset_by_size(&sc, 1U << 31);
	fail_unless(small_class_calc_size_by_offset(&sc, cls) >= 1U << 31);
	fail_unless(small_class_calc_size_by_offset(&sc, cls - 1) < 1U << 31);
	fail_unless(small_class_fls(1) == 0 && small_class_fls(UINT_MAX) == 31);
	/* A first class smaller than the granularity. */
	small_class_create(&sc, 8, 1.1, 1, &factor);
	fail_unless(small_class_calc_offset_by_size(&sc, 1) == 0);
	fail_unless(small_class_calc_offset_by_size(&sc, 2) == 1);
	fail_unless(small_class_calc_size_by_offset(&sc, 1) == 9);
	footer();
}

int
main(void)
{
	boundaries();
	tables();
	factors();
	extremes();
	return 0;
}
