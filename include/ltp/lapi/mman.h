/* SPDX-License-Identifier: BSD-2-Clause */
/* Protections that the C library may not know. */
#ifndef LTP_LAPI_MMAN_H
#define LTP_LAPI_MMAN_H

#include <sys/mman.h>

/* Memory tags of arm64. */
#ifndef PROT_MTE
# define PROT_MTE 0x20
#endif

#endif
