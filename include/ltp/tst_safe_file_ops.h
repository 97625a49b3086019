/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing small files with scanf and printf formats (spec ltp.md 14.1).
 * SAFE_ forms break with TBROK; the others report a TINFO and return 1.
 */
#ifndef LTP_TST_SAFE_FILE_OPS_H
#define LTP_TST_SAFE_FILE_OPS_H

#include "tst_report.h"

#include <stdio.h>

TST_BEGIN_DECLS

void safe_file_scanf(const char *file, const int lineno, void (*cleanup_fn)(void),
		     const char *path, const char *fmt, ...)
	__attribute__((format(scanf, 5, 6)));
int file_scanf(const char *file, const int lineno, const char *path,
	       const char *fmt, ...) __attribute__((format(scanf, 4, 5)));
int file_lines_scanf(const char *file, const int lineno, void (*cleanup_fn)(void),
		     int strict, const char *path, const char *fmt, ...)
	__attribute__((format(scanf, 6, 7)));
void safe_file_printf(const char *file, const int lineno, void (*cleanup_fn)(void),
		      const char *path, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void safe_try_file_printf(const char *file, const int lineno,
			  void (*cleanup_fn)(void), const char *path,
			  const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
int file_printf(const char *file, const int lineno, const char *path,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void safe_cp(const char *file, const int lineno, void (*cleanup_fn)(void),
	     const char *src, const char *dst);
void safe_touch(const char *file, const int lineno, void (*cleanup_fn)(void),
		const char *pathname, mode_t mode, const struct timespec times[2]);
void safe_file_read_str(const char *file, const int lineno, const char *path,
			char *buf, size_t buf_size);

/* Conversions that assign something. */
int tst_count_scanf_conversions(const char *fmt);

/* The whole format against the start of the file. */
#define SAFE_FILE_SCANF(path, fmt, ...) \
	safe_file_scanf(__FILE__, __LINE__, NULL, (path), (fmt), ##__VA_ARGS__)
#define FILE_SCANF(path, fmt, ...) \
	file_scanf(__FILE__, __LINE__, (path), (fmt), ##__VA_ARGS__)

/* Against each line, up to the first that matches. */
#define SAFE_FILE_LINES_SCANF(path, fmt, ...) \
	file_lines_scanf(__FILE__, __LINE__, NULL, 1, (path), (fmt), ##__VA_ARGS__)
#define FILE_LINES_SCANF(path, fmt, ...) \
	file_lines_scanf(__FILE__, __LINE__, NULL, 0, (path), (fmt), ##__VA_ARGS__)

/* A line of /proc/meminfo, or /proc/<pid>/status; the item is a literal. */
#define SAFE_READ_MEMINFO(item) \
({ \
	long tst_rval_ = -1; \
	SAFE_FILE_LINES_SCANF("/proc/meminfo", item " %ld", &tst_rval_); \
	tst_rval_; \
})
#define SAFE_READ_PROC_STATUS(pid, item) \
({ \
	long tst_rval_ = -1; \
	char tst_status_path_[64]; \
	sprintf(tst_status_path_, "/proc/%d/status", (int)(pid)); \
	SAFE_FILE_LINES_SCANF(tst_status_path_, item " %ld", &tst_rval_); \
	tst_rval_; \
})

/* What the format makes becomes the contents; the TRY form skips a missing file. */
#define SAFE_FILE_PRINTF(path, fmt, ...) \
	safe_file_printf(__FILE__, __LINE__, NULL, (path), (fmt), ##__VA_ARGS__)
#define SAFE_TRY_FILE_PRINTF(path, fmt, ...) \
	safe_try_file_printf(__FILE__, __LINE__, NULL, (path), (fmt), ##__VA_ARGS__)
#define FILE_PRINTF(path, fmt, ...) \
	file_printf(__FILE__, __LINE__, (path), (fmt), ##__VA_ARGS__)

#define SAFE_CP(src, dst) \
	safe_cp(__FILE__, __LINE__, NULL, (src), (dst))

/* Makes the file if need be and sets its times, NULL for now. */
#define SAFE_TOUCH(pathname, mode, times) \
	safe_touch(__FILE__, __LINE__, NULL, (pathname), (mode), (times))

/* The first line without its newline. */
#define SAFE_FILE_READ_STR(path, buf, buf_size) \
	safe_file_read_str(__FILE__, __LINE__, (path), (buf), (buf_size))

TST_END_DECLS

#endif
