/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run changes on the host, and puts back (spec ltp.md 21.4). */
#define _GNU_SOURCE
#include "cases.h"
#include "tst_safe_sysv_ipc.h"

#define DOMAINNAME "/proc/sys/kernel/domainname"

static void pass(void)
{
	tst_res(TPASS, "passed");
}

/* Item 34: the forced value is there, the test's change is undone. */
static void change_sysctl(void)
{
	char value[64];

	SAFE_FILE_SCANF(DOMAINNAME, "%63s", value);
	tst_res(TPASS, "domainname is %s", value);
	SAFE_FILE_PRINTF(DOMAINNAME, "changed");
	tst_sys_conf_dump();
}

static void change_and_hang(void)
{
	change_sysctl();
	for (;;)
		pause();
}

static const struct tst_path_val forced[] = {
	{DOMAINNAME, "forced", TST_SR_TBROK},
	{"/proc/sys/no_such_sysctl", "1", TST_SR_SKIP},
	{DOMAINNAME, "again", TST_SR_TBROK},
	{NULL, NULL, 0}
};
static const struct tst_path_val missing_tbrok[] = {
	{"/proc/sys/no_such_sysctl", "1", TST_SR_TBROK_MISSING}, {NULL, NULL, 0}
};
static const struct tst_path_val missing_tconf[] = {
	{"/proc/sys/no_such_sysctl", "1", 0}, {NULL, NULL, 0}
};
static const struct tst_path_val readonly_tbrok[] = {
	{"/proc/sys/kernel/ostype", "1", TST_SR_TBROK_RO}, {NULL, NULL, 0}
};
static const struct tst_path_val readonly_tconf[] = {
	{"/proc/sys/kernel/ostype", "1", 0}, {NULL, NULL, 0}
};
static const struct tst_path_val readonly_skip[] = {
	{"/proc/sys/kernel/ostype", "1", TST_SR_SKIP_RO}, {NULL, NULL, 0}
};
/* The kernel refuses these values. */
static const struct tst_path_val rejected[] = {
	{"/proc/sys/vm/overcommit_memory", "17", TST_SR_TBROK}, {NULL, NULL, 0}
};
static const struct tst_path_val rejected_ignored[] = {
	{"/proc/sys/vm/overcommit_memory", "17", TST_SR_IGNORE_ERR}, {NULL, NULL, 0}
};
static struct tst_test sysctl_test = {.test_all = change_sysctl, .save_restore = forced};
static struct tst_test sysctl_hang_test = {
	.test_all = change_and_hang, .save_restore = forced
};
static struct tst_test missing_tbrok_test = {
	.test_all = pass, .save_restore = missing_tbrok
};
static struct tst_test missing_tconf_test = {
	.test_all = pass, .save_restore = missing_tconf
};
static struct tst_test readonly_tbrok_test = {
	.test_all = pass, .save_restore = readonly_tbrok
};
static struct tst_test readonly_tconf_test = {
	.test_all = pass, .save_restore = readonly_tconf
};
static struct tst_test readonly_skip_test = {
	.test_all = pass, .save_restore = readonly_skip
};
static struct tst_test rejected_test = {.test_all = pass, .save_restore = rejected};
static struct tst_test rejected_ignored_test = {
	.test_all = pass, .save_restore = rejected_ignored
};

/* A test saves something itself and is killed. */
static void save_and_die(void)
{
	const struct tst_path_val own = {DOMAINNAME, "own", TST_SR_TBROK};

	TST_EXP_EQ_LI(tst_sys_conf_save(&own), 0);
	raise(SIGKILL);
}
static struct tst_test save_and_die_test = {.test_all = save_and_die};

/* The value before the first of many is the one that counts. */
static void save_often(void)
{
	const struct tst_path_val own = {DOMAINNAME, "own", TST_SR_TBROK};
	int i;

	for (i = 0; i < 1000; i++)
		tst_sys_conf_save(&own);
	tst_sys_conf_restore(1);
	tst_sys_conf_save(&own);
	tst_res(TPASS, "saved often");
}
static struct tst_test save_often_test = {.test_all = save_often};

