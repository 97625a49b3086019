/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of huge pages share (spec ltp.md 17). */
#ifndef LTP_HUGETLB_H
#define LTP_HUGETLB_H

#include "tst_test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "mem.h"
#include "old_tmpdir.h"

TST_BEGIN_DECLS

/* The pointer rounded up to a multiple of a, a power of two. */
#define PALIGN(p, a) ((void *)LTP_ALIGN((unsigned long)(p), (a)))

#ifndef SHM_HUGETLB
# define SHM_HUGETLB 04000
#endif

#define SHM_RD 0400
#define SHM_WR 0200
#define SHM_RW (SHM_RD | SHM_WR)
#define MODE_MASK 0x01FF

/* The compiler moves no memory access across it. */
#ifndef barrier
# ifdef mb
#  define barrier() mb()
# else
#  define barrier() __asm__ __volatile__ ("" : : : "memory")
# endif
#endif

/* Pages that the allocator for ordinary memory cannot make: 2048 base pages or more. */
static inline int is_hugetlb_gigantic(unsigned long hpage_size)
{
	return (hpage_size / (unsigned long)getpagesize()) >> 11;
}

/* For the test's own use. */
extern key_t shmkey;

/* A System V key of the current directory and a random letter. */
int getipckey(void);
/* The uid of a user. */
int getuserid(char *user);
/* Removes a segment, if the id is not -1; failing that three TINFOs. */
void rm_shm(int id);

/* Fills memory with a pattern and verifies it; -1 after a TFAIL with desc. */
int do_readback(void *p, size_t size, char *desc);

TST_END_DECLS

#endif
