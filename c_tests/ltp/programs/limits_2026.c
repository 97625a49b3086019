/* SPDX-License-Identifier: BSD-2-Clause */
/* The same under the newer generation. */
#define TST_API_GENERATION 2026
#include "limits.c"
