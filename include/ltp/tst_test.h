/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test harness (spec ltp.md; docs/ltp.md tells how to use it). A test defines
 *
 *	static struct tst_test test = { .test_all = run, ... };
 *
 * and this header its main(). Files that are not the test itself, and programs that
 * a test executes, define TST_NO_DEFAULT_MAIN first.
 *
 * Sources of both generations compile; TST_API_GENERATION (2023 or 2026) chooses
 * between behaviours where they differ.
 */
#ifndef LTP_TST_TEST_H
#define LTP_TST_TEST_H

#include "tst_common.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "tst_arch.h"
#include "tst_assert.h"
#include "tst_atomic.h"
#include "tst_buffers.h"
#include "tst_checkpoint.h"
#include "tst_clone.h"
#include "tst_cmd.h"
#include "tst_coredump.h"
#include "tst_cpu.h"
#include "tst_device.h"
#include "tst_hugepage.h"
#include "tst_kernel.h"
#include "tst_kvercmp.h"
#include "tst_memutils.h"
#include "tst_minmax.h"
#include "tst_parse.h"
#include "tst_path_defs.h"
#include "tst_pid.h"
#include "tst_process_state.h"
#include "tst_report.h"
#include "tst_res_flags.h"
#include "tst_safe_file_ops.h"
#include "tst_safe_macros.h"
#include "tst_sys_conf.h"
#include "tst_taint.h"
#include "tst_test_macros.h"
#include "tst_tmpdir.h"

TST_BEGIN_DECLS

#define TST_UNLIMITED_RUNTIME (-1)
#define TST_UNLIMITED_TIMEOUT (-1)

/* Which of .test_variants runs. */
extern unsigned int tst_variant;

/* An option of the test: "x", or "x:" with an argument. Arrays end with {}. */
struct tst_option {
	char *optstr;
	/* The argument, "" for an option without one. */
	char **arg;
	char *help;
};

/* What a failure may mean, e.g. {"linux-git", "3935baa9bcda"}. Arrays end with {}. */
struct tst_tag {
	const char *name;
	const char *value;
};

/* A soft limit. */
struct tst_ulimit_val {
	int resource;
	rlim_t rlim_cur;
};

/* A filesystem to test on; this harness has none. */
struct tst_fs {
	const char *type;
	const char *const *mkfs_opts;
	const char *mkfs_size_opt;
	const char *mkfs_ver;
	unsigned int mnt_flags;
	const void *mnt_data;
	const char *min_kver;
	unsigned int mount_check_support:1;
};

struct tst_cap;
struct tst_timer_test_;

/* The fields are described in spec ltp.md 4; those that are not set are 0. */
struct tst_test {
	/* Cases of .test: it is called with 0 to tcnt - 1. */
	unsigned int tcnt;
	struct tst_option *options;

	/* Requirements; a TCONF if they are not met. */
	const char *min_kver;                /* "x.y" or "x.y.z" */
	const char *const *supported_archs;  /* NULL-terminated, as the lists below */
	const char *tconf_msg;               /* the test could not be built */
	unsigned int needs_root:1;
	unsigned int skip_in_lockdown:1;
	unsigned int skip_in_secureboot:1;
	unsigned int skip_in_compat:1;       /* 32-bit test on a 64-bit kernel */
	int needs_abi_bits;
	unsigned int needs_cpu_vendor;
	unsigned long min_cpus;              /* online */
	unsigned long min_mem_avail;         /* MiB */
	unsigned long min_swap_avail;        /* MiB */
	const char *const *needs_kconfigs;   /* "CONFIG_A=y & !CONFIG_B" */
	const char *const *needs_drivers;
#if TST_API_GENERATION >= 2026
	struct tst_cmd *needs_cmds;          /* ends with {} */
#else
	const char *const *needs_cmds;
#endif
	unsigned int needs_cgroup_ver;
	const char *const *needs_cgroup_ctrls;
	unsigned int needs_cgroup_nsdelegate:1;
	struct tst_cap *caps;

	/* What the test does. */
	unsigned int forks_child:1;          /* SAFE_FORK() is allowed */
	unsigned int child_needs_reinit:1;   /* exec'ed programs call tst_reinit() */
	unsigned int needs_checkpoints:1;
	unsigned int runs_script:1;

	/* What it gets, and what is put back. */
	unsigned int needs_tmpdir:1;
	const char *mntpoint;                /* a directory in the temporary one */
	unsigned int needs_hugetlbfs:1;      /* mounted there */
	struct tst_hugepage hugepages;
	const struct tst_path_val *save_restore;  /* ends with {} */
	const struct tst_ulimit_val *ulimit;      /* ends with {} */
	struct tst_buffers *bufs;                 /* ends with {} */
	const char *const *resource_files;   /* copied into the temporary directory */
	unsigned int restore_wallclock:1;
	unsigned int taint_check;            /* TST_TAINT_*; set during the test: TFAIL */

