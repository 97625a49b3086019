/* SPDX-License-Identifier: BSD-2-Clause */
#define SMALL_CLASS_BRANCHLESS
#include "small_class.c"
