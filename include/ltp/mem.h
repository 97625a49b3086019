/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of memory tests, as far as those of huge pages use them (spec ltp.md 17). */
#ifndef LTP_MEM_H
#define LTP_MEM_H

#include "tst_common.h"
#include "tst_memutils.h"
#include "tst_path_defs.h"
#include "tst_res_flags.h"

TST_BEGIN_DECLS

#if TST_API_GENERATION < 2026
# ifndef KB
#  define KB (1UL << 10)
# endif
# ifndef MB
#  define MB (1UL << 20)
# endif
#endif

#define PATH_SYSVM "/proc/sys/vm/"
/* Tests define these two themselves, with the same values. */
#define PATH_MEMINFO "/proc/meminfo"
#define PATH_SHMMAX "/proc/sys/kernel/shmmax"

/* The number in /proc/sys/vm/<name>; setting it, with check read back. */
long get_sys_tune(char *sys_file);
void set_sys_tune(char *sys_file, long tune, int check);

/* At most SHMMAX bytes. */
void update_shm_size(size_t *shm_size);

TST_END_DECLS

#endif
