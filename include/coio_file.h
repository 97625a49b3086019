/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * System calls on files, made by a thread of the pool (coio_task.h) while the fiber waits.
 *
 * Neither a wake-up nor a cancel ends the wait, so buffers may be on the stack of the
 * fiber. Results and errno are those of the system call of that name; errno is
 * overwritten by success, too. No diagnostics. Origin: spec ipc.md 9.
 */
#ifndef TARANTOOL_COIO_FILE_H_INCLUDED
#define TARANTOOL_COIO_FILE_H_INCLUDED

#include "trivia/config.h"

#include <glob.h>
#include <sys/stat.h>
#include <sys/types.h>

#if defined(__cplusplus)
extern "C" {
#endif

int
coio_file_open(const char *path, int flags, mode_t mode);

int
coio_file_close(int fd);

/** A negative offset writes where the descriptor is. */
ssize_t
coio_pwrite(int fd, const void *buf, size_t count, off_t offset);

/** A negative offset reads where the descriptor is. */
ssize_t
coio_pread(int fd, void *buf, size_t count, off_t offset);

/** Read all of `count` bytes: count, or -1. errno is 0 if the file ends before. */
ssize_t
coio_preadn(int fd, void *buf, size_t count, off_t offset);

ssize_t
coio_read(int fd, void *buf, size_t count);

ssize_t
coio_write(int fd, const void *buf, size_t count);

off_t
coio_lseek(int fd, off_t offset, int whence);

int
coio_stat(const char *pathname, struct stat *buf);

int
coio_lstat(const char *pathname, struct stat *buf);

int
coio_fstat(int fd, struct stat *buf);

int
coio_rename(const char *oldpath, const char *newpath);

int
coio_unlink(const char *pathname);

int
coio_mkdir(const char *pathname, mode_t mode);

int
coio_rmdir(const char *pathname);

int
coio_ftruncate(int fd, off_t length);

int
coio_truncate(const char *path, off_t length);

/** What glob(3) returns; errfunc runs in the worker. */
int
coio_glob(const char *pattern, int flags, int (*errfunc)(const char *epath, int eerrno),
	  glob_t *pglob);

int
coio_chown(const char *path, uid_t owner, gid_t group);

int
coio_chmod(const char *path, mode_t mode);

int
coio_link(const char *oldpath, const char *newpath);

int
coio_symlink(const char *target, const char *linkpath);

/** Like readlink(2), which does not terminate the text. */
int
coio_readlink(const char *pathname, char *buf, size_t bufsiz);

int
coio_sync(void);

int
coio_fsync(int fd);

int
coio_fdatasync(int fd);

/** Make a directory in /tmp and write its path. ENOMEM if path_len is less than 13. */
int
coio_tempdir(char *path, size_t path_len);

/**
 * The names in a directory, but for "." and "..", in no order: their number. *buf becomes a
 * text of them with newlines between, to be freed by the caller. -1: *buf is untouched.
 */
int
coio_readdir(const char *path, char **buf);

/**
 * Copy a file into one that is created or overwritten, with the permissions of the source as
 * far as the umask lets them. 0 or -1, with what was copied left behind.
 */
int
coio_copyfile(const char *source, const char *dest);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_COIO_FILE_H_INCLUDED */
