/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Sockets in an event loop: how they are set up, and services that accept connections
 * (spec ipc.md 10). C++ only.
 *
 * Client sockets do not block; those of TCP send at once and are kept alive. Servers reuse
 * their address.
 */
#ifndef TARANTOOL_EVIO_H_INCLUDED
#define TARANTOOL_EVIO_H_INCLUDED

#include "trivia/config.h"

#include <stdbool.h>

#include "tarantool_ev.h"
#include "sio.h"
#include "uri.h"

#if defined(__cplusplus)

/** A place where connections are accepted. */
struct evio_service {
	/** For the log. */
	char name[SERVICE_NAME_MAXLEN];
	/** Of the URI; empty for any. */
	char host[URI_MAXHOST];
	char serv[URI_MAXSERVICE];
	/** Where it is bound. */
	union {
		struct sockaddr addr;
		struct sockaddr_storage addrstorage;
	};
	socklen_t addr_len;
	/**
	 * Called with each connection and the address of the peer, which is valid until
	 * then. If it throws, the connection is closed and the error logged.
	 */
	void (*on_accept)(struct evio_service *, int, struct sockaddr *, socklen_t);
	void *on_accept_param;
	/** The socket that listens; its descriptor is -1 if there is none. */
	struct ev_io ev;
	ev_loop *loop;
};

/** Initialise. Allocates nothing. */
void
evio_service_init(ev_loop *loop, struct evio_service *service, const char *name,
		  void (*on_accept)(struct evio_service *, int, struct sockaddr *,
				    socklen_t),
		  void *on_accept_param);

/**
 * Bind to a URI: HOST:PORT, *:PORT, PORT, or a path. Resolving a name blocks the thread. A
 * socket in the file system on which nobody listens any more is replaced.
 *
 * Throws SocketError "invalid uri for bind: URI", "can't resolve uri for bind", "NAME:
 * failed to bind" after a line in the log for each address, or "unlink".
 */
void
evio_service_bind(struct evio_service *service, const char *uri);

/** Accept connections from now on. Throws SocketError "listen". */
void
evio_service_listen(struct evio_service *service);

/** Accept none any more, close the socket and unlink its path. Needs no start. */
void
evio_service_stop(struct evio_service *service);

/**
 * Open a client socket in a watcher that has none. Throws SocketError; if it has no options
 * then, it is in the watcher all the same.
 */
void
evio_socket(struct ev_io *coio, int domain, int type, int protocol);

/** Stop the watcher and close its socket. Who waits for it gets a SocketError. */
void
evio_close(ev_loop *loop, struct ev_io *evio);

/** Set the options of a client. Throws SocketError. */
void
evio_setsockopt_client(int fd, int family, int type);

static inline bool
evio_service_is_active(struct evio_service *service)
{
	return service->ev.fd >= 0;
}

static inline bool
evio_has_fd(struct ev_io *ev)
{
	return ev->fd >= 0;
}

/** Start to measure a timeout. */
static inline void
evio_timeout_init(ev_loop *loop, ev_tstamp *start, ev_tstamp *delay, ev_tstamp timeout)
{
	*start = ev_monotonic_now(loop);
	*delay = timeout;
}

/** Make *delay what is left of it, at least 0. */
static inline void
evio_timeout_update(ev_loop *loop, ev_tstamp *start, ev_tstamp *delay)
{
	ev_tstamp elapsed = ev_monotonic_now(loop) - *start;
	*start += elapsed;
	*delay = elapsed >= *delay ? 0 : *delay - elapsed;
}

#endif /* defined(__cplusplus) */

#endif /* TARANTOOL_EVIO_H_INCLUDED */
