/* SPDX-License-Identifier: BSD-2-Clause */
/* small_features.h (spec small.md 14.8). MADV_DONTDUMP came with Linux 3.4. */
#include "small/small_features.h"
#include "unit.h"

#include <limits.h>

int
main(void)
{
	header();
	fail_unless(small_test_feature(SMALL_FEATURE_DONTDUMP));
	fail_if(small_test_feature(FEATURE_MAX));
	fail_if(small_test_feature(UINT_MAX));
	footer();
	return 0;
}
