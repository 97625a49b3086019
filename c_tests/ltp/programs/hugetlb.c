/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of huge pages as kernel testers write them: what surface C is for (spec ltp.md
 * 1.3). They use the pool, files, segments, signals, threads and other users together.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>

#include "cases.h"
#include "hugetlb.h"
#include "lapi/abisize.h"
#include "lapi/fallocate.h"
#include "lapi/mmap.h"
#include "lapi/syscalls.h"
#include "tst_safe_pthread.h"
#include "tst_safe_sysv_ipc.h"

#define MNTPOINT "hugetlbfs/"

static unsigned long hpage_size;
static int fd = -1;
static int shm_id = -1;

static void setup(void)
{
	hpage_size = SAFE_READ_MEMINFO(MEMINFO_HPAGE_SIZE) * 1024;
	if (hpage_size != tst_get_hugepage_size())
		tst_brk(TBROK, "two sizes of huge pages");
}

static void setup_file(void)
{
	setup();
	fd = tst_creat_unlinked(MNTPOINT, 0);
}

static void cleanup(void)
{
	if (fd != -1)
		SAFE_CLOSE(fd);
	rm_shm(shm_id);
}

#define FILE_CASE(function, pages, ...) \
	static struct tst_test function##_test = { \
		.test_all = function, \
		.setup = setup_file, \
		.cleanup = cleanup, \
		.needs_root = 1, \
		.needs_tmpdir = 1, \
		.forks_child = 1, \
		.mntpoint = MNTPOINT, \
		.needs_hugetlbfs = 1, \
		.hugepages = {pages, TST_NEEDS}, \
		##__VA_ARGS__ \
	}

static char *map_pages(int pages, int flags)
{
	return SAFE_MMAP(NULL, pages * hpage_size, PROT_READ | PROT_WRITE, flags, fd, 0);
}

/* A mapping reserves, a store takes, a hole gives back. */
static void file_pages(void)
{
	char *p = map_pages(2, MAP_SHARED);

	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_FREE), 2);
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_RSVD), 2);
	memset(p, 'x', hpage_size);
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_FREE), 1);
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_RSVD), 1);
	SAFE_MUNMAP(p, 2 * hpage_size);

	TEST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, hpage_size));
	TST_EXP_EXPR(TST_RET == 0, "hole in the file");
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_FREE), 2);
	SAFE_FTRUNCATE(fd, 0);
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_SURP), 0);
}
FILE_CASE(file_pages, 2);

/* A file on hugetlbfs is read, but not written, as any other. */
static void file_calls(void)
{
	char *p = map_pages(1, MAP_SHARED);
	char text[5] = "";

	memcpy(p, "text", 5);
	TST_EXP_EXPR(SAFE_LSEEK(fd, 0, SEEK_END) == (off_t)hpage_size, "its size");
	SAFE_LSEEK(fd, 0, SEEK_SET);
	SAFE_READ(1, fd, text, sizeof(text));
	TST_EXP_EQ_STR(text, "text");
	TST_EXP_FAIL(write(fd, text, sizeof(text)), EINVAL, "write() to hugetlbfs");
	SAFE_POSIX_FADVISE(fd, 0, 0, POSIX_FADV_DONTNEED);
	SAFE_MSYNC(p, hpage_size, MS_SYNC);
	TST_EXP_EQ_STR(p, "text");
	SAFE_MUNMAP(p, hpage_size);
}
FILE_CASE(file_calls, 1);

/* Parent and child have their own copies of a private page. */
static void copies(void)
{
	char *p = map_pages(1, MAP_PRIVATE);

	*p = 'p';
	if (!SAFE_FORK()) {
		TST_CHECKPOINT_WAIT(0);
		*p = 'c';
		TST_EXP_EXPR(*p == 'c', "the child's page");
		TST_CHECKPOINT_WAKE(1);
		exit(0);
	}
	TST_CHECKPOINT_WAKE(0);
	TST_CHECKPOINT_WAIT(1);
	TST_EXP_EXPR(*p == 'p', "the parent's page");
	tst_reap_children();
	SAFE_MUNMAP(p, hpage_size);
}
FILE_CASE(copies, 2, .needs_checkpoints = 1);

