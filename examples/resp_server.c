/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key-value server that speaks RESP, the protocol of Redis: one fiber a connection.
 *
 *     resp_server [-b ADDRESS] [-p PORT]
 *
 * Port 0 takes a free one. The first line on stdout says where it listens. SIGTERM or
 * SIGINT ends it: every connection is closed and all memory freed.
 *
 * Commands: PING [text], ECHO text, SET key value, GET key, DEL key..., INCR key, INFO,
 * CONFIG GET parameter, QUIT; as arrays of bulk strings or as plain lines, pipelined or not.
 */
#include "memory.h"
#include "fiber.h"
#include "fiber_cond.h"
#include "coio.h"
#include "cordage/guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <search.h>
#include <signal.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
	READ_SIZE = 16 * 1024,
	/** Replies beyond this are sent before more requests are looked at. */
	FLUSH_SIZE = 64 * 1024,
	ARGS_MAX = 256,
	LINE_MAX_SIZE = 64 * 1024,
	BULK_MAX_SIZE = 64 * 1024 * 1024,
};

/* ------------------------------------------------------------------- Buffers */

struct buffer {
	char *data;
	size_t used;
	size_t size;
};

/** Make room for `more` bytes behind the used ones. */
static bool
buffer_reserve(struct buffer *b, size_t more)
{
	if (b->size - b->used >= more)
		return true;
	size_t size = b->size * 2 > b->used + more ? b->size * 2 : b->used + more;
	char *data = realloc(b->data, size);
	if (data == NULL)
		return false;
	b->data = data;
	b->size = size;
	return true;
}

static bool
buffer_append(struct buffer *b, const void *data, size_t size)
{
	if (!buffer_reserve(b, size))
		return false;
	memcpy(b->data + b->used, data, size);
	b->used += size;
	return true;
}

/* ------------------------------------------------------------------ Key space */

struct slice {
	const char *data;
	size_t size;
};

/** A key and its value in one allocation. */
struct pair {
	struct slice key;
	struct slice value;
	char bytes[];
};

/** A tree of tsearch(3). */
static void *keys;

static int
pair_compare(const void *a, const void *b)
{
	const struct slice *x = &((const struct pair *)a)->key;
	const struct slice *y = &((const struct pair *)b)->key;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->data, y->data, x->size);
}

static struct pair *
find(struct slice key)
{
	struct pair pattern = { .key = key };
	struct pair **found = tfind(&pattern, &keys, pair_compare);
	return found != NULL ? *found : NULL;
}

static bool
delete(struct slice key)
{
	struct pair *pair = find(key);
	if (pair == NULL)
		return false;
	tdelete(pair, &keys, pair_compare);
	free(pair);
	return true;
}

/** Old values go only when there is memory for the new one. */
static bool
set(struct slice key, struct slice value)
{
	struct pair *pair = malloc(sizeof(*pair) + key.size + value.size);
	if (pair == NULL)
		return false;
	memcpy(pair->bytes, key.data, key.size);
	memcpy(pair->bytes + key.size, value.data, value.size);
	pair->key = (struct slice){ pair->bytes, key.size };
	pair->value = (struct slice){ pair->bytes + key.size, value.size };
	struct pair **place = tsearch(pair, &keys, pair_compare);
	if (place == NULL) {
		free(pair);
		return false;
	}
	if (*place != pair) {
		/* The key was there: the new entry takes its place in the tree. */
		free(*place);
		*place = pair;
	}
	return true;
}

/* -------------------------------------------------------------------- Server */

struct client {
	int fd;
	struct buffer in;
	/** Bytes of `in` that belong to requests already answered. */
	size_t done;
	struct buffer out;
	struct fiber *fiber;
	/** In `clients`. */
	struct rlist link;
};

static RLIST_HEAD(clients);
static uint64_t clients_now, clients_total;
/** Signalled when a client is gone. */
static struct fiber_cond client_gone;
static bool stopping;

/* ------------------------------------------------------------------- Replies */

