/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test that has its hands in everything the library must put back: for killer.c,
 * which ends it at random moments.
 */
#define _GNU_SOURCE
#include "hugetlb.h"
#include "tst_safe_sysv_ipc.h"

static void hold_and_release(void)
{
	const size_t size = tst_get_hugepage_size();
	int fd = tst_creat_unlinked("hugetlbfs/", 0, 0600);
	int kept = SAFE_OPEN("hugetlbfs/kept", O_CREAT | O_RDWR, 0600);
	int id = SAFE_SHMGET(IPC_PRIVATE, size, SHM_HUGETLB | IPC_CREAT | SHM_RW);
	char *segment = SAFE_SHMAT(id, NULL, 0);
	char *map = SAFE_MMAP(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *more = SAFE_MMAP(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, kept, 0);
	int gone[2];
	char byte;

	*map = *segment = *more = 1;
	SAFE_MOUNT("none", "own", "tmpfs", 0, NULL);
	SAFE_PIPE(gone);
	if (!SAFE_FORK()) {
		/* Out of the group, and with the pages in use. */
		SAFE_SETSID();
		if (!SAFE_FORK())
			usleep(20000);
		exit(0);
	}
	SAFE_FILE_PRINTF("own/file", "text");
	tst_reap_children();
	/* The grandchild is not ours to reap; its end of the pipe closes when it ends. */
	SAFE_CLOSE(gone[1]);
	SAFE_READ(0, gone[0], &byte, 1);
	SAFE_CLOSE(gone[0]);
	SAFE_UMOUNT("own");
	SAFE_MUNMAP(map, size);
	SAFE_MUNMAP(more, size);
	SAFE_SHMDT(segment);
	SAFE_SHMCTL(id, IPC_RMID, NULL);
	SAFE_CLOSE(fd);
	SAFE_CLOSE(kept);
	SAFE_UNLINK("hugetlbfs/kept");
	tst_res(TPASS, "all is released");
}

static void setup(void)
{
	static const struct tst_path_val own = {"/proc/sys/vm/swappiness", "61", 0};

	SAFE_MKDIR("own", 0755);
	tst_sys_conf_save(&own);
}

static const struct tst_path_val saved[] = {
	{PATH_OC_HPAGES, "0", TST_SR_TBROK}, {NULL, NULL, 0}
};

static struct tst_test test = {
	.setup = setup,
	.test_all = hold_and_release,
	.needs_root = 1,
	.forks_child = 1,
	.needs_checkpoints = 1,
	.hugepages = {3, TST_NEEDS},
	.mntpoint = "hugetlbfs/",
	.needs_hugetlbfs = 1,
	.save_restore = saved,
};