static void long_values(void)
{
	TST_EXP_EQ_LI(TST_SYS_CONF_LONG_GET("/proc/sys/vm/overcommit_memory") >= 0, 1);
	tst_sys_conf_save_str("/proc/sys/vm/swappiness", "60");
	TST_SYS_CONF_LONG_SET("/proc/sys/vm/swappiness", 10, 1);
	tst_sys_conf_restore(0);
	TST_EXP_EQ_LI(TST_SYS_CONF_LONG_GET("/proc/sys/vm/swappiness"), 60);
	/* The first of several; too large for a long; not what was written. */
	SAFE_FILE_PRINTF("numbers", "4 3 2 1\n");
	TST_EXP_EQ_LI(TST_SYS_CONF_LONG_GET("numbers"), 4);
	SAFE_FILE_PRINTF("numbers", "18446744073692774399\n");
	TST_EXP_EQ_LI(TST_SYS_CONF_LONG_GET("numbers"), LONG_MAX);
	TST_SYS_CONF_LONG_SET("/dev/zero", 7, 0);
	TST_SYS_CONF_LONG_SET("/dev/zero", 7, 1);
}

static void refused_value(void)
{
	TST_SYS_CONF_LONG_SET("/proc/sys/vm/drop_caches", 77, 0);
}

static struct tst_test long_values_test = {
	.test_all = long_values,
	.cleanup = refused_value,
	.needs_tmpdir = 1,
};

/* Item 36. */
static void files(void)
{
	long value;
	char word[16], line[16];

	SAFE_FILE_LINES_SCANF("/proc/meminfo", "MemFree: %ld", &value);
	TST_EXP_EXPR(value > 0, "MemFree is positive");
	TST_EXP_EQ_LI(FILE_LINES_SCANF("/proc/stat", "nothing like it %ld", &value), 1);
	TST_EXP_EXPR(SAFE_READ_MEMINFO("MemTotal:") > value);
	TST_EXP_EXPR(SAFE_READ_PROC_STATUS(getpid(), "VmSize:") > 0);

	SAFE_FILE_PRINTF("file", "%s %d\nsecond line\n", "word", 17);
	SAFE_FILE_SCANF("file", "%15s %ld", word, &value);
	TST_EXP_EQ_STR(word, "word");
	TST_EXP_EQ_LI(value, 17);
	TST_EXP_EQ_LI(FILE_SCANF("file", "%ld", &value), 1);
	/* A file without an end. */
	TST_EXP_EQ_LI(FILE_SCANF("/dev/zero", "%1c", word), 0);
	TST_EXP_EQ_LI(FILE_SCANF("empty", "%ld", &value), 1);
	TST_EXP_EQ_LI(FILE_PRINTF("no/such/file", "text"), 1);
	TST_EXP_EQ_LI(FILE_PRINTF("/dev/full", "text"), 1);
	SAFE_TRY_FILE_PRINTF("no/such/file", "text");
	SAFE_CP("file", "copy");
	SAFE_FILE_READ_STR("copy", line, sizeof(line));
	TST_EXP_EQ_STR(line, "word 17");
	SAFE_TOUCH("empty", 0640, NULL);
	SAFE_FILE_READ_STR("empty", line, sizeof(line));
	TST_EXP_EQ_STR(line, "");
	TST_EXP_EQ_LI(FILE_SCANF("empty", "%ld", &value), 1);
	TST_ASSERT_FILE_STR("file", "second ", "line");
	TST_ASSERT_FILE_INT("file", "word ", 17);
	TST_ASSERT_FILE_INT("file", "word ", 18);
	TST_ASSERT_STR("copy", "other");
	SAFE_FILE_PRINTF("number", "%lu\n", ~0UL);
	TST_ASSERT_ULONG("number", ~0UL);
	TST_ASSERT_INT("number", 7);
	/* What follows is nobody's business, and a blank matches any. */
	SAFE_FILE_PRINTF("number", "-7 8\nsize:\t   12 kB\n\n");
	TST_ASSERT_INT("number", -7);
	TST_ASSERT_STR("number", "-7");
	TST_ASSERT_FILE_INT("number", "size: ", 12);
	TST_ASSERT_FILE_STR("number", "size:", "12");
	TST_EXP_EQ_LI(SAFE_SSCANF("1 2", "%ld %15s", &value, word), 2);

	SAFE_FILE_LINES_SCANF("/proc/stat", "nothing like it %ld", &value);
}

