/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of huge pages of the default size (spec ltp.md 13). */
#ifndef LTP_TST_HUGEPAGE_H
#define LTP_TST_HUGEPAGE_H

#include "tst_common.h"
#include "tst_path_defs.h"

TST_BEGIN_DECLS

/* Items of SAFE_READ_MEMINFO(): pages, the last one KiB. */
#define MEMINFO_HPAGE_TOTAL "HugePages_Total:"
#define MEMINFO_HPAGE_FREE "HugePages_Free:"
#define MEMINFO_HPAGE_RSVD "HugePages_Rsvd:"
#define MEMINFO_HPAGE_SURP "HugePages_Surp:"
#define MEMINFO_HPAGE_SIZE "Hugepagesize:"

enum tst_hp_policy {
	/* As many as there is memory for; the pool becomes exactly that large. */
	TST_REQUEST,
	/* So many more than the pool has, or TCONF. */
	TST_NEEDS
};

/* .number for an empty pool. */
#define TST_NO_HUGEPAGES ((unsigned long)-1)

struct tst_hugepage {
	const unsigned long number;
	enum tst_hp_policy policy;
};

/* The size of the pool after the last reservation. */
extern unsigned long tst_hugepages;

/* Options that tests declare: {"s:", &nr_opt, ...} replaces .number. */
extern char *nr_opt;
/* {"H:", &Hopt, ...}: where a hugetlbfs is mounted. */
extern char *Hopt;

/* Bytes; 0 if the kernel has no huge pages. */
size_t tst_get_hugepage_size(void);

/*
 * Changes the pool; returns its new size, 0 if the kernel has no huge pages. The
 * library restores the pool at the end of the run. The library calls this for
 * .hugepages of struct tst_test.
 */
unsigned long tst_reserve_hugepages(struct tst_hugepage *hp);

TST_END_DECLS

#endif
