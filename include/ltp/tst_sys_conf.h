/* SPDX-License-Identifier: BSD-2-Clause */
/* Sysctls that are put back at the end of the run (spec ltp.md 12). */
#ifndef LTP_TST_SYS_CONF_H
#define LTP_TST_SYS_CONF_H

#include "tst_common.h"

TST_BEGIN_DECLS

/* If the path is missing, or read-only: TCONF, TBROK, or a TINFO and no more. */
#define TST_SR_TCONF_MISSING 0x0
#define TST_SR_TBROK_MISSING 0x1
#define TST_SR_SKIP_MISSING 0x2
#define TST_SR_TCONF_RO 0x0
#define TST_SR_TBROK_RO 0x4
#define TST_SR_SKIP_RO 0x8
/* Errors of reading and writing are only a TINFO. */
#define TST_SR_IGNORE_ERR 0x10

#define TST_SR_TCONF (TST_SR_TCONF_MISSING | TST_SR_TCONF_RO)
#define TST_SR_TBROK (TST_SR_TBROK_MISSING | TST_SR_TBROK_RO)
#define TST_SR_SKIP (TST_SR_SKIP_MISSING | TST_SR_SKIP_RO)

struct tst_path_val {
	const char *path;
	/* NULL: only remember. */
	const char *val;
	unsigned int flags;
};

/* Remembers the first line and writes .val. 0, or 1 if the entry was skipped. */
int tst_sys_conf_save(const struct tst_path_val *conf);
void tst_sys_conf_save_str(const char *path, const char *value);

/* Writes everything back, the newest first; the library does it at the end. */
void tst_sys_conf_restore(int verbose);

/* A TINFO for each saved value. */
void tst_sys_conf_dump(void);

long tst_sys_conf_long_get_(const char *file, const int lineno, const char *path);
void tst_sys_conf_long_set_(const char *file, const int lineno, const char *path,
			    long val, int check);

/* The number in a file, and writing one; check: read it back, TBROK if it differs. */
#define TST_SYS_CONF_LONG_GET(path) \
	tst_sys_conf_long_get_(__FILE__, __LINE__, (path))
#define TST_SYS_CONF_LONG_SET(path, val, check) \
	tst_sys_conf_long_set_(__FILE__, __LINE__, (path), (val), (check))

TST_END_DECLS

#endif