	/* Block devices and filesystems: always a TCONF. */
	unsigned int needs_device:1;
	unsigned int format_device:1;
	unsigned int mount_device:1;
	unsigned int needs_overlay:1;
	unsigned int needs_rofs:1;
	unsigned int needs_devfs:1;
	unsigned int all_filesystems:1;
	const char *const *skip_filesystems;
	unsigned int dev_min_size;
	const char *dev_fs_type;
	const char *const *dev_fs_opts;
	const char *const *dev_extra_opts;
	unsigned int mnt_flags;
	void *mnt_data;
	struct tst_fs *filesystems;

	/*
	 * Seconds. Without limits one call of the test function may take 30;
	 * max_runtime or runtime is added to that and is what
	 * tst_remaining_runtime() counts. -1 is no limit.
	 */
	int max_runtime;
	int timeout;
	int runtime;
	int min_runtime;

	/* Once per test process; each of test_variants gets one. */
	unsigned int test_variants;
	void (*setup)(void);
	void (*cleanup)(void);

	/* One of these. */
	void (*test)(unsigned int test_nr);
	void (*test_all)(void);
	struct tst_timer_test_ *scall;
	int (*sample)(int clk_id, long long usec);

	const struct tst_tag *tags;          /* ends with {} */
};

/* The same for the library, without bit-fields; see tst_run_tcases(). */
struct tst_run_ {
	unsigned int generation;
	unsigned int flags;
	unsigned int tcnt;
	unsigned int test_variants;
	unsigned int taint_check;
	int runtime;
	int min_runtime;
	int timeout;
	int needs_abi_bits;
	unsigned long min_cpus;
	unsigned long min_mem_avail;
	unsigned long min_swap_avail;
	unsigned long hugepages;
	unsigned int hugepages_policy;
	struct tst_option *options;
	const char *min_kver;
	const char *tconf_msg;
	const char *mntpoint;
	const char *unsupported;
	const char *const *supported_archs;
	const char *const *needs_kconfigs;
	const char *const *resource_files;
	const char *const *needs_cmds;
	struct tst_cmd *needs_cmd_structs;
	const struct tst_path_val *save_restore;
	const struct tst_ulimit_val *ulimit;
	const struct tst_tag *tags;
	const struct tst_buffers *bufs;
	void (*setup)(void);
	void (*cleanup)(void);
	void (*test_all)(void);
	void (*test)(unsigned int test_nr);
};

/* tst_run_.flags */
#define TST_RUN_NEEDS_ROOT_ (1U << 0)
#define TST_RUN_NEEDS_TMPDIR_ (1U << 1)
#define TST_RUN_FORKS_CHILD_ (1U << 2)
#define TST_RUN_NEEDS_CHECKPOINTS_ (1U << 3)
#define TST_RUN_CHILD_NEEDS_REINIT_ (1U << 4)
#define TST_RUN_RESTORE_WALLCLOCK_ (1U << 5)
#define TST_RUN_SKIP_IN_LOCKDOWN_ (1U << 6)
#define TST_RUN_SKIP_IN_SECUREBOOT_ (1U << 7)
#define TST_RUN_SKIP_IN_COMPAT_ (1U << 8)
#define TST_RUN_NEEDS_HUGETLBFS_ (1U << 9)
#define TST_RUN_NEEDS_DEVICE_ (1U << 10)
#define TST_RUN_NEEDS_ROFS_ (1U << 11)
#define TST_RUN_NEEDS_DEVFS_ (1U << 12)
#define TST_RUN_HAS_SAMPLE_ (1U << 13)

/* The definition outlives the process; NULL is reported. */
void tst_run_(int argc, char *argv[], const struct tst_run_ *run)
	LTP_ATTRIBUTE_NORETURN;

/* The first field that this harness does not offer, NULL if there is none. */
static inline const char *tst_unsupported_field_(const struct tst_test *t)
{
	return t->needs_device ? "needs_device" :
	       t->format_device ? "format_device" :
	       t->mount_device ? "mount_device" :
	       t->needs_overlay ? "needs_overlay" :
	       t->needs_rofs ? "needs_rofs" :
	       t->needs_devfs ? "needs_devfs" :
	       t->all_filesystems ? "all_filesystems" :
	       t->filesystems ? "filesystems" :
	       t->needs_drivers ? "needs_drivers" :
	       t->needs_cpu_vendor ? "needs_cpu_vendor" :
	       t->needs_cgroup_ver ? "needs_cgroup_ver" :
	       t->needs_cgroup_ctrls ? "needs_cgroup_ctrls" :
	       t->needs_cgroup_nsdelegate ? "needs_cgroup_nsdelegate" :
	       t->caps ? "caps" :
	       t->runs_script ? "runs_script" :
	       t->scall ? "scall" :
	       t->sample ? "sample" : (const char *)NULL;
}

