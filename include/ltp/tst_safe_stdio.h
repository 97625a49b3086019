/* SPDX-License-Identifier: BSD-2-Clause */
/* SAFE_* for stdio (spec ltp.md 15). */
#ifndef LTP_TST_SAFE_STDIO_H
#define LTP_TST_SAFE_STDIO_H

#include <stdio.h>

#include "tst_common.h"

TST_BEGIN_DECLS

FILE *safe_fopen(const char *file, const int lineno, void (*cleanup_fn)(void),
		 const char *path, const char *mode);
int safe_fclose(const char *file, const int lineno, void (*cleanup_fn)(void), FILE *f);
FILE *safe_popen(const char *file, const int lineno, const char *command,
		 const char *type);
int safe_asprintf(const char *file, const int lineno, char **strp, const char *fmt,
		  ...) __attribute__((format(printf, 4, 5)));

#define SAFE_FOPEN(path, mode) \
	safe_fopen(__FILE__, __LINE__, NULL, (path), (mode))
#define SAFE_FCLOSE(f) \
	safe_fclose(__FILE__, __LINE__, NULL, (f))
#define SAFE_POPEN(command, type) \
	safe_popen(__FILE__, __LINE__, (command), (type))
#define SAFE_ASPRINTF(strp, fmt, ...) \
	safe_asprintf(__FILE__, __LINE__, (strp), (fmt), ##__VA_ARGS__)

TST_END_DECLS

#endif
