/* SPDX-License-Identifier: BSD-2-Clause */
#include "client.h"

#include "coio.h"
#include "request.h"
#include "command.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum {
	READ_SIZE = 16 * 1024,
	/** Replies beyond this are sent before more requests are looked at. */
	FLUSH_SIZE = 64 * 1024,
};

/** Send all replies. False when the client is gone or the server ends. */
static bool
flush(struct client *c)
{
	size_t sent = 0;
	while (sent < c->out.used) {
		ssize_t n = send(c->fd, c->out.data + sent, c->out.used - sent, MSG_NOSIGNAL);
		if (n >= 0) {
			sent += n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			coio_wait(c->fd, COIO_WRITE, TIMEOUT_INFINITY);
			if (fiber_is_cancelled())
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	c->out.used = 0;
	return true;
}

/** Answer everything that has arrived in full. False when the connection ends. */
static bool
serve(struct client *c)
{
	struct slice args[ARGS_MAX];
	enum parsed result = PARSED;
	bool goes_on = true;
	int count;
	while (goes_on && (result = request_parse(c, args, &count)) == PARSED) {
		goes_on = count == 0 || command_execute(c, args, count);
		if (c->out.used > FLUSH_SIZE)
			goes_on = flush(c) && goes_on;
	}
	memmove(c->in.data, c->in.data + c->done, c->in.used - c->done);
	c->in.used -= c->done;
	c->done = 0;
	return flush(c) && goes_on && result != MALFORMED;
}

static int
client_f(va_list ap)
{
	struct client *c = va_arg(ap, struct client *);
	while (!fiber_is_cancelled()) {
		/* One read for one turn of the loop: no client keeps the others waiting. */
		coio_wait(c->fd, COIO_READ, TIMEOUT_INFINITY);
		if (fiber_is_cancelled() || !buffer_reserve(&c->in, READ_SIZE))
			break;
		ssize_t n = read(c->fd, c->in.data + c->in.used, READ_SIZE);
		if (n > 0) {
			c->in.used += n;
			if (!serve(c))
				break;
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			break;
		}
	}
	coio_close(c->fd);
	free(c->in.data);
	free(c->out.data);
	rlist_del(&c->link);
	c->owner->now--;
	fiber_cond_signal(&c->owner->gone);
	free(c);
	return 0;
}

void
client_start(struct clients *clients, int fd)
{
	struct client *c = calloc(1, sizeof(*c));
	if (c != NULL)
		c->fiber = fiber_new("client", client_f);
	if (c == NULL || c->fiber == NULL) {
		say_error("no memory for a client");
		close(fd);
		free(c);
		return;
	}
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->fd = fd;
	c->owner = clients;
	rlist_add_tail(&clients->list, &c->link);
	clients->now++;
	clients->total++;
	fiber_start(c->fiber, c);
}

void
clients_create(struct clients *clients)
{
	rlist_create(&clients->list);
	fiber_cond_create(&clients->gone);
	clients->now = 0;
	clients->total = 0;
}

void
clients_destroy(struct clients *clients)
{
	struct client *c;
	rlist_foreach_entry(c, &clients->list, link)
		fiber_cancel(c->fiber);
	while (clients->now > 0)
		fiber_cond_wait(&clients->gone);
	fiber_cond_destroy(&clients->gone);
}
