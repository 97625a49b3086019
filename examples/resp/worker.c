/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker.h"

#include "cbus.h"
#include "client.h"
#include "cordage/cord.h"

struct worker {
	char name[FIBER_NAME_MAX];
	struct cord cord;
	/** From the main cord to the worker. */
	struct cpipe pipe;
	struct clients clients;
};

static struct worker workers[WORKERS_MAX];
static int number;
/** Of the main cord, when there are no workers. */
static struct clients own_clients;

/** A connection on its way to a worker. */
struct connection {
	struct cmsg base;
	struct worker *worker;
	int fd;
};

static void
take_connection(struct cmsg *msg)
{
	struct connection *connection = (struct connection *)msg;
	client_start(&connection->worker->clients, connection->fd);
	free(connection);
}

static const struct cmsg_hop connection_route[] = {
	{ take_connection, NULL },
};

/** The main fiber of a worker's cord. */
static int
worker_f(va_list ap)
{
	struct worker *w = va_arg(ap, struct worker *);
	struct cbus_endpoint endpoint;
	cbus_endpoint_create(&endpoint, w->name, fiber_schedule_cb, fiber());
	cbus_loop(&endpoint);
	/* Stopped: this was the last message, so all connections are here. */
	clients_destroy(&w->clients);
	cbus_endpoint_destroy(&endpoint, cbus_process);
	return 0;
}

bool
workers_start(int wanted)
{
	clients_create(&own_clients);
	cbus_init();
	for (; number < wanted; number++) {
		struct worker *w = &workers[number];
		snprintf(w->name, sizeof(w->name), "worker/%d", number + 1);
		clients_create(&w->clients);
		if (cord_costart(&w->cord, w->name, worker_f, w) != 0) {
			clients_destroy(&w->clients);
			workers_stop();
			return false;
		}
		cpipe_create(&w->pipe, w->name);
	}
	return true;
}

int
workers_number(void)
{
	return number;
}

void
workers_serve(int fd)
{
	static unsigned turn;
	if (number == 0) {
		client_start(&own_clients, fd);
		return;
	}
	struct connection *connection = malloc(sizeof(*connection));
	if (connection == NULL) {
		say_error("no memory for a connection");
		close(fd);
		return;
	}
	cmsg_init(&connection->base, connection_route);
	connection->worker = &workers[turn++ % number];
	connection->fd = fd;
	cpipe_push(&connection->worker->pipe, &connection->base);
}

void
workers_count(uint64_t *now, uint64_t *total)
{
	*now = own_clients.now;
	*total = own_clients.total;
	for (int i = 0; i < number; i++) {
		*now += workers[i].clients.now;
		*total += workers[i].clients.total;
	}
}

void
workers_stop(void)
{
	/* All at once first, or the last one would serve while the others end. */
	for (int i = 0; i < number; i++) {
		cbus_stop_loop(&workers[i].pipe);
		cpipe_destroy(&workers[i].pipe);
	}
	for (int i = 0; i < number; i++) {
		/* Another signal may wake us meanwhile. */
		if (cordage_cord_cojoin(&workers[i].cord, TIMEOUT_INFINITY) != 0)
			diag_log();
	}
	number = 0;
	clients_destroy(&own_clients);
	cbus_free();
}
