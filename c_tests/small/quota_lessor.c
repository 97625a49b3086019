/* SPDX-License-Identifier: BSD-2-Clause */
/* quota_lessor.h: the exact numbers of spec small.md 7.2. Header only. */
#include "small/quota_lessor.h"
#include "unit.h"

static const size_t MIB = 1024 * 1024;
static const size_t KIB = 1024;

static void
takes_and_returns_in_large_pieces(void)
{
	header();
	struct quota quota;
	struct quota_lessor lessor;
	quota_init(&quota, 100 * MIB);
	quota_lessor_create(&lessor, &quota);
	fail_unless(quota_leased(&lessor) == 0 && quota_available(&lessor) == 0);
	fail_unless(quota_used(&quota) == 0);

	fail_unless(quota_lease(&lessor, 100) == 100);
	fail_unless(quota_used(&quota) == MIB);
	fail_unless(quota_leased(&lessor) == 100);
	fail_unless(quota_available(&lessor) == MIB - 100);
	fail_unless(quota_lease(&lessor, 10000) == 10000);
	fail_unless(quota_lease(&lessor, MIB - 10100) == (ssize_t)(MIB - 10100));
	fail_unless(quota_used(&quota) == MIB);
	fail_unless(quota_available(&lessor) == 0);

	/* More than the minimum: exactly what is missing, rounded up. */
	fail_unless(quota_lease(&lessor, 3 * MIB + 1) == (ssize_t)(3 * MIB + 1));
	fail_unless(quota_used(&quota) == 4 * MIB + KIB);
	fail_unless(quota_available(&lessor) == KIB - 1);

	/* Returns below 2 MiB stay with the lessor. */
	fail_unless(quota_end_lease(&lessor, MIB) == (ssize_t)MIB);
	fail_unless(quota_used(&quota) == 4 * MIB + KIB);
	fail_unless(quota_available(&lessor) == MIB + KIB - 1);

	/* Then all but 1 MiB and the remainder goes back. */
	fail_unless(quota_end_lease(&lessor, 2 * MIB) == (ssize_t)(2 * MIB));
	fail_unless(quota_leased(&lessor) == MIB + 1);
	fail_unless(quota_available(&lessor) == MIB + KIB - 1);
	fail_unless(quota_used(&quota) == 2 * MIB + KIB);

	fail_unless(quota_end_lease(&lessor, MIB + 1) == (ssize_t)(MIB + 1));
	quota_lessor_destroy(&lessor);
	fail_unless(quota_used(&quota) == 0);
	quota_lessor_destroy(&lessor);
	footer();
}

static void
takes_less_when_there_is_less(void)
{
	header();
	struct quota quota;
	struct quota_lessor lessor;
	quota_init(&quota, MIB + 128 * KIB);
	quota_lessor_create(&lessor, &quota);
	fail_unless(quota_lease(&lessor, MIB) == (ssize_t)MIB);
	fail_unless(quota_lease(&lessor, MIB) == -1);
	fail_unless(quota_used(&quota) == MIB && quota_leased(&lessor) == MIB);
	fail_unless(quota_lease(&lessor, KIB) == (ssize_t)KIB);
	fail_unless(quota_used(&quota) == MIB + 128 * KIB);
	fail_unless(quota_available(&lessor) == 127 * KIB);
	fail_unless(quota_lease(&lessor, 127 * KIB) == (ssize_t)(127 * KIB));
	fail_unless(quota_lease(&lessor, 1) == -1);
	fail_unless(quota_end_lease(&lessor, MIB + 128 * KIB) == (ssize_t)(MIB + 128 * KIB));
	quota_lessor_destroy(&lessor);
	fail_unless(quota_used(&quota) == 0);
	footer();
}

int
main(void)
{
	takes_and_returns_in_large_pieces();
	takes_less_when_there_is_less();
	return 0;
}
