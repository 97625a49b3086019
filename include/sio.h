/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * System calls on sockets whose failures are errors (spec ipc.md 11).
 *
 * A SocketError has a text of what was called, and ", called on fd 5, aka ADDRESS, peer of
 * ADDRESS". In C++ some functions set it and return -1, others throw it, as is said at each.
 * A call that would block is no failure, and one that a signal has interrupted counts as
 * such: -1 without an error.
 */
#ifndef TARANTOOL_SIO_H_INCLUDED
#define TARANTOOL_SIO_H_INCLUDED

#include "trivia/config.h"

#include <assert.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "tarantool_ev.h"

#if defined(__cplusplus)
extern "C" {
#endif

enum {
	/** Size of an address as text, with its zero. */
	SERVICE_NAME_MAXLEN = 200,
};

/**
 * Write an address as `127.0.0.1:80`, `[::1]:80` or `unix/:/path`, as snprintf(3) does. Numbers
 * only. `unix/:(socket)` if addrlen is less than that of struct sockaddr_un,
 * `(host):(port)` if the family is not known.
 */
int
sio_addr_snprintf(char *buf, size_t size, const struct sockaddr *addr, socklen_t addrlen);

/** The same in a buffer of the thread, until it asks again. */
const char *
sio_strfaddr(struct sockaddr *addr, socklen_t addrlen);

/** getpeername(2): 0, or -1 with a line in the log. */
int
sio_getpeername(int fd, struct sockaddr *addr, socklen_t *addrlen);

/**
 * Go on after nwr more bytes of iov were written, when *iov_len bytes of the first vector had
 * been before: returns how many vectors are complete, *iov_len becomes what is written of
 * the next.
 */
static inline int
sio_move_iov(struct iovec *iov, size_t nwr, size_t *iov_len)
{
	int complete = 0;
	nwr += *iov_len;
	while (nwr > 0 && nwr >= iov[complete].iov_len)
		nwr -= iov[complete++].iov_len;
	*iov_len = nwr;
	return complete;
}

/** Move the start of a vector forward by -size bytes, or back by size. */
static inline void
sio_add_to_iov(struct iovec *iov, size_t size)
{
	iov->iov_len += size;
	iov->iov_base = (char *)iov->iov_base - size;
}

#if defined(__cplusplus)
} /* extern "C" */

/** What the socket is, in a buffer of the thread until it asks again. Keeps errno. */
const char *
sio_socketname(int fd);

/** -1 sets "socket". A protocol is ignored for AF_UNIX. */
int
sio_socket(int domain, int type, int protocol);

/** -1 sets "shutdown". */
int
sio_shutdown(int fd, int how);

/** The flags; -1 sets "fcntl(..., F_GETFL, ...)". */
int
sio_getfl(int fd);

/** Switch a flag on or off. -1 sets "fcntl(..., F_SETFL, ...)". */
int
sio_setfl(int fd, int flag, int on);

/** -1 sets "setsockopt(OPTION)". */
int
sio_setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen);

/** -1 sets "getsockopt(OPTION)". */
int
sio_getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen);

/** -1 sets "connect to ADDRESS", unless errno is EINPROGRESS. */
int
sio_connect(int fd, struct sockaddr *addr, socklen_t addrlen);

/** -1 sets "bind", unless errno is EADDRINUSE. */
int
sio_bind(int fd, struct sockaddr *addr, socklen_t addrlen);

/** Throws "listen", or returns -1 with EADDRINUSE. */
int
sio_listen(int fd);

/** The longest queue of connections that the system allows. */
int
sio_listen_backlog();

/** Throws "accept". */
int
sio_accept(int fd, struct sockaddr *addr, socklen_t *addrlen);

/**
 * Throws "read(COUNT)". A connection that was reset is one that has ended: 0, with errno
 * 0. Where it would block, errno is EINTR.
 */
ssize_t
sio_read(int fd, void *buf, size_t count);

/** Throws "write(COUNT)". */
ssize_t
sio_write(int fd, const void *buf, size_t count);

/** Throws "writev(IOVCNT)". Takes the first 1024 vectors. */
ssize_t
sio_writev(int fd, const struct iovec *iov, int iovcnt);

/** Throws "sendto(LEN)". */
ssize_t
sio_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *dest_addr,
	   socklen_t addrlen);

/** Throws "recvfrom(LEN)". */
ssize_t
sio_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *src_addr,
	     socklen_t *addrlen);

/** Block until there are `count` of up to buf_size bytes. Throws "read (COUNT)", at an early
 * end, too (EPIPE). */
ssize_t
sio_readn_ahead(int fd, void *buf, size_t count, size_t buf_size);

static inline ssize_t
sio_readn(int fd, void *buf, size_t count)
{
	return sio_readn_ahead(fd, buf, count, count);
}

/** Block until all is written. Throws "write (COUNT)". */
ssize_t
sio_writen(int fd, const void *buf, size_t count);

/** Block until all is written. Changes the vectors. Throws "writev(N)". */
ssize_t
sio_writev_all(int fd, struct iovec *iov, int iovcnt);

/** sendfile(2), all of it at once. Throws "sendfile". */
ssize_t
sio_sendfile(int sock_fd, int file_fd, off_t *offset, size_t size);

/**
 * Block until `size` bytes have come, and write them from *offset on, which moves, or where
 * the file is if it is NULL. Throws "lseek", "read (COUNT)", "write (COUNT)".
 */
ssize_t
sio_recvfile(int sock_fd, int file_fd, off_t *offset, size_t size);

#endif /* defined(__cplusplus) */

#endif /* TARANTOOL_SIO_H_INCLUDED */
