/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections: a fiber each. */
#ifndef RESP_CLIENT_H_INCLUDED
#define RESP_CLIENT_H_INCLUDED

#include "fiber.h"
#include "fiber_cond.h"

#include "buffer.h"

/** The connections of one cord. */
struct clients {
	struct rlist list;
	/** Signalled when one is gone. */
	struct fiber_cond gone;
	/** Read by other cords. */
	_Atomic uint64_t now, total;
};

struct client {
	int fd;
	struct buffer in;
	/** Bytes of `in` that belong to requests already answered. */
	size_t done;
	struct buffer out;
	struct fiber *fiber;
	struct clients *owner;
	/** In `owner->list`. */
	struct rlist link;
};

void
clients_create(struct clients *clients);

/** Serve a connection, in the cord of `clients`, until it or the server ends. */
void
client_start(struct clients *clients, int fd);

/** End all connections, and wait for that. */
void
clients_destroy(struct clients *clients);

#endif /* RESP_CLIENT_H_INCLUDED */
