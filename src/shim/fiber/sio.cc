/* SPDX-License-Identifier: BSD-2-Clause */
/* C++ linkage and exceptions for src/coio/sio.rs. */

#include "sio.h"
#include "fiber/raise.h"

const char *
sio_socketname(int fd)
{
	return cordage_sio_socketname(fd);
}

int
sio_socket(int domain, int type, int protocol)
{
	return cordage_sio_socket(domain, type, protocol);
}

int
sio_shutdown(int fd, int how)
{
	return cordage_sio_shutdown(fd, how);
}

int
sio_getfl(int fd)
{
	return cordage_sio_getfl(fd);
}

int
sio_setfl(int fd, int flag, int on)
{
	return cordage_sio_setfl(fd, flag, on);
}

int
sio_setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)
{
	return cordage_sio_setsockopt(fd, level, optname, optval, optlen);
}

int
sio_getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen)
{
	return cordage_sio_getsockopt(fd, level, optname, optval, optlen);
}

int
sio_connect(int fd, struct sockaddr *addr, socklen_t addrlen)
{
	return cordage_sio_connect(fd, addr, addrlen);
}

int
sio_bind(int fd, struct sockaddr *addr, socklen_t addrlen)
{
	return cordage_sio_bind(fd, addr, addrlen);
}

int
sio_listen(int fd)
{
	return raise_failure(cordage_sio_listen(fd));
}

int
sio_listen_backlog()
{
	return cordage_sio_listen_backlog();
}

int
sio_accept(int fd, struct sockaddr *addr, socklen_t *addrlen)
{
	return raise_failure(cordage_sio_accept(fd, addr, addrlen));
}

ssize_t
sio_read(int fd, void *buf, size_t count)
{
	return raise_failure(cordage_sio_read(fd, buf, count));
}

ssize_t
sio_write(int fd, const void *buf, size_t count)
{
	return raise_failure(cordage_sio_write(fd, buf, count));
}

ssize_t
sio_writev(int fd, const struct iovec *iov, int iovcnt)
{
	return raise_failure(cordage_sio_writev(fd, iov, iovcnt));
}

ssize_t
sio_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *dest_addr,
	   socklen_t addrlen)
{
	return raise_failure(cordage_sio_sendto(fd, buf, len, flags, dest_addr, addrlen));
}

ssize_t
sio_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *src_addr,
	     socklen_t *addrlen)
{
	return raise_failure(cordage_sio_recvfrom(fd, buf, len, flags, src_addr, addrlen));
}

ssize_t
sio_readn_ahead(int fd, void *buf, size_t count, size_t buf_size)
{
	return raise_failure(cordage_sio_readn_ahead(fd, buf, count, buf_size));
}

ssize_t
sio_writen(int fd, const void *buf, size_t count)
{
	return raise_failure(cordage_sio_writen(fd, buf, count));
}

ssize_t
sio_writev_all(int fd, struct iovec *iov, int iovcnt)
{
	return raise_failure(cordage_sio_writev_all(fd, iov, iovcnt));
}

ssize_t
sio_sendfile(int sock_fd, int file_fd, off_t *offset, size_t size)
{
	return raise_failure(cordage_sio_sendfile(sock_fd, file_fd, offset, size));
}

ssize_t
sio_recvfile(int sock_fd, int file_fd, off_t *offset, size_t size)
{
	return raise_failure(cordage_sio_recvfile(sock_fd, file_fd, offset, size));
}