static sigjmp_buf faulted;

static void on_fault(int signal)
{
	siglongjmp(faulted, signal);
}

/* Which signal does a store raise? */
static int store(volatile char *address)
{
	struct sigaction action = {.sa_handler = on_fault};
	int signal;

	SAFE_SIGEMPTYSET(&action.sa_mask);
	SAFE_SIGACTION(SIGBUS, &action, NULL);
	SAFE_SIGACTION(SIGSEGV, &action, NULL);
	signal = sigsetjmp(faulted, 1);
	if (!signal)
		*address = 1;
	return signal;
}

static void faults(void)
{
	char *p = map_pages(1, MAP_SHARED);
	void *beyond = SAFE_MMAP(NULL, hpage_size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_NORESERVE, fd, hpage_size);

	TST_EXP_EQ_STR(tst_strsig(store(p)), tst_strsig(0));
	TST_EXP_EQ_STR(tst_strsig(store(beyond)), "SIGBUS");
	SAFE_MPROTECT(p, hpage_size, PROT_READ);
	TST_EXP_EQ_STR(tst_strsig(store(p)), "SIGSEGV");
	SAFE_MUNMAP(p, hpage_size);
	SAFE_MUNMAP(beyond, hpage_size);
}
FILE_CASE(faults, 1);

/* The pool is used up: an error for who reserves, a signal for who does not. */
static void exhausted(void)
{
	char *p = map_pages(1, MAP_SHARED);
	char *second;

	*p = 1;
	TST_EXP_FAIL_PTR_VOID(mmap(NULL, hpage_size, PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0),
			      ENOMEM, "one page too many");
	second = SAFE_MMAP(NULL, hpage_size, PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
	TST_EXP_EQ_STR(tst_strsig(store(second)), "SIGBUS");
	SAFE_MUNMAP(second, hpage_size);
	SAFE_MUNMAP(p, hpage_size);
}
FILE_CASE(exhausted, 1, .save_restore = (const struct tst_path_val[]) {
	{PATH_OC_HPAGES, "0", TST_SR_TBROK}, {}
});

/* Beyond the pool there are surplus pages, if allowed. */
static void surplus(void)
{
	char *p;

	SAFE_FILE_PRINTF(PATH_OC_HPAGES, "%d", 1);
	p = SAFE_MMAP(NULL, hpage_size, PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	*p = 1;
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_SURP), 1);
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_TOTAL), 1);
	SAFE_MUNMAP(p, hpage_size);
	TST_EXP_EQ_LU(SAFE_READ_MEMINFO(MEMINFO_HPAGE_TOTAL), 0);
}
static struct tst_test surplus_test = {
	.test_all = surplus, .setup = setup, .needs_root = 1,
	.hugepages = {TST_NO_HUGEPAGES, TST_REQUEST},
	.save_restore = (const struct tst_path_val[]) {
		{PATH_OC_HPAGES, NULL, TST_SR_TCONF_MISSING | TST_SR_TBROK_RO}, {}
	},
};

/* A filesystem of one page. */
static void small_mount(void)
{
	SAFE_CLOSE(fd);
	SAFE_MKDIR("small", 0755);
	SAFE_MOUNT("none", "small", "hugetlbfs", 0, "size=2M,mode=0700");
	TST_EXP_EQ_LI(tst_is_mounted_at_tmpdir("small"), 1);
	fd = SAFE_OPEN("small/file", O_CREAT | O_RDWR, 0600);
	TST_EXP_FAIL_PTR_VOID(mmap(NULL, 2 * hpage_size, PROT_WRITE, MAP_SHARED, fd, 0),
			      ENOMEM, "two pages");
	TST_EXP_PASS_PTR_VOID(mmap(NULL, hpage_size, PROT_WRITE, MAP_SHARED, fd, 0),
			      "one page");
	SAFE_MUNMAP(TST_RET_PTR, hpage_size);
	SAFE_CLOSE(fd);
	TST_EXP_EQ_LI(tst_umount("small"), 0);
}
FILE_CASE(small_mount, 2);

