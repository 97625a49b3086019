/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/**
 * @file
 * Size classes that grow by about a constant factor, and the class of a size
 * in a few instructions (spec small.md 14.1).
 *
 * Like a floating-point number with n bits of mantissa: the first 2^(n+1)
 * classes are `granularity` apart, the next 2^n twice that, and so on.
 *
 *	n = 1, granularity 8, min_alloc 16:
 *	16 24 32 40 | 56 72 | 104 136 | 200 264 | ...
 *	 +8 +8 +8     +16     +32       +64
 */
#include "trivia/config.h"

#include <limits.h>

#ifdef __cplusplus
extern "C" {
#endif

struct small_class {
	/** Every size is min_alloc plus a multiple of this power of two. */
	unsigned granularity;
	/** Its binary logarithm. */
	unsigned ignore_bits_count;
	/** n above. */
	unsigned effective_bits;
	/** 2^n */
	unsigned effective_size;
	/** 2^n - 1 */
	unsigned effective_mask;
	/** min_alloc - granularity, modulo 2^32. */
	unsigned size_shift;
	unsigned size_shift_plus_1;
	/** By what classes grow on average: 2^(1 / 2^n). */
	float actual_factor;
};

/**
 * Chooses n so that the factor comes close to `desired_factor`, above 1 and up
 * to 2; *actual_factor becomes what it is then. `granularity` is a power of
 * two, `min_alloc`, the size of the first class, not 0.
 */
void
small_class_create(struct small_class *sc, unsigned granularity,
		   float desired_factor, unsigned min_alloc,
		   float *actual_factor);

/** The binary logarithm of `value`, not 0, rounded down. */
static inline unsigned
small_class_fls(unsigned value)
{
	return sizeof(value) * CHAR_BIT - 1 - __builtin_clz(value);
}

/** The number, from 0, of the smallest class that holds `size` bytes. */
static inline unsigned
small_class_calc_offset_by_size(struct small_class *sc, unsigned size)
{
	/* Negative for sizes below the first class, as the shift may be, too. */
	long long beyond = (long long)size - (int)sc->size_shift_plus_1;
	unsigned s = beyond < 0 ? 0 : (unsigned)beyond >> sc->ignore_bits_count;
	unsigned high = s >> sc->effective_bits;
#ifdef SMALL_CLASS_BRANCHLESS
	/* The logarithm of 0 is to be that of 1. */
	unsigned l = small_class_fls(high | 1);
#else
	if (high == 0)
		return s;
	unsigned l = small_class_fls(high);
#endif
	return (s >> l) + (l << sc->effective_bits);
}

/** The size of class number `cls`. */
static inline unsigned
small_class_calc_size_by_offset(struct small_class *sc, unsigned cls)
{
	unsigned c = cls + 1;
	unsigned low = c & sc->effective_mask;
	unsigned l = c >> sc->effective_bits;
	if (l > 0) {
		low += sc->effective_size;
		l -= 1;
	}
	return sc->size_shift + (low << l << sc->ignore_bits_count);
}

#ifdef __cplusplus
} /* extern "C" */
#endif
