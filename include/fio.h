/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * File functions that go on after a signal, and most of them after a part. They block the
 * thread: in a fiber that others wait for, use coio_file.h.
 *
 * A failure is -1 with errno, and a line in the log with the name of the file.
 */
#ifndef TARANTOOL_FIO_H_INCLUDED
#define TARANTOOL_FIO_H_INCLUDED

#include "trivia/config.h"

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * The name of an open file, empty if it has none. Valid until the thread asks again. errno
 * stays as it is.
 */
const char *
fio_filename(int fd);

/** Read until there are `count` bytes or the file ends: how many there are. */
ssize_t
fio_read(int fd, void *buf, size_t count);

/** The same from `offset` on. */
ssize_t
fio_pread(int fd, void *buf, size_t count, off_t offset);

/** Write all of it: 0 or -1. */
int
fio_writen(int fd, const void *buf, size_t count);

/** Write as much of the first 1024 vectors as one writev(2) takes: how much. */
ssize_t
fio_writev(int fd, struct iovec *iov, int iovcnt);

/** Write all of it: how much. The vectors are changed. */
ssize_t
fio_writevn(int fd, struct iovec *iov, int iovcnt);

off_t
fio_lseek(int fd, off_t offset, int whence);

/** ftruncate(2) */
int
fio_truncate(int fd, off_t offset);

/** Vectors to be written together. The memory they point to is the program's. */
struct fio_batch {
	/** Bytes in the vectors. */
	size_t bytes;
	int iovcnt;
	/** How many vectors there is room for. */
	int max_iov;
	struct iovec iov[];
};

/** NULL with OutOfMemory set. */
struct fio_batch *
fio_batch_new(void);

void
fio_batch_delete(struct fio_batch *batch);

/** Forget what is in it. */
static inline void
fio_batch_reset(struct fio_batch *batch)
{
	batch->bytes = 0;
	batch->iovcnt = 0;
}

/** Bytes in it. */
static inline size_t
fio_batch_size(struct fio_batch *batch)
{
	return batch->bytes;
}

/** How many vectors still fit. */
static inline int
fio_batch_unused(struct fio_batch *batch)
{
	return batch->max_iov - batch->iovcnt;
}

/** Append vectors: their bytes. 0, with nothing appended, if they do not fit. */
size_t
fio_batch_add(struct fio_batch *batch, const struct iovec *iov, int iovcnt);

/** Write as much as one writev(2) takes, and keep the rest: how much, or -1. */
ssize_t
fio_batch_write(struct fio_batch *batch, int fd);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_FIO_H_INCLUDED */
