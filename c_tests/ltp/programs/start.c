/* SPDX-License-Identifier: BSD-2-Clause */
/* Options, requirements, and definitions that are no good (spec ltp.md 21.3). */
#include "cases.h"

static void pass(void)
{
	tst_res(TPASS, "passed");
}

static void pass_case(unsigned int nr)
{
	tst_res(TPASS, "case %u", nr);
}

/* Items 26 to 28: a flag, an option with an argument, and one with a default. */
static char *flag;
static char *word;
static char *preset = "preset";

static void show_options(void)
{
	tst_res(TPASS, "flag '%s' word '%s' preset '%s'", flag ? flag : "NULL",
		word ? word : "NULL", preset);
}

static struct tst_option options[] = {
	{"f", &flag, "A flag"},
	{"w:", &word, "A word"},
	{"p:", &preset, "Another one"},
	{NULL, NULL, NULL}
};

static const struct tst_tag tags[] = {
	{"linux-git", "0123456789ab"},
	{"linux-stable-git", "123456789abc"},
	{"glibc-git", "23456789abcd"},
	{"musl-git", "3456789abcde"},
	{"CVE", "2016-5195"},
	{"known-fail", "always"},
	{"other", "value"},
	{"linux-git", "456789abcdef"},
	{NULL, NULL}
};

static struct tst_test options_test = {
	.test_all = show_options, .options = options, .tags = tags
};

static void show_hints(void)
{
	tst_res(TFAIL, "failed");
}

static struct tst_test hints_test = {.test_all = show_hints, .tags = tags};

/* Everything that -h must not do. */
static struct tst_test ambitious_test = {
	.test_all = pass,
	.needs_checkpoints = 1,
	.needs_root = 1,
	.mntpoint = "mnt",
	.needs_hugetlbfs = 1,
	.hugepages = {1, TST_NEEDS},
	.max_runtime = 100,
};

static struct tst_option colliding[] = {{"i", &flag, "Taken"}, {NULL, NULL, NULL}};
static struct tst_test colliding_test = {.test_all = pass, .options = colliding};

static struct tst_test pass_test = {.test_all = pass};
static struct tst_test cases_test = {.test = pass_case, .tcnt = 2};

/* -I with and without a runtime. */
static void pause_and_pass(void)
{
	usleep(200000);
	tst_res(TPASS, "paused");
}
static struct tst_test pauses_test = {.test_all = pause_and_pass};

/* A test for a time that does not end. */
static void leave_in_third_round(void)
{
	static int round;

	tst_res(TPASS, "round %d", ++round);
	if (round == 3)
		exit(0);
}
static struct tst_test endless_test = {.test_all = leave_in_third_round};

static void show_runtime(void)
{
	TST_EXP_EXPR(tst_remaining_runtime() > 0, "%u seconds", tst_remaining_runtime());
}
static struct tst_test runtime_test = {.test_all = show_runtime, .max_runtime = 10};
static struct tst_test no_timeout_test = {
	.test_all = show_runtime, .timeout = TST_UNLIMITED_TIMEOUT, .runtime = 5
};
static struct tst_test more_time_test = {
	.test_all = show_runtime, .timeout = 100, .runtime = 50, .min_runtime = 8
};

/* Item 30. */
static struct tst_test tmpdir_test = {
	.test_all = pass, .needs_tmpdir = 1, .hugepages = {1, TST_REQUEST}
};

/* Item 31. */
static struct tst_test no_function_test = {.needs_tmpdir = 1};
static struct tst_test two_functions_test = {.test = pass_case, .test_all = pass, .tcnt = 1};
static struct tst_test no_count_test = {.test = pass_case};
static struct tst_test needless_count_test = {.test_all = pass, .tcnt = 2};
static struct tst_test bad_runtime_test = {.test_all = pass, .max_runtime = -2};

