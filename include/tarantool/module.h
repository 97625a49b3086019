/* SPDX-License-Identifier: BSD-2-Clause */
/* Where modules look for it: <tarantool/module.h>. */
#include "../module.h"
