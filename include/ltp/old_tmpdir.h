/* SPDX-License-Identifier: BSD-2-Clause */
/* The header's name in 2023 for what tst_tmpdir.h declares. */
#ifndef LTP_OLD_TMPDIR_H
#define LTP_OLD_TMPDIR_H

#include "tst_tmpdir.h"

#endif