static void list(void)
{
	struct dirent *entry;
	char path[PATH_MAX], *dir = tst_get_tmpdir();
	int entries = 0;
	DIR *d;

	SAFE_TOUCH(MNTPOINT "here", 0600, NULL);
	TST_EXP_EQ_STR(SAFE_GETCWD(path, sizeof(path)), dir);
	free(dir);
	d = SAFE_OPENDIR(MNTPOINT);
	while ((entry = SAFE_READDIR(d)))
		entries += entry->d_name[0] != '.';
	SAFE_CLOSEDIR(d);
	TST_EXP_EQ_LI(entries, 1);
	SAFE_UNLINK(MNTPOINT "here");
}
FILE_CASE(list, 1);

static void *fill(void *page)
{
	memset(page, 1, hpage_size);
	return page;
}

static void threads(void)
{
	pthread_t thread[4];
	char *p = map_pages(ARRAY_SIZE(thread), MAP_SHARED);
	void *value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(thread); i++)
		SAFE_PTHREAD_CREATE(&thread[i], NULL, fill, p + i * hpage_size);
	for (i = 0; i < ARRAY_SIZE(thread); i++) {
		SAFE_PTHREAD_JOIN(thread[i], &value);
		TST_EXP_EXPR(value == p + i * hpage_size && *(char *)value == 1,
			     "thread %zu", i);
	}
	SAFE_MUNMAP(p, ARRAY_SIZE(thread) * hpage_size);
}
FILE_CASE(threads, 4);

/* Where mappings are, and where not. */
static void places(void)
{
	char *p = map_pages(2, MAP_SHARED);
	unsigned long low = (unsigned long)p, high = low + 2 * hpage_size;

	TST_EXP_EXPR(PALIGN(p + 1, hpage_size) == p + hpage_size, "PALIGN");
	TST_EXP_EQ_LI(range_is_mapped(low, high), 1);
	SAFE_MUNMAP(p, 2 * hpage_size);
	TST_EXP_EQ_LI(tst_mapping_in_range(low + 1, high - 1), 0);
	TST_EXP_FAIL_PTR_VOID(mmap(p + MMAP_GRANULARITY, hpage_size, PROT_READ,
				   MAP_SHARED | MAP_FIXED, fd, 0), EINVAL, "not aligned");
#ifdef TST_ABI64
	TST_EXP_EQ_LI(TST_ABI, tst_kernel_bits());
#endif
}
FILE_CASE(places, 2);

/* -s: pages; each is a segment. */
static void segments(unsigned int nr)
{
	const size_t size = tst_hugepages / 2 * hpage_size;
	struct shmid_ds info;
	char *p;

	shm_id = SAFE_SHMGET(shmkey, size, SHM_HUGETLB | IPC_CREAT | IPC_EXCL | SHM_RW);
	p = SAFE_SHMAT(shm_id, NULL, nr ? SHM_RDONLY : 0);
	if (nr == 0)
		memset(p, 2, size);
	SAFE_SHMCTL(shm_id, IPC_STAT, &info);
	TST_EXP_EQ_SZ(info.shm_segsz, size);
	TST_EXP_EQ_LI(info.shm_perm.mode & MODE_MASK, SHM_RW);
	SAFE_SHMCTL(shm_id, SHM_LOCK, NULL);
	SAFE_SHMDT(p);
	SAFE_SHMCTL(shm_id, IPC_RMID, NULL);
	TST_EXP_EQ_LI(shm_id, -1);
}