/*
 * Runs a test and exits with its result. The fields are copied into a form that does
 * not depend on how the compiler packs bit-fields.
 */
static inline void tst_run_tcases(int argc, char *argv[], struct tst_test *self)
	LTP_ATTRIBUTE_NORETURN;
static inline void tst_run_tcases(int argc, char *argv[], struct tst_test *self)
{
	static struct tst_run_ run;

	if (!self)
		tst_run_(argc, argv, (const struct tst_run_ *)NULL);

	run.generation = TST_API_GENERATION;
	run.flags = (self->needs_root ? TST_RUN_NEEDS_ROOT_ : 0U) |
		(self->needs_tmpdir ? TST_RUN_NEEDS_TMPDIR_ : 0U) |
		(self->forks_child ? TST_RUN_FORKS_CHILD_ : 0U) |
		(self->needs_checkpoints ? TST_RUN_NEEDS_CHECKPOINTS_ : 0U) |
		(self->child_needs_reinit ? TST_RUN_CHILD_NEEDS_REINIT_ : 0U) |
		(self->restore_wallclock ? TST_RUN_RESTORE_WALLCLOCK_ : 0U) |
		(self->skip_in_lockdown ? TST_RUN_SKIP_IN_LOCKDOWN_ : 0U) |
		(self->skip_in_secureboot ? TST_RUN_SKIP_IN_SECUREBOOT_ : 0U) |
		(self->skip_in_compat ? TST_RUN_SKIP_IN_COMPAT_ : 0U) |
		(self->needs_hugetlbfs ? TST_RUN_NEEDS_HUGETLBFS_ : 0U) |
		(self->needs_device ? TST_RUN_NEEDS_DEVICE_ : 0U) |
		(self->needs_rofs ? TST_RUN_NEEDS_ROFS_ : 0U) |
		(self->needs_devfs ? TST_RUN_NEEDS_DEVFS_ : 0U) |
		(self->sample ? TST_RUN_HAS_SAMPLE_ : 0U);
	run.tcnt = self->tcnt;
	run.test_variants = self->test_variants;
	run.taint_check = self->taint_check;
	/* The two names of the same limit. */
	run.runtime = self->max_runtime ? self->max_runtime : self->runtime;
	run.min_runtime = self->min_runtime;
	run.timeout = self->timeout;
	run.needs_abi_bits = self->needs_abi_bits;
	run.min_cpus = self->min_cpus;
	run.min_mem_avail = self->min_mem_avail;
	run.min_swap_avail = self->min_swap_avail;
	run.hugepages = self->hugepages.number;
	run.hugepages_policy = self->hugepages.policy;
	run.options = self->options;
	run.min_kver = self->min_kver;
	run.tconf_msg = self->tconf_msg;
	run.mntpoint = self->mntpoint;
	run.unsupported = tst_unsupported_field_(self);
	run.supported_archs = self->supported_archs;
	run.needs_kconfigs = self->needs_kconfigs;
	run.resource_files = self->resource_files;
#if TST_API_GENERATION >= 2026
	run.needs_cmd_structs = self->needs_cmds;
#else
	run.needs_cmds = self->needs_cmds;
#endif
	run.save_restore = self->save_restore;
	run.ulimit = self->ulimit;
	run.tags = self->tags;
	run.bufs = self->bufs;
	run.setup = self->setup;
	run.cleanup = self->cleanup;
	run.test_all = self->test_all;
	run.test = self->test;
	tst_run_(argc, argv, &run);
}

/* In an exec'ed program: joins the results of the run (.child_needs_reinit). */
void tst_reinit(void);

/* Waits for all children; TBROK for one that did not exit well. */
void tst_reap_children(void);

/* Waits for count children; 1 after a TFAIL for one that did not exit with 0. */
int tst_validate_children_(const char *file, const int lineno, unsigned int count);
#define tst_validate_children(count) \
	tst_validate_children_(__FILE__, __LINE__, (count))

/* Seconds left to the test's body, 0 when used up, UINT_MAX without a limit. */
unsigned int tst_remaining_runtime(void);
/* A timeout adapted to a slow machine. */
unsigned int tst_multiply_timeout(unsigned int timeout);
/* New limits, in seconds; the watchdog starts anew. */
void tst_set_max_runtime(int max_runtime);
void tst_set_runtime(int runtime);
void tst_set_timeout(int timeout);

/* In place of a test that cannot be built. The user writes the semicolon. */
#define TST_TEST_TCONF(message) \
	static struct tst_test test = { .tconf_msg = message }

#if !defined(TST_NO_DEFAULT_MAIN) && !defined(__cplusplus)
static struct tst_test test;

int main(int argc, char *argv[])
{
	tst_run_tcases(argc, argv, &test);
}
#endif

TST_END_DECLS

#endif
