/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_COIO_H_INCLUDED
#define TARANTOOL_COIO_H_INCLUDED

/*
 * I/O that blocks one fiber instead of the thread (spec ipc.md 7, 12).
 *
 * In C: waiting for descriptors. In C++ also: calls on sockets, which a `struct ev_io` made by
 * coio_create() carries, for one fiber at a time. They throw FiberIsCancelled, TimedOut and
 * SocketError; wake-ups without a reason do not matter. A socket that is closed with
 * coio_close() under a fiber that waits is a SocketError there.
 */

#include "fiber.h"
#include "trivia/util.h"
#if defined(__cplusplus)
#include "evio.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** \cond public */

enum {
	/** The descriptor is readable, or at its end. */
	COIO_READ = 0x1,
	/** The descriptor is writable. */
	COIO_WRITE = 0x2,
};

/**
 * Wait until fd is ready for one of the events in `event`, for at most `timeout`
 * seconds. Several fibers may wait on one descriptor. A timeout of 0 polls, yielding
 * for one turn of the event loop.
 *
 * Returns the events that are ready (both, for a descriptor that is not open); 0
 * after the timeout, a cancel, any other wake-up, or coio_close(), and at once if the
 * fiber is cancelled already. Sets no error.
 */
API_EXPORT int
coio_wait(int fd, int event, double timeout);

/**
 * close(2), after waking every fiber of this cord that is in coio_wait() on fd: it
 * gets 0.
 */
API_EXPORT int
coio_close(int fd);

/** \endcond public */

/**
 * Write all of `data` to a descriptor that does not block, waiting where it would.
 *
 * @retval 0 all of it
 * @retval -1 TimedOut, FiberIsCancelled, or SocketError "write"; a part may be written
 */
int
coio_write_fd_timeout(int fd, const void *data, size_t size, ev_tstamp timeout);

#ifdef __cplusplus
} /* extern "C" */

/** Make a watcher that wakes the current fiber. fd may be -1, for coio_connect(). */
void
coio_create(struct ev_io *coio, int fd);

static inline void
coio_close(ev_loop *loop, struct ev_io *coio)
{
	evio_close(loop, coio);
}

/**
 * Connect a watcher without a socket to the first address of the URI that can be reached.
 * `timeout` is for resolving a name, and again for connecting. `addr`, if it is not NULL,
 * and *addr_len get the address and how much of it fits.
 *
 * Returns 0. Throws also SystemError "getaddrinfo: REASON" and OutOfMemory; then the watcher has
 * no socket.
 */
int
coio_connect_timeout(struct ev_io *coio, struct uri *uri, struct sockaddr *addr,
		     socklen_t *addr_len, ev_tstamp timeout);

static inline int
coio_connect(struct ev_io *coio, struct uri *uri, struct sockaddr *addr,
	     socklen_t *addr_len)
{
	return coio_connect_timeout(coio, uri, addr, addr_len, TIMEOUT_INFINITY);
}

/** Accept a connection: its descriptor, with client options. addrlen is the room in addr. */
int
coio_accept(struct ev_io *coio, struct sockaddr *addr, socklen_t addrlen,
	    ev_tstamp timeout);

/**
 * Read at least sz and up to bufsiz bytes. Fewer, with errno 0, only at the end of the
 * stream.
 */
ssize_t
coio_read_ahead_timeout(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz,
			ev_tstamp timeout);

static inline ssize_t
coio_read_ahead(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz)
{
	return coio_read_ahead_timeout(coio, buf, sz, bufsiz, TIMEOUT_INFINITY);
}

static inline ssize_t
coio_read(struct ev_io *coio, void *buf, size_t sz)
{
	return coio_read_ahead(coio, buf, sz, sz);
}

static inline ssize_t
coio_read_timeout(struct ev_io *coio, void *buf, size_t sz, ev_tstamp timeout)
{
	return coio_read_ahead_timeout(coio, buf, sz, sz, timeout);
}

/** The same; an early end of the stream is SocketError "unexpected EOF when reading from
 * socket" (EPIPE). */
ssize_t
coio_readn_ahead_timeout(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz,
			 ev_tstamp timeout);

ssize_t
coio_readn_ahead(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz);

static inline ssize_t
coio_readn(struct ev_io *coio, void *buf, size_t sz)
{
	return coio_readn_ahead(coio, buf, sz, sz);
}

/** Write all of it: sz. */
ssize_t
coio_write_timeout(struct ev_io *coio, const void *buf, size_t sz, ev_tstamp timeout);

static inline void
coio_write(struct ev_io *coio, const void *buf, size_t sz)
{
	coio_write_timeout(coio, buf, sz, TIMEOUT_INFINITY);
}

/**
 * Write all vectors, or until size_hint bytes are written, if it is not 0: how many bytes.
 */
ssize_t
coio_writev_timeout(struct ev_io *coio, struct iovec *iov, int iovcnt, size_t size_hint,
		    ev_tstamp timeout);

static inline ssize_t
coio_writev(struct ev_io *coio, struct iovec *iov, int iovcnt, size_t size)
{
	return coio_writev_timeout(coio, iov, iovcnt, size, TIMEOUT_INFINITY);
}

/** sendto(2) */
ssize_t
coio_sendto_timeout(struct ev_io *coio, const void *buf, size_t sz, int flags,
		    const struct sockaddr *dest_addr, socklen_t addrlen,
		    ev_tstamp timeout);

/** recvfrom(2); addrlen is the room in src_addr. */
ssize_t
coio_recvfrom_timeout(struct ev_io *coio, void *buf, size_t sz, int flags,
		      struct sockaddr *src_addr, socklen_t addrlen, ev_tstamp timeout);

/** A service with a fiber for each connection. */
struct coio_service {
	struct evio_service evio_service;
	/** What the fibers run. */
	fiber_func handler;
	void *handler_param;
};

/**
 * Initialise, on the current loop. Each connection gets a fiber, which runs handler at once
 * with these arguments: struct ev_io, by value; struct sockaddr * and socklen_t of the peer,
 * valid until the fiber yields; void *, handler_param. It has to close the connection.
 */
void
coio_service_init(struct coio_service *service, const char *name, fiber_func handler,
		  void *handler_param);

/** Bind and listen. evio_service_stop() ends it. Throws SocketError. */
void
coio_service_start(struct evio_service *service, const char *uri);

/** Make a watcher of a path for coio_stat_stat_timeout(). `path` is not copied. */
void
coio_stat_init(ev_stat *stat, const char *path);

/**
 * Wait until the attributes of the path change, or the time is over: compare stat->prev and
 * stat->attr. Any wake-up ends the wait. Throws FiberIsCancelled.
 */
void
coio_stat_stat_timeout(ev_stat *stat, ev_tstamp timeout);

/**
 * Wait for the end of a child process: its status as from waitpid(2). Main cord only. Throws
 * FiberIsCancelled, but not before the child has ended.
 */
int
coio_waitpid(pid_t pid);

static inline void
coio_timeout_init(ev_tstamp *start, ev_tstamp *delay, ev_tstamp timeout)
{
	evio_timeout_init(loop(), start, delay, timeout);
}

static inline void
coio_timeout_update(ev_tstamp *start, ev_tstamp *delay)
{
	evio_timeout_update(loop(), start, delay);
}

#endif /* __cplusplus */

#endif /* TARANTOOL_COIO_H_INCLUDED */
