/* SPDX-License-Identifier: BSD-2-Clause */
/* A test that cannot be built, with the main() of the header. */
#include "tst_test.h"

TST_TEST_TCONF("not on this machine");