/* Judged by the last line, and that is empty. */
static void search_blank_line(void)
{
	long value;

	SAFE_FILE_LINES_SCANF("number", "%*s %*s %*s %ld", &value);
}

static struct tst_test files_test = {
	.test_all = files,
	.cleanup = search_blank_line,
	.needs_tmpdir = 1,
};

static void missing_item(void)
{
	SAFE_READ_MEMINFO("NoSuchItem:");
}
static struct tst_test missing_item_test = {.test_all = missing_item};

static void full_device(void)
{
	SAFE_FILE_PRINTF("/dev/full", "text");
}
static struct tst_test full_device_test = {.test_all = full_device};

/* Item 37; the script chooses bits that are set, or not. */
static char *mask_option;
static struct tst_option mask_options[] = {
	{"m:", &mask_option, "Taint mask"}, {NULL, NULL, NULL}
};

static void taint(void)
{
	tst_taint_init((unsigned int)atoi(mask_option));
	TST_EXP_EQ_LU(tst_taint_check(), 0);
}
static struct tst_test taint_test = {.test_all = taint, .options = mask_options};

static void taint_check_first(void)
{
	tst_taint_check();
}
static struct tst_test taint_check_first_test = {.test_all = taint_check_first};

/* The script has put a file of its own in the place of the kernel's. */
static void warn(void)
{
	SAFE_FILE_PRINTF("/proc/sys/kernel/tainted", "%d", TST_TAINT_W | TST_TAINT_D);
	tst_res(TPASS, "passed");
}
static struct tst_test taint_field_test = {
	.test_all = warn, .taint_check = TST_TAINT_W | TST_TAINT_D, .test_variants = 2
};

/* Mounts: of the library, of the test, and one that is forgotten. */
static void mounts(void)
{
	int is_fuse = 1, fd;

	SAFE_MKDIR("own", 0755);
	SAFE_MOUNT("none", "own", "tmpfs", 0, NULL);
	TST_EXP_EQ_LI(tst_is_mounted("own"), 1);
	TST_EXP_EQ_LI(tst_is_mounted_at_tmpdir("own"), 1);
	SAFE_UMOUNT("own");
	TST_EXP_EQ_LI(tst_is_mounted("own"), 0);
	TST_EXP_EQ_LI(tst_umount("own"), -1);
	SAFE_MOUNT2("none", "own", "tmpfs", 0, NULL, &is_fuse);
	TST_EXP_EQ_LI(is_fuse, 0);
	/* Busy for a moment. */
	fd = SAFE_OPEN("own", O_RDONLY);
	if (!SAFE_FORK()) {
		usleep(400000);
		exit(0);
	}
	SAFE_CLOSE(fd);
	TST_EXP_EQ_LI(tst_umount("own"), 0);
	SAFE_MOUNT(NULL, "own", "tmpfs", MS_RDONLY, NULL);
}
static struct tst_test mounts_test = {
	.test_all = mounts, .needs_tmpdir = 1, .needs_root = 1, .forks_child = 1
};