static void setup_segments(void)
{
	setup();
	shmkey = getipckey();
}

#define SEGMENT_FIELDS \
	.setup = setup_segments, \
	.cleanup = cleanup, \
	.needs_root = 1, \
	.needs_tmpdir = 1, \
	.forks_child = 1, \
	.options = (struct tst_option[]) { \
		{"s:", &nr_opt, "Huge pages in the pool (default: 4)"}, {} \
	}

static struct tst_test segments_test = {
	.test = segments, .tcnt = 2, .hugepages = {4, TST_REQUEST}, SEGMENT_FIELDS
};

static void segment_errors(void)
{
	char nobody[] = "nobody";
	int uid = getuserid(nobody);

	shm_id = SAFE_SHMGET(shmkey, hpage_size, SHM_HUGETLB | IPC_CREAT | SHM_RD);
	TST_EXP_FAIL2(shmget(shmkey, hpage_size, SHM_HUGETLB | IPC_CREAT | IPC_EXCL),
		      EEXIST, "it exists");
	TST_EXP_FAIL2(shmget(shmkey, 2 * hpage_size, 0), EINVAL, "it is smaller");
	if (!SAFE_FORK()) {
		SAFE_SETUID(uid);
		TEST(shmctl(shm_id, IPC_RMID, NULL));
		if (TST_RET == -1 && TST_ERR == EPERM)
			tst_res(TPASS | TTERRNO, "somebody else's segment");
		else
			tst_res(TFAIL | TTERRNO, "somebody else's segment: %ld", TST_RET);
		exit(0);
	}
	tst_reap_children();
	TST_EXP_EQ_LI(tst_syscall(__NR_shmctl, shm_id, IPC_RMID, NULL), 0);
	TST_EXP_FAIL(shmctl(shm_id, IPC_RMID, NULL), EINVAL, "it is gone");
	shm_id = -1;
	tst_syscall(__LTP__NR_INVALID_SYSCALL);
}
static struct tst_test segment_errors_test = {
	.test_all = segment_errors, .hugepages = {1, TST_NEEDS}, SEGMENT_FIELDS
};

/* Children attach the segment, and are let go together. */
static void attached(void)
{
	enum { CHILDREN = 3 };
	struct shmid_ds info;
	int i;

	shm_id = SAFE_SHMGET(shmkey, hpage_size, SHM_HUGETLB | IPC_CREAT | SHM_RW);
	for (i = 0; i < CHILDREN; i++) {
		if (!SAFE_FORK()) {
			char *p = SAFE_SHMAT(shm_id, NULL, 0);

			TST_CHECKPOINT_WAIT(0);
			SAFE_SHMDT(p);
			exit(0);
		}
	}
	do {
		SAFE_SHMCTL(shm_id, IPC_STAT, &info);
	} while (info.shm_nattch < CHILDREN);
	TST_EXP_EQ_LI(info.shm_nattch, CHILDREN);
	TST_CHECKPOINT_WAKE2(0, CHILDREN);
	tst_reap_children();
	SAFE_SHMCTL(shm_id, IPC_STAT, &info);
	TST_EXP_EQ_LI(info.shm_nattch, 0);
	SAFE_SHMCTL(shm_id, IPC_RMID, NULL);
}
static struct tst_test attached_test = {
	.test_all = attached, .hugepages = {1, TST_NEEDS}, .needs_checkpoints = 1,
	.test_variants = 2, SEGMENT_FIELDS
};

static const struct named_case cases[] = {
	{"file_pages", &file_pages_test},
	{"file_calls", &file_calls_test},
	{"copies", &copies_test},
	{"faults", &faults_test},
	{"exhausted", &exhausted_test},
	{"surplus", &surplus_test},
	{"small_mount", &small_mount_test},
	{"list", &list_test},
	{"threads", &threads_test},
	{"places", &places_test},
	{"segments", &segments_test},
	{"segment_errors", &segment_errors_test},
	{"attached", &attached_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
