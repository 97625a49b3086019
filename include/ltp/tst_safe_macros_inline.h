/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SAFE_* for calls whose types depend on the test's _FILE_OFFSET_BITS: these must be
 * compiled with the test. Included by tst_safe_macros.h.
 */
#ifndef LTP_TST_SAFE_MACROS_INLINE_H
#define LTP_TST_SAFE_MACROS_INLINE_H

#include "tst_memutils.h"
#include "tst_report.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

TST_BEGIN_DECLS

/* What these calls have in common: 0, or -1 and errno. "call" is without "failed". */
#define TST_SAFE_ZERO_(file, lineno, rval, fmt, ...) \
do { \
	if ((rval) == -1) \
		tst_brk_(file, lineno, TBROK | TERRNO, fmt " failed", ##__VA_ARGS__); \
	else if (rval) \
		tst_brk_(file, lineno, TBROK | TERRNO, \
			 "Invalid " fmt " return value %d", ##__VA_ARGS__, (rval)); \
} while (0)

static inline void *safe_mmap(const char *file, const int lineno, void *addr,
			      size_t length, int prot, int flags, int fd, off_t offset)
{
	void *rval;
#if TST_API_GENERATION >= 2026
	char names[512];

	tst_prot_to_str(prot, names);
	tst_res_(file, lineno, TDEBUG, "mmap(%p, %zu, %s(%x), %d, %d, %lld)", addr,
		 length, names, (unsigned int)prot, flags, fd, (long long)offset);
#endif
	rval = mmap(addr, length, prot, flags, fd, offset);
	if (rval == MAP_FAILED) {
#if TST_API_GENERATION >= 2026
		tst_brk_(file, lineno, TBROK | TERRNO,
			 "mmap(%p,%zu,%s(%x),%d,%d,%ld) failed", addr, length, names,
			 (unsigned int)prot, flags, fd, (long)offset);
#else
		tst_brk_(file, lineno, TBROK | TERRNO,
			 "mmap(%p,%zu,%d,%d,%d,%ld) failed", addr, length, prot, flags,
			 fd, (long)offset);
#endif
	}
	return rval;
}

static inline int safe_ftruncate(const char *file, const int lineno, int fd,
				 off_t length)
{
	int rval = ftruncate(fd, length);

	TST_SAFE_ZERO_(file, lineno, rval, "ftruncate(%d,%ld)", fd, (long)length);
	return rval;
}

static inline int safe_truncate(const char *file, const int lineno, const char *path,
				off_t length)
{
	int rval = truncate(path, length);

	TST_SAFE_ZERO_(file, lineno, rval, "truncate(%s,%ld)", path, (long)length);
	return rval;
}

/* Returns the error instead of setting errno. */
static inline int safe_posix_fadvise(const char *file, const int lineno, int fd,
				     off_t offset, off_t len, int advice)
{
	int rval = posix_fadvise(fd, offset, len, advice);

	if (rval)
		tst_brk_(file, lineno, TBROK, "posix_fadvise(%d,%ld,%ld,%d) failed: %s",
			 fd, (long)offset, (long)len, advice, tst_strerrno(rval));
	return rval;
}

static inline off_t safe_lseek(const char *file, const int lineno, int fd,
			       off_t offset, int whence)
{
	off_t rval = lseek(fd, offset, whence);

	if (rval == (off_t)-1)
		tst_brk_(file, lineno, TBROK | TERRNO, "lseek(%d,%ld,%d) failed", fd,
			 (long)offset, whence);
	else if (rval < 0)
		tst_brk_(file, lineno, TBROK | TERRNO,
			 "Invalid lseek(%d,%ld,%d) return value %ld", fd, (long)offset,
			 whence, (long)rval);
	return rval;
}

static inline int safe_getrlimit(const char *file, const int lineno, int resource,
				 struct rlimit *rlim)
{
#ifdef __cplusplus
	int rval = getrlimit((__rlimit_resource_t)resource, rlim);
#else
	int rval = getrlimit(resource, rlim);
#endif

	TST_SAFE_ZERO_(file, lineno, rval, "getrlimit(%d,%p)", resource, (void *)rlim);
	return rval;
}

static inline int safe_setrlimit(const char *file, const int lineno, int resource,
				 const struct rlimit *rlim)
{
#ifdef __cplusplus
	int rval = setrlimit((__rlimit_resource_t)resource, rlim);
#else
	int rval = setrlimit(resource, rlim);
#endif

	TST_SAFE_ZERO_(file, lineno, rval, "setrlimit(%d,%p)", resource,
		       (const void *)rlim);
	return rval;
}

static inline int safe_stat(const char *file, const int lineno, const char *path,
			    struct stat *buf)
{
	int rval = stat(path, buf);

	TST_SAFE_ZERO_(file, lineno, rval, "stat(%s,%p)", path, (void *)buf);
	return rval;
}

static inline int safe_fstat(const char *file, const int lineno, int fd,
			     struct stat *buf)
{
	int rval = fstat(fd, buf);

	TST_SAFE_ZERO_(file, lineno, rval, "fstat(%d,%p)", fd, (void *)buf);
	return rval;
}

static inline int safe_lstat(const char *file, const int lineno, const char *path,
			     struct stat *buf)
{
	int rval = lstat(path, buf);

	TST_SAFE_ZERO_(file, lineno, rval, "lstat(%s,%p)", path, (void *)buf);
	return rval;
}

static inline int safe_statfs(const char *file, const int lineno, const char *path,
			      struct statfs *buf)
{
	int rval = statfs(path, buf);

	TST_SAFE_ZERO_(file, lineno, rval, "statfs(%s,%p)", path, (void *)buf);
	return rval;
}

#define SAFE_MMAP(addr, length, prot, flags, fd, offset) \
	safe_mmap(__FILE__, __LINE__, (addr), (length), (prot), (flags), (fd), (offset))
#define SAFE_FTRUNCATE(fd, length) \
	safe_ftruncate(__FILE__, __LINE__, (fd), (length))
#define SAFE_TRUNCATE(path, length) \
	safe_truncate(__FILE__, __LINE__, (path), (length))
#define SAFE_POSIX_FADVISE(fd, offset, len, advice) \
	safe_posix_fadvise(__FILE__, __LINE__, (fd), (offset), (len), (advice))
#define SAFE_LSEEK(fd, offset, whence) \
	safe_lseek(__FILE__, __LINE__, (fd), (offset), (whence))
#define SAFE_GETRLIMIT(resource, rlim) \
	safe_getrlimit(__FILE__, __LINE__, (resource), (rlim))
#define SAFE_SETRLIMIT(resource, rlim) \
	safe_setrlimit(__FILE__, __LINE__, (resource), (rlim))
#define SAFE_STAT(path, buf) safe_stat(__FILE__, __LINE__, (path), (buf))
#define SAFE_FSTAT(fd, buf) safe_fstat(__FILE__, __LINE__, (fd), (buf))
#define SAFE_LSTAT(path, buf) safe_lstat(__FILE__, __LINE__, (path), (buf))
#define SAFE_STATFS(path, buf) safe_statfs(__FILE__, __LINE__, (path), (buf))

TST_END_DECLS

#endif
