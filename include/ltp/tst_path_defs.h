/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the kernel, under the names of both generations (spec ltp.md 13).
 * PATH_MEMINFO and PATH_SHMMAX belong to tests, which define them themselves.
 */
#ifndef LTP_TST_PATH_DEFS_H
#define LTP_TST_PATH_DEFS_H

/* 2023 */
#define PATH_HUGEPAGES "/sys/kernel/mm/hugepages/"
#define PATH_NR_HPAGES "/proc/sys/vm/nr_hugepages"
#define PATH_OC_HPAGES "/proc/sys/vm/nr_overcommit_hugepages"

/* 2026 */
#define PATH_MM_HUGEPAGES "/sys/kernel/mm/hugepages"
#define PATH_MM_THP "/sys/kernel/mm/transparent_hugepage"
#define PATH_VM_NR_HPAGES "/proc/sys/vm/nr_hugepages"
#define PATH_VM_OVERCOMMIT_HPAGES "/proc/sys/vm/nr_overcommit_hugepages"
#define PATH_VM_DROP_CACHES "/proc/sys/vm/drop_caches"
#define PATH_VM_COMPACT_MEMORY "/proc/sys/vm/compact_memory"
#define PATH_KERN_SHMMAX "/proc/sys/kernel/shmmax"
#define PATH_KERN_SHMMNI "/proc/sys/kernel/shmmni"
#define PATH_KERN_SHMALL "/proc/sys/kernel/shmall"

#endif