/* Item 32. */
static const char *const foreign[] = {"s390x", "sparc", NULL};
static const char *const familiar[] = {"x86_64", "aarch64", NULL};
static const char *const misspelt[] = {"x86_65", NULL};
static const char *const no_config[] = {"CONFIG_MMU=y", "CONFIG_NO_SUCH_OPTION", NULL};
static const char *const bad_config[] = {"CONFIG_MMU &", NULL};
static const char *const good_config[] = {"CONFIG_MMU & !CONFIG_NO_SUCH_OPTION", NULL};
static struct tst_test root_test = {.test_all = pass, .needs_root = 1};
static struct tst_test cpus_test = {.test_all = pass, .min_cpus = 100000};
static struct tst_test memory_test = {.test_all = pass, .min_mem_avail = 1UL << 40};
static struct tst_test swap_test = {.test_all = pass, .min_swap_avail = 1UL << 40};
static struct tst_test foreign_test = {.test_all = pass, .supported_archs = foreign};
static struct tst_test familiar_test = {.test_all = pass, .supported_archs = familiar};
static struct tst_test misspelt_test = {.test_all = pass, .supported_archs = misspelt};
static struct tst_test tconf_test = {.tconf_msg = "cannot be built here"};
static struct tst_test new_kernel_test = {.test_all = pass, .min_kver = "999.0"};
static struct tst_test old_kernel_test = {.test_all = pass, .min_kver = "2.6.17"};
static struct tst_test no_version_test = {.test_all = pass, .min_kver = "six"};
static struct tst_test device_test = {.test_all = pass, .needs_device = 1};
static struct tst_test no_config_test = {.test_all = pass, .needs_kconfigs = no_config};
static struct tst_test bad_config_test = {.test_all = pass, .needs_kconfigs = bad_config};
static struct tst_test good_config_test = {.test_all = pass, .needs_kconfigs = good_config};
static struct tst_test no_mntpoint_test = {.test_all = pass, .needs_hugetlbfs = 1};
static struct tst_test two_mounts_test = {
	.test_all = pass, .needs_hugetlbfs = 1, .needs_rofs = 1, .mntpoint = "mnt"
};
static struct tst_test lockdown_test = {
	.test_all = pass, .skip_in_lockdown = 1, .skip_in_secureboot = 1, .skip_in_compat = 1
};

#if TST_API_GENERATION >= 2026
static struct tst_cmd commands[] = {
	{.cmd = "sh"}, {.cmd = "no-such-command", .optional = 1}, {.cmd = NULL}
};
static struct tst_cmd missing_commands[] = {{.cmd = "no-such-command"}, {.cmd = NULL}};

static void show_commands(void)
{
	TST_EXP_EQ_LI(commands[0].present, 1);
	TST_EXP_EQ_LI(commands[1].present, 0);
}
static struct tst_test commands_test = {.test_all = show_commands, .needs_cmds = commands};
static struct tst_test bits_test = {.test_all = pass, .needs_abi_bits = 31};
static const struct tst_ulimit_val limits[] = {{RLIMIT_NOFILE, 20}, {0, 0}};

static void show_limits(void)
{
	struct rlimit limit;

	SAFE_GETRLIMIT(RLIMIT_NOFILE, &limit);
	TST_EXP_EQ_LU(limit.rlim_cur, 20);
}
static struct tst_test limits_test = {.test_all = show_limits, .ulimit = limits};

static void debug(void)
{
	tst_res(TDEBUG, "a debug line");
	tst_res(TPASS, "passed");
}
static struct tst_test debug_test = {.test_all = debug};
#else
static const char *const commands[] = {"sh", NULL};
static const char *const missing_commands[] = {"sh", "no-such-command", NULL};
static struct tst_test commands_test = {.test_all = pass, .needs_cmds = commands};
#endif
static struct tst_test missing_commands_test = {
	.test_all = pass, .needs_cmds = missing_commands
};

static const struct named_case cases[] = {
	{"options", &options_test},
	{"hints", &hints_test},
	{"ambitious", &ambitious_test},
	{"colliding", &colliding_test},
	{"pass", &pass_test},
	{"", &pass_test},
	{"cases", &cases_test},
	{"pauses", &pauses_test},
	{"endless", &endless_test},
	{"runtime", &runtime_test},
	{"no_timeout", &no_timeout_test},
	{"more_time", &more_time_test},
	{"tmpdir", &tmpdir_test},
	{"no_function", &no_function_test},
	{"two_functions", &two_functions_test},
	{"no_count", &no_count_test},
	{"needless_count", &needless_count_test},
	{"bad_runtime", &bad_runtime_test},
	{"no_test", NULL},
	{"root", &root_test},
	{"cpus", &cpus_test},
	{"memory", &memory_test},
	{"swap", &swap_test},
	{"foreign", &foreign_test},
	{"familiar", &familiar_test},
	{"misspelt", &misspelt_test},
	{"tconf", &tconf_test},
	{"new_kernel", &new_kernel_test},
	{"old_kernel", &old_kernel_test},
	{"no_version", &no_version_test},
	{"device", &device_test},
	{"no_config", &no_config_test},
	{"bad_config", &bad_config_test},
	{"good_config", &good_config_test},
	{"no_mntpoint", &no_mntpoint_test},
	{"two_mounts", &two_mounts_test},
	{"lockdown", &lockdown_test},
	{"commands", &commands_test},
	{"missing_commands", &missing_commands_test},
#if TST_API_GENERATION >= 2026
	{"bits", &bits_test},
	{"limits", &limits_test},
	{"debug", &debug_test},
#endif
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}
