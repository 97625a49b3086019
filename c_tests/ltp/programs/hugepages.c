/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of huge pages, and hugetlb.h (spec ltp.md 13, 17, 21.4). */
#define _GNU_SOURCE
#include "cases.h"
#include "hugetlb.h"
#include "tst_safe_sysv_ipc.h"

static struct tst_option size_option[] = {
	{"s:", &nr_opt, "Pages"}, {NULL, NULL, NULL}
};

static void show_pool(void)
{
	TST_EXP_EQ_LU(tst_hugepages, SAFE_READ_MEMINFO(MEMINFO_HPAGE_TOTAL));
}

static struct tst_test needs_test = {
	.test_all = show_pool, .hugepages = {2, TST_NEEDS}, .options = size_option
};
static struct tst_test too_many_test = {
	.test_all = show_pool, .hugepages = {1000000, TST_NEEDS}
};
static struct tst_test shrinks_test = {
	.test_all = show_pool, .hugepages = {3, TST_REQUEST}
};

/* Item 35. */
static void absurd_request(void)
{
	struct tst_hugepage absurd = {1UL << 50, TST_REQUEST};
	unsigned long pages = tst_reserve_hugepages(&absurd);

	TST_EXP_EXPR(pages > 0 && pages < 1UL << 50, "a limited number of pages");
	TST_EXP_EXPR(pages == tst_hugepages, "tst_hugepages");
	TST_EXP_EXPR(pages == (unsigned long)SAFE_READ_MEMINFO(MEMINFO_HPAGE_TOTAL),
		     "HugePages_Total");
}
static struct tst_test absurd_test = {
	.test_all = absurd_request, .hugepages = {2, TST_NEEDS}
};

static void none_then_three(void)
{
	struct tst_hugepage three = {3, TST_REQUEST};

	TST_EXP_EQ_LI(SAFE_READ_MEMINFO(MEMINFO_HPAGE_TOTAL), 0);
	TST_EXP_EQ_LU(tst_reserve_hugepages(&three), 3);
	TST_EXP_EQ_LI(SAFE_READ_MEMINFO(MEMINFO_HPAGE_TOTAL), 3);
}
static struct tst_test none_test = {
	.test_all = none_then_three, .hugepages = {TST_NO_HUGEPAGES, TST_REQUEST}
};

/* The pool is the test's alone, and nobody asked the library to put it back. */
static void unasked(void)
{
	struct tst_hugepage two = {2, TST_NEEDS};

	TST_EXP_EQ_LU(tst_reserve_hugepages(&two), 2);
	raise(SIGKILL);
}
static struct tst_test unasked_test = {.test_all = unasked};

/*
 * Pages in a file, in a segment, in a segment of a child and in a mapping when the test
 * is killed.
 */
static void dies_with_pages(void)
{
	const size_t size = tst_get_hugepage_size();
	int fd = SAFE_OPEN("hugetlbfs/file", O_CREAT | O_RDWR, 0600);
	char *map = SAFE_MMAP(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int id = SAFE_SHMGET(IPC_PRIVATE, size, SHM_HUGETLB | IPC_CREAT | SHM_RW);
	char *segment = SAFE_SHMAT(id, NULL, 0);

	if (!SAFE_FORK()) {
		id = SAFE_SHMGET(IPC_PRIVATE, size, SHM_HUGETLB | IPC_CREAT | SHM_RW);
		segment = SAFE_SHMAT(id, NULL, 0);
		*segment = 1;
		exit(0);
	}
	tst_reap_children();
	*map = 1;
	*segment = 1;
	TST_EXP_EQ_LI(SAFE_READ_MEMINFO(MEMINFO_HPAGE_FREE), 0);
	if (!SAFE_FORK()) {
		SAFE_SETSID();
		for (;;)
			pause();
	}
	raise(SIGKILL);
}
static struct tst_test dies_test = {
	.test_all = dies_with_pages,
	.needs_root = 1,
	.forks_child = 1,
	.hugepages = {3, TST_NEEDS},
	.mntpoint = "hugetlbfs/",
	.needs_hugetlbfs = 1,
};

/* What is written to the second half appears in the first: memory that fails. */
static void readback_of_one_page_twice(void)
{
	const size_t size = getpagesize();
	char desc[] = "twins";
	int fd = SAFE_OPEN("page", O_CREAT | O_RDWR, 0600);
	char *twins = SAFE_MMAP(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	SAFE_FTRUNCATE(fd, size);
	SAFE_MMAP(twins, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	SAFE_MMAP(twins + size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	TST_EXP_EQ_LI(do_readback(twins, 2 * size, desc), -1);
	SAFE_MUNMAP(twins, 2 * size);
	SAFE_CLOSE(fd);
}

/* hugetlb.h */
static void helpers(void)
{
	const size_t size = tst_get_hugepage_size();
	char root[] = "root", nobody[] = "no_such_user";
	char overcommit[] = "overcommit_memory", nr_hugepages[] = "nr_hugepages";
	char desc[] = "memory";
	unsigned int memory[16];
	size_t huge = 4096;
	int id;

	TST_EXP_EQ_LI(is_hugetlb_gigantic(2UL << 20), 0);
	TST_EXP_EXPR(is_hugetlb_gigantic(1UL << 30) != 0);
	TST_EXP_EXPR(PALIGN(4097, 4096) == (void *)8192);
	TST_EXP_EQ_LU(LTP_ALIGN(size + 1, size), 2 * size);
	TST_EXP_EQ_LI(getuserid(root), 0);
	TST_EXP_EQ_LI(do_readback(memory, sizeof(memory), desc), 0);
	TST_EXP_EQ_LI(memory[1], 0x1234ABCD ^ 1);
	readback_of_one_page_twice();
	shmkey = getipckey();
	TST_EXP_EXPR(shmkey != -1);
	id = SAFE_SHMGET(shmkey, size, SHM_HUGETLB | IPC_CREAT | IPC_EXCL | SHM_RW);
	SAFE_SHMDT(SAFE_SHMAT(id, NULL, 0));
	rm_shm(id);
	rm_shm(-1);
	rm_shm(1 << 30);
	update_shm_size(&huge);
	TST_EXP_EQ_SZ(huge, 4096);
	set_sys_tune(overcommit, get_sys_tune(overcommit), 1);
	set_sys_tune(nr_hugepages, 2, 1);
	TST_EXP_EQ_LI(get_sys_tune(nr_hugepages), 2);
	barrier();
	getuserid(nobody);
}
static struct tst_test helpers_test = {
	.test_all = helpers, .hugepages = {1, TST_NEEDS}, .needs_tmpdir = 1, .needs_root = 1
};

static const struct named_case cases[] = {
	{"needs", &needs_test},
	{"too_many", &too_many_test},
	{"shrinks", &shrinks_test},
	{"absurd", &absurd_test},
	{"none", &none_test},
	{"unasked", &unasked_test},
	{"dies", &dies_test},
	{"helpers", &helpers_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