static bool
reply(struct client *c, const char *format, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, format);
	int size = vsnprintf(line, sizeof(line) - 2, format, ap);
	va_end(ap);
	if (size > (int)sizeof(line) - 3)
		size = sizeof(line) - 3;
	memcpy(line + size, "\r\n", 2);
	return buffer_append(&c->out, line, size + 2);
}

static bool
reply_bulk(struct client *c, struct slice s)
{
	return reply(c, "$%zu", s.size) && buffer_append(&c->out, s.data, s.size) &&
	       buffer_append(&c->out, "\r\n", 2);
}

/* ------------------------------------------------------------------ Commands */

static bool
do_ping(struct client *c, struct slice *args, int count)
{
	return count > 1 ? reply_bulk(c, args[1]) : reply(c, "+PONG");
}

static bool
do_echo(struct client *c, struct slice *args, int count)
{
	(void)count;
	return reply_bulk(c, args[1]);
}

static bool
do_set(struct client *c, struct slice *args, int count)
{
	(void)count;
	return set(args[1], args[2]) ? reply(c, "+OK") : reply(c, "-ERR out of memory");
}

static bool
do_get(struct client *c, struct slice *args, int count)
{
	(void)count;
	struct pair *pair = find(args[1]);
	return pair != NULL ? reply_bulk(c, pair->value) : reply(c, "$-1");
}

static bool
do_del(struct client *c, struct slice *args, int count)
{
	int deleted = 0;
	for (int i = 1; i < count; i++)
		deleted += delete(args[i]);
	return reply(c, ":%d", deleted);
}

/** The whole of `s` as a number. */
static bool
parse_number(struct slice s, int64_t *value)
{
	char text[32], *end;
	if (s.size == 0 || s.size >= sizeof(text) || isspace((unsigned char)s.data[0]))
		return false;
	memcpy(text, s.data, s.size);
	text[s.size] = '\0';
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end == text + s.size;
}

static bool
do_incr(struct client *c, struct slice *args, int count)
{
	(void)count;
	int64_t value = 0;
	struct pair *pair = find(args[1]);
	if ((pair != NULL && !parse_number(pair->value, &value)) || value == INT64_MAX)
		return reply(c, "-ERR value is not an integer or out of range");
	char text[32];
	int size = snprintf(text, sizeof(text), "%" PRId64, value + 1);
	if (!set(args[1], (struct slice){ text, size }))
		return reply(c, "-ERR out of memory");
	return reply(c, ":%s", text);
}

static int
count_fiber(struct fiber *f, void *count)
{
	(void)f;
	++*(int *)count;
	return 0;
}

static bool
do_info(struct client *c, struct slice *args, int count)
{
	(void)args;
	(void)count;
	int fibers = 0;
	fiber_stat(count_fiber, &fibers);
	char text[256];
	int size = snprintf(text, sizeof(text),
			    "fibers:%d\r\nconnections:%" PRIu64 "\r\n"
			    "connections_total:%" PRIu64 "\r\nguard_backend:%s\r\n",
			    fibers, clients_now, clients_total, cordage_guard_backend());
	return reply_bulk(c, (struct slice){ text, size });
}

/** redis-benchmark asks about persistence before it starts: there is none. */
static bool
do_config(struct client *c, struct slice *args, int count)
{
	if (count != 3 || args[1].size != 3 || strncasecmp(args[1].data, "get", 3) != 0)
		return reply(c, "-ERR only CONFIG GET parameter is known");
	return reply(c, "*2") && reply_bulk(c, args[2]) &&
	       reply_bulk(c, (struct slice){ "", 0 });
}

static bool
do_quit(struct client *c, struct slice *args, int count)
{
	(void)args;
	(void)count;
	return reply(c, "+OK");
}

static const struct command {
	const char *name;
	bool (*run)(struct client *c, struct slice *args, int count);
	/** Arguments, the name included. */
	int min, max;
} commands[] = {
	{ "ping", do_ping, 1, 2 },     { "echo", do_echo, 2, 2 },
	{ "set", do_set, 3, 3 },       { "get", do_get, 2, 2 },
	{ "del", do_del, 2, ARGS_MAX }, { "incr", do_incr, 2, 2 },
	{ "info", do_info, 1, 2 },     { "quit", do_quit, 1, 1 },
	{ "config", do_config, 2, ARGS_MAX },
};

