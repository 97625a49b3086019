/* SPDX-License-Identifier: BSD-2-Clause */
/* C++ linkage and exceptions for src/coio/evio.rs, and accepting, which calls what may throw. */

#include "evio.h"
#include "fiber/raise.h"

#include <string.h>
#include <unistd.h>

void
evio_socket(struct ev_io *coio, int domain, int type, int protocol)
{
	raise_minus_one(cordage_evio_socket(coio, domain, type, protocol));
}

void
evio_close(ev_loop *loop, struct ev_io *evio)
{
	cordage_evio_close(loop, evio);
}

void
evio_setsockopt_client(int fd, int family, int type)
{
	raise_minus_one(cordage_evio_setsockopt_client(fd, family, type));
}

/* One connection. False if there is none. What throws closes it. */
static bool
accept_one(struct evio_service *service)
{
	struct sockaddr_storage storage;
	struct sockaddr *addr = (struct sockaddr *)&storage;
	socklen_t addrlen = sizeof(storage);
	int fd = sio_accept(service->ev.fd, addr, &addrlen);
	if (fd < 0)
		return false;
	try {
		evio_setsockopt_client(fd, service->addr.sa_family, SOCK_STREAM);
		service->on_accept(service, fd, addr, addrlen);
	} catch (...) {
		close(fd);
		throw;
	}
	return true;
}

/* As many as there are, unless on_accept stops the service. */
static void
accept_all(ev_loop *, struct ev_io *watcher, int)
{
	struct evio_service *service = (struct evio_service *)watcher->data;
	try {
		while (evio_service_is_active(service) && accept_one(service))
			;
	} catch (Exception *e) {
		e->log();
	}
}

void
evio_service_init(ev_loop *loop, struct evio_service *service, const char *name,
		  void (*on_accept)(struct evio_service *, int, struct sockaddr *,
				    socklen_t),
		  void *on_accept_param)
{
	memset(service, 0, sizeof(*service));
	strncpy(service->name, name, sizeof(service->name) - 1);
	service->loop = loop;
	service->on_accept = on_accept;
	service->on_accept_param = on_accept_param;
	ev_init(&service->ev, accept_all);
	service->ev.fd = -1;
	service->ev.data = service;
}

void
evio_service_bind(struct evio_service *service, const char *uri)
{
	raise_minus_one(cordage_evio_service_bind(service, uri));
}

void
evio_service_listen(struct evio_service *service)
{
	raise_minus_one(cordage_evio_service_listen(service));
}

void
evio_service_stop(struct evio_service *service)
{
	cordage_evio_service_stop(service);
}
