/* SPDX-License-Identifier: BSD-2-Clause */
/* C++ linkage and exceptions for src/coio/socket.rs, and what is made of libev's macros and an
 * ellipsis. */

#include "coio.h"
#include "fiber/raise.h"

/* In no header, but symbols of the reference. */

int
coio_fill_addrinfo(struct addrinfo *ai_local, const char *host, const char *service,
		   int host_hint);

void
coio_service_on_accept(struct evio_service *evio_service, int fd, struct sockaddr *addr,
		       socklen_t addrlen);

/* libev calls every callback with the watcher's base class. */
typedef void (*any_cb)(void);
typedef void (*ev_stat_cb)(ev_loop *, ev_stat *, int);

void
coio_create(struct ev_io *coio, int fd)
{
	ev_init(coio, (ev_io_cb)(any_cb)fiber_schedule_cb);
	coio->data = fiber();
	coio->fd = fd;
}

int
coio_fill_addrinfo(struct addrinfo *ai_local, const char *host, const char *service,
		   int host_hint)
{
	return cordage_coio_fill_addrinfo(ai_local, host, service, host_hint);
}

int
coio_connect_timeout(struct ev_io *coio, struct uri *uri, struct sockaddr *addr,
		     socklen_t *addr_len, ev_tstamp timeout)
{
	return raise_minus_one(
		cordage_coio_connect_timeout(coio, uri, addr, addr_len, timeout));
}

int
coio_accept(struct ev_io *coio, struct sockaddr *addr, socklen_t addrlen,
	    ev_tstamp timeout)
{
	return raise_minus_one(cordage_coio_accept(coio, addr, addrlen, timeout));
}

ssize_t
coio_read_ahead_timeout(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz,
			ev_tstamp timeout)
{
	return raise_failure(
		cordage_coio_read_ahead_timeout(coio, buf, sz, bufsiz, timeout));
}

ssize_t
coio_readn_ahead_timeout(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz,
			 ev_tstamp timeout)
{
	return raise_failure(
		cordage_coio_readn_ahead_timeout(coio, buf, sz, bufsiz, timeout));
}

ssize_t
coio_readn_ahead(struct ev_io *coio, void *buf, size_t sz, size_t bufsiz)
{
	return coio_readn_ahead_timeout(coio, buf, sz, bufsiz, TIMEOUT_INFINITY);
}

ssize_t
coio_write_timeout(struct ev_io *coio, const void *buf, size_t sz, ev_tstamp timeout)
{
	return raise_failure(cordage_coio_write_timeout(coio, buf, sz, timeout));
}

ssize_t
coio_writev_timeout(struct ev_io *coio, struct iovec *iov, int iovcnt, size_t size_hint,
		    ev_tstamp timeout)
{
	return raise_failure(
		cordage_coio_writev_timeout(coio, iov, iovcnt, size_hint, timeout));
}

ssize_t
coio_sendto_timeout(struct ev_io *coio, const void *buf, size_t sz, int flags,
		    const struct sockaddr *dest_addr, socklen_t addrlen,
		    ev_tstamp timeout)
{
	return raise_failure(cordage_coio_sendto_timeout(coio, buf, sz, flags, dest_addr,
							 addrlen, timeout));
}

ssize_t
coio_recvfrom_timeout(struct ev_io *coio, void *buf, size_t sz, int flags,
		      struct sockaddr *src_addr, socklen_t addrlen, ev_tstamp timeout)
{
	return raise_failure(cordage_coio_recvfrom_timeout(coio, buf, sz, flags, src_addr,
							   addrlen, timeout));
}

/* The caller closes the connection if this throws. */
void
coio_service_on_accept(struct evio_service *evio_service, int fd, struct sockaddr *addr,
		       socklen_t addrlen)
{
	struct coio_service *service = (struct coio_service *)evio_service->on_accept_param;
	char name[2 * SERVICE_NAME_MAXLEN];
	snprintf(name, sizeof(name), "%s/%s", evio_service->name,
		 sio_strfaddr(addr, addrlen));
	struct fiber *f = fiber_new(name, service->handler);
	if (f == NULL) {
		diag_log();
		say_error("can't create a handler fiber, dropping client connection");
		diag_raise();
	}
	struct ev_io coio;
	coio_create(&coio, fd);
	coio.data = f;
	fiber_start(f, coio, addr, addrlen, service->handler_param);
}

void
coio_service_init(struct coio_service *service, const char *name, fiber_func handler,
		  void *handler_param)
{
	evio_service_init(loop(), &service->evio_service, name, coio_service_on_accept,
			  service);
	service->handler = handler;
	service->handler_param = handler_param;
}

void
coio_service_start(struct evio_service *service, const char *uri)
{
	evio_service_bind(service, uri);
	evio_service_listen(service);
}

void
coio_stat_init(ev_stat *stat, const char *path)
{
	ev_stat_init(stat, (ev_stat_cb)(any_cb)fiber_schedule_cb, path, 0);
}

void
coio_stat_stat_timeout(ev_stat *stat, ev_tstamp timeout)
{
	stat->data = fiber();
	ev_stat_start(loop(), stat);
	fiber_yield_timeout(timeout);
	ev_stat_stop(loop(), stat);
	fiber_testcancel();
}

/* A child for which a fiber waits. */
struct awaited {
	struct ev_child watcher;
	struct fiber *fiber;
	bool has_ended;
};

static void
child_ended(ev_loop *, struct ev_child *watcher, int)
{
	struct awaited *child = (struct awaited *)watcher->data;
	child->has_ended = true;
	fiber_wakeup(child->fiber);
}

int
coio_waitpid(pid_t pid)
{
	if (!cord_is_main())
		panic("coio_waitpid: not in the main cord");
	struct awaited child;
	child.fiber = fiber();
	child.has_ended = false;
	ev_child_init(&child.watcher, child_ended, pid, 0);
	child.watcher.data = &child;
	ev_child_start(loop(), &child.watcher);
	bool cancellable = fiber_set_cancellable(false);
	while (!child.has_ended)
		fiber_yield();
	fiber_set_cancellable(cancellable);
	ev_child_stop(loop(), &child.watcher);
	fiber_testcancel();
	return child.watcher.rstatus;
}