/** False when the connection must end: the client said QUIT, or there is no memory. */
static bool
execute(struct client *c, struct slice *args, int count)
{
	const struct command *command = commands;
	const struct command *end = commands + lengthof(commands);
	for (; command != end; command++) {
		if (strlen(command->name) == args[0].size &&
		    strncasecmp(command->name, args[0].data, args[0].size) == 0)
			break;
	}
	if (command == end) {
		int size = args[0].size < 128 ? args[0].size : 128;
		return reply(c, "-ERR unknown command '%.*s'", size, args[0].data);
	}
	if (count < command->min || count > command->max)
		return reply(c, "-ERR wrong number of arguments for '%s' command",
			     command->name);
	return command->run(c, args, count) && command->run != do_quit;
}

/* ------------------------------------------------------------------- Requests */

enum parsed { PARSED, INCOMPLETE, MALFORMED };

/** The line at *at, without its end. A bare newline ends it as well. */
static enum parsed
parse_line(struct client *c, size_t *at, struct slice *line)
{
	const char *start = c->in.data + *at;
	size_t left = c->in.used - *at;
	const char *newline = left > 0 ? memchr(start, '\n', left) : NULL;
	if (newline == NULL) {
		if (left < LINE_MAX_SIZE)
			return INCOMPLETE;
		reply(c, "-ERR Protocol error: too big inline request");
		return MALFORMED;
	}
	*at += newline - start + 1;
	line->data = start;
	line->size = newline - start;
	if (line->size > 0 && start[line->size - 1] == '\r')
		line->size--;
	return PARSED;
}

/** "<type><number>" */
static enum parsed
parse_length(struct client *c, size_t *at, char type, int64_t max, int64_t *value)
{
	struct slice line;
	enum parsed result = parse_line(c, at, &line);
	if (result != PARSED)
		return result;
	if (line.size == 0 || line.data[0] != type) {
		char got = line.size > 0 && isprint((unsigned char)line.data[0]) ?
			   line.data[0] : '?';
		reply(c, "-ERR Protocol error: expected '%c', got '%c'", type, got);
		return MALFORMED;
	}
	struct slice number = { line.data + 1, line.size - 1 };
	if (!parse_number(number, value) || *value > max || *value < 0) {
		reply(c, "-ERR Protocol error: invalid %s length",
		      type == '*' ? "multibulk" : "bulk");
		return MALFORMED;
	}
	return PARSED;
}

/**
 * The next request: its arguments, which stay in the input buffer, and where it ends.
 * An empty line is a request without arguments.
 */
static enum parsed
parse(struct client *c, struct slice *args, int *count, size_t *end)
{
	size_t at = c->done;
	*count = 0;
	if (c->in.used == at)
		return INCOMPLETE;
	enum parsed result;
	if (c->in.data[at] != '*') {
		struct slice line;
		result = parse_line(c, &at, &line);
		for (size_t i = 0; result == PARSED && i < line.size && *count < ARGS_MAX;) {
			size_t start = i;
			while (i < line.size && line.data[i] != ' ')
				i++;
			if (i > start)
				args[(*count)++] = (struct slice){ line.data + start, i - start };
			i++;
		}
		*end = at;
		return result;
	}
	int64_t n;
	result = parse_length(c, &at, '*', ARGS_MAX, &n);
	while (result == PARSED && *count < n) {
		int64_t bulk;
		result = parse_length(c, &at, '$', BULK_MAX_SIZE, &bulk);
		if (result != PARSED)
			break;
		if (c->in.used - at < (size_t)bulk + 2)
			return INCOMPLETE;
		args[(*count)++] = (struct slice){ c->in.data + at, bulk };
		if (memcmp(c->in.data + at + bulk, "\r\n", 2) != 0) {
			reply(c, "-ERR Protocol error: bulk string without its end");
			return MALFORMED;
		}
		at += bulk + 2;
	}
	*end = at;
	return result;
}

