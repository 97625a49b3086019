/* SPDX-License-Identifier: BSD-2-Clause */
/* Running commands. */
#ifndef LTP_TST_CMD_H
#define LTP_TST_CMD_H

#include "tst_common.h"

TST_BEGIN_DECLS

/* .needs_cmds of 2026: the library sets .present; only .optional ones may be absent. */
struct tst_cmd {
	const char *cmd;
	unsigned int optional:1;
	unsigned int present:1;
};

enum tst_cmd_flags {
	/* Return the exit value instead of breaking if it is not 0. */
	TST_CMD_PASS_RETVAL = 1,
	/* TCONF if there is no such command. */
	TST_CMD_TCONF_ON_MISSING = 2
};

int tst_cmd_(const char *file, const int lineno, const char *const argv[],
	     const char *stdout_path, const char *stderr_path, int flags);

/* Output goes to the two files; NULL leaves it alone. The exit value. */
#define tst_cmd(argv, stdout_path, stderr_path, flags) \
	tst_cmd_(__FILE__, __LINE__, (argv), (stdout_path), (stderr_path), (flags))

/* TBROK "<command> failed (<exit value>)". */
#define SAFE_CMD(argv, stdout_path, stderr_path) \
	tst_cmd((argv), (stdout_path), (stderr_path), 0)

TST_END_DECLS

#endif