static void bad_mount(void)
{
	SAFE_MOUNT("none", "missing", "no_such_fs", 0, NULL);
}
static struct tst_test bad_mount_test = {
	.test_all = bad_mount, .needs_tmpdir = 1, .needs_root = 1
};

/* Directories. */
static const char *const resources[] = {"state.resource", NULL};

static void directories(void)
{
	char cwd[PATH_MAX];
	char *copy = tst_get_tmpdir();
	int fd, mode, other;
	struct stat st;

	TST_EXP_EQ_STR(SAFE_GETCWD(cwd, sizeof(cwd)), copy);
	TST_EXP_EQ_STR(tst_tmpdir_path(), copy);
	TST_EXP_EQ_STR(tst_tmpdir_genpath("sub/%d", 1) + strlen(copy), "/sub/1");
	TST_EXP_EQ_STR(tst_get_tmpdir_root(), getenv("TMPDIR"));
	TST_EXP_EQ_LI(tst_tmpdir_created(), 1);
	free(copy);
	/* Programs beside the test are found. */
	TST_EXP_EQ_STR(strstr(getenv("PATH"), "::") + 2, tst_get_startwd());
	TST_ASSERT_STR("state.resource", "contents");
	SAFE_STAT(".", &st);
	TST_EXP_EQ_LI(st.st_mode & 07777, 0777);

	fd = tst_creat_unlinked(".", 0);
	SAFE_FSTAT(fd, &st);
	mode = st.st_mode & 07777;
	TST_EXP_EQ_LI(mode, 0600);
	TST_EXP_EQ_LI(st.st_nlink, 0);
	other = tst_creat_unlinked(".", O_TRUNC, 0640);
	SAFE_FSTAT(other, &st);
	mode = st.st_mode & 07777;
	TST_EXP_EQ_LI(mode, 0640);
	SAFE_CLOSE(fd);
	SAFE_CLOSE(other);
	TST_EXP_EQ_LI(fd, -1);

	SAFE_MKDIR("a", 0700);
	SAFE_MKDIR("a/b", 0000);
	SAFE_SYMLINK("/", "a/root");
	SAFE_FILE_PRINTF("a/file", "text");
	tst_purge_dir("a");
	SAFE_RMDIR("a");
	SAFE_SYMLINK("/proc", "stays");
	tst_creat_unlinked("missing", 0);
}
static struct tst_test directories_test = {
	.test_all = directories, .needs_tmpdir = 1, .resource_files = resources
};

static void no_directory(void)
{
	tst_get_tmpdir();
}
static struct tst_test no_directory_test = {.test_all = no_directory};

