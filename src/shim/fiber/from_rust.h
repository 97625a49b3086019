/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Rust behind the functions of the same names without "cordage_", which have an ellipsis or
 * C++ linkage. tests/prototypes.rs compares these declarations with the definitions.
 *
 * Nothing throws here: CORDAGE_FAILED, or -1 where nothing else is -1, says that the error is
 * set. Otherwise -1 says that a call would block, or that an address is in use.
 */
#ifndef CORDAGE_FROM_RUST_H_INCLUDED
#define CORDAGE_FROM_RUST_H_INCLUDED

#include "coio_task.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "tarantool_ev.h"

struct evio_service;
struct uri;

#if defined(__cplusplus)
extern "C" {
#endif

enum { CORDAGE_FAILED = -2 };

/* coio_task.h */

ssize_t
cordage_coio_call(coio_call_cb func, va_list ap);

/* sio.h */

const char *
cordage_sio_socketname(int fd);

int
cordage_sio_socket(int domain, int type_, int protocol);

int
cordage_sio_shutdown(int fd, int how);

int
cordage_sio_getfl(int fd);

int
cordage_sio_setfl(int fd, int flag, int on);

int
cordage_sio_setsockopt(int fd, int level, int optname, const void *optval,
		       socklen_t optlen);

int
cordage_sio_getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen);

int
cordage_sio_connect(int fd, struct sockaddr *addr, socklen_t addrlen);

int
cordage_sio_bind(int fd, struct sockaddr *addr, socklen_t addrlen);

ssize_t
cordage_sio_listen(int fd);

int
cordage_sio_listen_backlog(void);

ssize_t
cordage_sio_accept(int fd, struct sockaddr *addr, socklen_t *addrlen);

ssize_t
cordage_sio_read(int fd, void *buf, size_t count);

ssize_t
cordage_sio_write(int fd, const void *buf, size_t count);

ssize_t
cordage_sio_writev(int fd, const struct iovec *iov, int iovcnt);

ssize_t
cordage_sio_sendto(int fd, const void *buf, size_t len, int flags,
		   const struct sockaddr *addr, socklen_t addrlen);

ssize_t
cordage_sio_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
		     socklen_t *addrlen);

ssize_t
cordage_sio_readn_ahead(int fd, void *buf, size_t count, size_t buf_size);

ssize_t
cordage_sio_writen(int fd, const void *buf, size_t count);

ssize_t
cordage_sio_writev_all(int fd, struct iovec *iov, int iovcnt);

ssize_t
cordage_sio_sendfile(int sock_fd, int file_fd, off_t *offset, size_t size);

ssize_t
cordage_sio_recvfile(int sock_fd, int file_fd, off_t *offset, size_t size);

/* evio.h */

int
cordage_evio_socket(struct ev_io *watcher, int domain, int type_, int protocol);

void
cordage_evio_close(struct ev_loop *loop_, struct ev_io *watcher);

int
cordage_evio_setsockopt_client(int fd, int family, int type_);

int
cordage_evio_service_bind(struct evio_service *service, const char *uri);

int
cordage_evio_service_listen(struct evio_service *service);

void
cordage_evio_service_stop(struct evio_service *service);

/* coio.h */

int
cordage_coio_connect_timeout(struct ev_io *coio, const struct uri *uri,
			     struct sockaddr *addr, socklen_t *addr_len,
			     double timeout);

int
cordage_coio_fill_addrinfo(struct addrinfo *ai, const char *host, const char *service,
			   int host_hint);

int
cordage_coio_accept(struct ev_io *coio, struct sockaddr *addr, socklen_t addrlen,
		    double timeout);

ssize_t
cordage_coio_read_ahead_timeout(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz,
				double timeout);

ssize_t
cordage_coio_readn_ahead_timeout(struct ev_io *coio, void *buf, size_t sz,
				 size_t bufsiz, double timeout);

ssize_t
cordage_coio_write_timeout(struct ev_io *coio, const void *buf, size_t sz,
			   double timeout);

ssize_t
cordage_coio_writev_timeout(struct ev_io *coio, struct iovec *iov, int iovcnt,
			    size_t size_hint, double timeout);

ssize_t
cordage_coio_sendto_timeout(struct ev_io *coio, const void *buf, size_t sz, int flags,
			    const struct sockaddr *dest_addr, socklen_t addrlen,
			    double timeout);

ssize_t
cordage_coio_recvfrom_timeout(struct ev_io *coio, void *buf, size_t sz, int flags,
			      struct sockaddr *src_addr, socklen_t addrlen,
			      double timeout);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* CORDAGE_FROM_RUST_H_INCLUDED */
