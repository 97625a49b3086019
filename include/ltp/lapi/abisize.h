/* SPDX-License-Identifier: BSD-2-Clause */
/* The word size that the test is compiled for. */
#ifndef LTP_LAPI_ABISIZE_H
#define LTP_LAPI_ABISIZE_H

#if defined(__LP64__)
# define TST_ABI64
# define TST_ABI 64
#else
# define TST_ABI32
# define TST_ABI 32
#endif

#endif