/* ---------------------------------------------------------------- Connections */

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
	size_t end;
	while (goes_on && (result = parse(c, args, &count, &end)) == PARSED) {
		goes_on = count == 0 || execute(c, args, count);
		c->done = end;
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
	free(c);
	clients_now--;
	fiber_cond_signal(&client_gone);
	return 0;
}

static void
client_start(int fd)
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
	rlist_add_tail(&clients, &c->link);
	clients_now++;
	clients_total++;
	fiber_start(c->fiber, c);
}

static int
accept_f(va_list ap)
{
	int listener = va_arg(ap, int);
	while (!fiber_is_cancelled()) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			client_start(fd);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			coio_wait(listener, COIO_READ, TIMEOUT_INFINITY);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			/* Out of descriptors, most likely: others must close some first. */
			say_syserror("accept");
			fiber_sleep(0.1);
		}
	}
	coio_close(listener);
	return 0;
}

/* ---------------------------------------------------------------- Life and end */

/** A socket that listens, with its port; -1 after an error message. */
static int
listen_on(const char *address, int *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(*port) };
	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1) {
		say_error("not an IPv4 address: %s", address);
		return -1;
	}
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		say_syserror("socket");
		return -1;
	}
	int on = 1;
	socklen_t size = sizeof(sin);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&sin, size) != 0 || listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &size) != 0) {
		say_syserror("%s:%d", address, *port);
		close(fd);
		return -1;
	}
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
on_signal(struct ev_loop *loop, struct ev_signal *watcher, int revents)
{
	(void)loop;
	(void)revents;
	stopping = true;
	fiber_wakeup(watcher->data);
}

static int
main_f(va_list ap)
{
	int listener = va_arg(ap, int);
	struct ev_signal on_term, on_int;
	ev_signal_init(&on_term, on_signal, SIGTERM);
	ev_signal_init(&on_int, on_signal, SIGINT);
	on_term.data = on_int.data = fiber();
	ev_signal_start(loop(), &on_term);
	ev_signal_start(loop(), &on_int);
	fiber_cond_create(&client_gone);

	struct fiber *acceptor = fiber_new("accept", accept_f);
	if (acceptor == NULL) {
		diag_log();
		close(listener);
	} else {
		fiber_set_joinable(acceptor, true);
		fiber_start(acceptor, listener);
		while (!stopping)
			fiber_yield();
		fiber_cancel(acceptor);
		fiber_join(acceptor);
	}
	struct client *c;
	rlist_foreach_entry(c, &clients, link)
		fiber_cancel(c->fiber);
	while (clients_now > 0)
		fiber_cond_wait(&client_gone);

	fiber_cond_destroy(&client_gone);
	ev_signal_stop(loop(), &on_term);
	ev_signal_stop(loop(), &on_int);
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

/** As many connections as the system lets us have. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	const char *address = "127.0.0.1";
	int port = 6379;
	int option;
	while ((option = getopt(argc, argv, "b:p:")) != -1) {
		int64_t number;
		if (option == 'b') {
			address = optarg;
		} else if (option == 'p' &&
			   parse_number((struct slice){ optarg, strlen(optarg) }, &number) &&
			   number >= 0 && number <= UINT16_MAX) {
			port = number;
		} else {
			fprintf(stderr, "usage: %s [-b ADDRESS] [-p PORT]\n", argv[0]);
			return 2;
		}
	}
	raise_descriptor_limit();
	memory_init();
	fiber_init(fiber_c_invoke);
	int listener = listen_on(address, &port);
	if (listener < 0)
		return 1;
	printf("listening on %s:%d\n", address, port);
	fflush(stdout);

	struct fiber *f = fiber_new("main", main_f);
	if (f == NULL) {
		diag_log();
		return 1;
	}
	fiber_start(f, listener);
	ev_run(loop(), 0);
	fiber_free();
	memory_free();
	tdestroy(keys, free);
	return 0;
}