/* A segment with nobody attached is not forgotten either. */
static void segment(void)
{
	SAFE_SHMGET(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	raise(SIGKILL);
}
static struct tst_test segment_test = {.test_all = segment};

/* The wall clock. */
static void set_clock(void)
{
	struct timespec past = {1000000000, 0};

	if (clock_settime(CLOCK_REALTIME, &past))
		tst_brk(TCONF | TERRNO, "clock_settime()");
	tst_res(TPASS, "it is 2001");
}
static struct tst_test clock_test = {
	.test_all = set_clock, .restore_wallclock = 1, .needs_root = 1
};

static void system_facts(void)
{
	const char *const archs[] = {"s390x", "aarch64", "x86_64", NULL};
	long max = tst_ncpus_max(), score;
	unsigned long capabilities;

	TST_EXP_EXPR(tst_ncpus() >= 1 && tst_ncpus() <= tst_ncpus_conf());
	TST_EXP_EXPR(tst_ncpus_conf() <= max);
	TST_EXP_EXPR(tst_ncpus_available() >= 1 && tst_ncpus_available() <= tst_ncpus());
	TST_EXP_EXPR(tst_available_mem() > 1024);
	TST_EXP_EXPR(tst_available_swap() >= 0);
	TST_EXP_EXPR(tst_getpid() == getpid());
	TST_EXP_EXPR(tst_kvercmp(2, 6, 17) > 0 && tst_kvercmp(999, 0, 0) < 0);
	TST_EXP_EQ_LI(tst_kernel_bits(), 64);
	TST_EXP_EQ_LI(tst_kernel_bits(), 64);
	TST_EXP_EXPR(tst_arch.type == TST_X86_64 || tst_arch.type == TST_AARCH64);
	TST_EXP_EXPR(tst_device == NULL);
	TST_EXP_EXPR(tst_mapping_in_range(0, ~0UL) && range_is_mapped(0, ~0UL));
	TST_EXP_EXPR(!tst_mapping_in_range(0, 4096));
	tst_pollute_memory(16 << 20, 0xaa);
	TST_EXP_EQ_LI(TST_PROCESS_STATE_WAIT(getpid(), 'R', 1000), 0);
	TST_EXP_EQ_LI(TST_PROCESS_STATE_WAIT(getpid(), 'Z', 10), -1);
	TST_EXP_EQ_LI(errno, ETIMEDOUT);
	TST_EXP_EQ_LI(TST_RETRY_FUNC(open("/dev/null", O_RDONLY), TST_RETVAL_GE0) >= 0, 1);
	TST_EXP_EQ_LI(TST_RETRY_FUNC(access("/nonexistent", F_OK), TST_RETVAL_EQ0), -1);
	TST_EXP_EXPR(TST_RETRY_FUNC(getenv("PATH"), TST_RETVAL_NOTNULL) != NULL);
	TST_EXP_EQ_LI(tst_is_on_arch(archs), 1);
	TST_EXP_EXPR(*tst_get_startwd() == '\0', "there was no other directory");

	/* Lowering the score takes CAP_SYS_RESOURCE; without it nothing happens. */
	SAFE_FILE_LINES_SCANF("/proc/self/status", "CapEff: %lx", &capabilities);
	tst_enable_oom_protection(0);
	SAFE_FILE_SCANF("/proc/self/oom_score_adj", "%ld", &score);
	TST_EXP_EXPR(score == (capabilities & 1UL << 24 ? -1000 : 0), "protected if allowed");
	tst_disable_oom_protection(getpid());
	TST_ASSERT_INT("/proc/self/oom_score_adj", 0);
	tst_enable_oom_protection(0x7ffffff);
}
static struct tst_test system_facts_test = {.test_all = system_facts};

static void no_core_file(void)
{
	struct rlimit limit;

	tst_no_corefile(1);
	SAFE_GETRLIMIT(RLIMIT_CORE, &limit);
	TST_EXP_EXPR(limit.rlim_cur <= 1 && limit.rlim_max <= 1, "no core file");
}
static struct tst_test no_core_file_test = {.test_all = no_core_file};

static const struct named_case cases[] = {
	{"sysctl", &sysctl_test},
	{"sysctl_hang", &sysctl_hang_test},
	{"missing_tbrok", &missing_tbrok_test},
	{"missing_tconf", &missing_tconf_test},
	{"readonly_tbrok", &readonly_tbrok_test},
	{"readonly_tconf", &readonly_tconf_test},
	{"readonly_skip", &readonly_skip_test},
	{"rejected", &rejected_test},
	{"rejected_ignored", &rejected_ignored_test},
	{"save_and_die", &save_and_die_test},
	{"save_often", &save_often_test},
	{"long_values", &long_values_test},
	{"files", &files_test},
	{"missing_item", &missing_item_test},
	{"full_device", &full_device_test},
	{"taint", &taint_test},
	{"taint_check_first", &taint_check_first_test},
	{"taint_field", &taint_field_test},
	{"mounts", &mounts_test},
	{"bad_mount", &bad_mount_test},
	{"directories", &directories_test},
	{"no_directory", &no_directory_test},
	{"segment", &segment_test},
	{"clock", &clock_test},
	{"system_facts", &system_facts_test},
	{"no_core_file", &no_core_file_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
