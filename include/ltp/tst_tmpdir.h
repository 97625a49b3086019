/* SPDX-License-Identifier: BSD-2-Clause */
/* The temporary directory of the run (spec ltp.md 11.1). */
#ifndef LTP_TST_TMPDIR_H
#define LTP_TST_TMPDIR_H

#include "tst_common.h"

TST_BEGIN_DECLS

/* Its path: a copy that the caller frees. */
char *tst_get_tmpdir(void);
/* Its path: the library's. */
char *tst_tmpdir_path(void);
/* A path inside it, in a guarded buffer. */
char *tst_tmpdir_genpath(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* TMPDIR or its default. */
const char *tst_get_tmpdir_root(void);
/* The working directory before the temporary one. */
const char *tst_get_startwd(void);
/* 1 if there is one. */
int tst_tmpdir_created(void);
/* Removes what is in a directory. */
void tst_purge_dir(const char *path);

int tst_creat_unlinked_(const char *file, const int lineno, const char *path,
			int flags, mode_t mode);

/*
 * tst_creat_unlinked(path, flags[, mode]): opens a new file in the directory and
 * unlinks it; the descriptor. The mode is 0600 unless given.
 */
#define tst_creat_unlinked(...) \
	TST_CREAT_UNLINKED_(__VA_ARGS__, 0600, 0)
#define TST_CREAT_UNLINKED_(path, flags, mode, ...) \
	tst_creat_unlinked_(__FILE__, __LINE__, (path), (flags), (mode))

TST_END_DECLS

#endif
