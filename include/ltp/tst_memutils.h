/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the machine and of the process (spec ltp.md 14.2). */
#ifndef LTP_TST_MEMUTILS_H
#define LTP_TST_MEMUTILS_H

#include "tst_common.h"

TST_BEGIN_DECLS

/* Fills up to maxsize bytes of free memory, 0 for most of it, and frees them. */
void tst_pollute_memory(size_t maxsize, int fillchar);

/* KiB. */
long long tst_available_mem(void);
long long tst_available_swap(void);

/* oom_score_adj -1000 or 0 of a process, 0 for the caller; needs the capability. */
void tst_enable_oom_protection(pid_t pid);
void tst_disable_oom_protection(pid_t pid);

/* 1 if a mapping of this process starts or ends in [low, high). */
int tst_mapping_in_range(unsigned long low, unsigned long high);
/* The same, as it was called in 2023. */
int range_is_mapped(unsigned long low, unsigned long high);

/* Names of protection bits in buf, which has 512 bytes. */
void tst_prot_to_str(const int prot, char *buf);

TST_END_DECLS

#endif
