/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The pool of threads that may block, under the names of libeio: those of its functions that
 * programs of the reference use. Most of them want coio_task.h and coio_file.h instead.
 *
 * A thread that submits requests calls eio_init() first, or coio_enable(). A request goes
 * to a worker, which executes it and hands it back to the submitting thread's queue;
 * eio_poll() in that thread calls its callback. Requests of higher priority go first.
 *
 * All functions are weak: a program that links libeio itself uses the ones in there, with a
 * pool of their own. Origin: spec ipc.md 8.
 */
#ifndef EIO_H_
#define EIO_H_

#include "trivia/config.h"

#include <stddef.h>
#include <signal.h>
#include <sys/types.h>

#if defined(__cplusplus)
extern "C" {
#endif

typedef struct eio_req eio_req;
typedef struct eio_pwd *eio_wd;

/** In the submitting thread, for a finished request. Not 0: eio_poll() returns it at once. */
typedef int (*eio_cb)(eio_req *req);

/** Seconds. */
typedef double eio_tstamp;
typedef ssize_t eio_ssize_t;

enum {
	/** The only type of a request. */
	EIO_CUSTOM = 0,
};

enum {
	EIO_PRI_MIN = -4,
	EIO_PRI_DEFAULT = 0,
	EIO_PRI_MAX = 4,
};

/** A request. Zeroed memory with `feed` set is one. */
struct eio_req {
	/** Private, as all fields without a comment. */
	eio_req volatile *next;
	void *pool_user;
	eio_wd wd;
	/** What came of it; usually -1 with errorno for a failure. */
	eio_ssize_t result;
	off_t offs;
	size_t size;
	void *ptr1;
	void *ptr2;
	eio_tstamp nv1;
	eio_tstamp nv2;
	int int1;
	long int2;
	long int3;
	/** The worker's errno afterwards. */
	int errorno;
	unsigned char flags;
	/** EIO_CUSTOM */
	signed char type;
	signed char pri;
	/** Not 0: not to be executed. */
	unsigned char cancelled;
	/** The program's. */
	void *data;
	/** In the submitting thread, unless it was cancelled. */
	eio_cb finish;
	/** Then; the only one, and in any thread, if the submitting one is gone. */
	void (*destroy)(eio_req *);
	/** In a worker: does it and stores `result`. */
	void (*feed)(eio_req *);
	eio_req *grp;
	eio_req *grp_prev;
	eio_req *grp_next;
	eio_req *grp_first;
};

#define EIO_RESULT(req) ((req)->result)
#define EIO_ERRNO(req) ((req)->errorno)
#define EIO_CANCELLED(req) ((req)->cancelled)

/**
 * Let the calling thread submit requests. `want_poll(user)` is called, in any thread, when
 * there is something to poll, and has to make the calling thread call eio_poll();
 * `done_poll(user)`, in that thread, when there is nothing more. Both may be NULL.
 *
 * @retval -1 EBUSY: the thread has requests in flight
 */
int
eio_init(void *user, void (*want_poll)(void *), void (*done_poll)(void *));

/**
 * Call the callbacks of what is finished of this thread's requests.
 *
 * @retval 0 that was all
 * @retval -1 a limit was reached; there is more
 * @return otherwise what a callback returned
 */
int
eio_poll(void);

/** End a poll after so many seconds. 0, the default, is no limit. */
void
eio_set_max_poll_time(eio_tstamp nseconds);

/** End a poll after so many requests. 0, the default, is no limit. */
void
eio_set_max_poll_reqs(unsigned int nreqs);

/** Raise the number of threads that the pool may have, 4 at first, to at least this. */
void
eio_set_min_parallel(unsigned int nthreads);

/**
 * Lower it to at most this, and block the thread until those too many have left. With 0
 * they first do what is queued; what is submitted later waits for eio_set_min_parallel().
 */
void
eio_set_max_parallel(unsigned int nthreads);

/** How many threads stay although there is nothing to do; 4 at first. */
void
eio_set_max_idle(unsigned int nthreads);

/** How long the others stay; 10 seconds at first. */
void
eio_set_idle_timeout(unsigned int seconds);

/**
 * Call on_start_cb(data) in each thread that starts from now on. If it does not return 0
 * the thread ends again.
 */
void
eio_set_thread_on_start(int (*on_start_cb)(void *), void *data);

/** Call on_stop_cb(data) in each thread before it ends. */
void
eio_set_thread_on_stop(int (*on_stop_cb)(void *), void *data);

/** Requests, of all threads, that were submitted and not finished. */
unsigned int
eio_nreqs(void);

/** Of these, the ones that wait for a worker. */
unsigned int
eio_nready(void);

/** Of these, the ones that were executed and wait for eio_poll(). */
unsigned int
eio_npending(void);

/** Threads in the pool. */
unsigned int
eio_nthreads(void);

/** Submit a request. It belongs to the pool until its `destroy` was called. */
void
eio_submit(eio_req *req);

/** Do not execute the request, if it was not yet, and do not call its callback. */
void
eio_cancel(eio_req *req);

/*
 * Each of these submits a request of its own, with copies of paths, which is freed after the
 * callback. NULL with ENOMEM without memory. A negative offset reads and writes where
 * the descriptor is.
 */

/** execute(req) in a worker; it stores req->result. */
eio_req *
eio_custom(void (*execute)(eio_req *), int pri, eio_cb cb, void *data);

eio_req *
eio_open(const char *path, int flags, mode_t mode, int pri, eio_cb cb, void *data);

eio_req *
eio_close(int fd, int pri, eio_cb cb, void *data);

eio_req *
eio_read(int fd, void *buf, size_t length, off_t offset, int pri, eio_cb cb, void *data);

eio_req *
eio_write(int fd, void *buf, size_t length, off_t offset, int pri, eio_cb cb, void *data);

eio_req *
eio_rename(const char *path, const char *new_path, int pri, eio_cb cb, void *data);

eio_req *
eio_unlink(const char *path, int pri, eio_cb cb, void *data);

eio_req *
eio_mkdir(const char *path, mode_t mode, int pri, eio_cb cb, void *data);

eio_req *
eio_rmdir(const char *path, int pri, eio_cb cb, void *data);

eio_req *
eio_truncate(const char *path, off_t offset, int pri, eio_cb cb, void *data);

eio_req *
eio_ftruncate(int fd, off_t offset, int pri, eio_cb cb, void *data);

eio_req *
eio_chown(const char *path, uid_t uid, gid_t gid, int pri, eio_cb cb, void *data);

eio_req *
eio_chmod(const char *path, mode_t mode, int pri, eio_cb cb, void *data);

eio_req *
eio_link(const char *path, const char *new_path, int pri, eio_cb cb, void *data);

eio_req *
eio_symlink(const char *path, const char *new_path, int pri, eio_cb cb, void *data);

eio_req *
eio_sync(int pri, eio_cb cb, void *data);

eio_req *
eio_fsync(int fd, int pri, eio_cb cb, void *data);

eio_req *
eio_fdatasync(int fd, int pri, eio_cb cb, void *data);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* EIO_H_ */
