/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key-value server that speaks RESP, the protocol of Redis: one fiber a connection.
 *
 *     resp_server [-b ADDRESS] [-p PORT] [-w WORKERS]
 *
 * Port 0 takes a free one. The first line on stdout says where it listens. With WORKERS, the
 * main cord accepts connections and that many cords serve them. SIGTERM or SIGINT ends
 * it: every connection is closed and all memory freed.
 *
 * Requests are arrays of bulk strings or plain lines, pipelined or not; resp/command.h says which.
 */
#include "memory.h"
#include "fiber.h"
#include "coio.h"

#include "resp/buffer.h"
#include "resp/store.h"
#include "resp/worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

static bool stopping;

static int
accept_f(va_list ap)
{
	int listener = va_arg(ap, int);
	while (!fiber_is_cancelled()) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			workers_serve(fd);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			coio_wait(listener, COIO_READ, TIMEOUT_INFINITY);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			/* Out of descriptors, most likely: others must close some first. */
			say_syserror("accept");
			fiber_sleep(0.1);
		}
	}
	return 0;
}

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

/** Serve until a signal. */
static bool
run(int listener)
{
	struct fiber *acceptor = fiber_new("accept", accept_f);
	if (acceptor == NULL)
		return false;
	fiber_set_joinable(acceptor, true);
	fiber_start(acceptor, listener);
	while (!stopping)
		fiber_yield();
	fiber_cancel(acceptor);
	fiber_join(acceptor);
	return true;
}

static int
main_f(va_list ap)
{
	int listener = va_arg(ap, int);
	int workers = va_arg(ap, int);
	int *status = va_arg(ap, int *);
	struct ev_signal on_term, on_int;
	ev_signal_init(&on_term, on_signal, SIGTERM);
	ev_signal_init(&on_int, on_signal, SIGINT);
	on_term.data = on_int.data = fiber();
	ev_signal_start(loop(), &on_term);
	ev_signal_start(loop(), &on_int);

	bool started = workers_start(workers);
	if (!started || !run(listener)) {
		diag_log();
		*status = 1;
	}
	coio_close(listener);
	if (started)
		workers_stop();
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

/** A number on the command line. */
static bool
parse_option(const char *text, int64_t max, int *value)
{
	int64_t number;
	if (!slice_number((struct slice){ text, strlen(text) }, &number) || number < 0 ||
	    number > max)
		return false;
	*value = number;
	return true;
}

int
main(int argc, char **argv)
{
	const char *address = "127.0.0.1";
	int port = 6379, workers = 0;
	int option;
	while ((option = getopt(argc, argv, "b:p:w:")) != -1) {
		if (option == 'b') {
			address = optarg;
		} else if (!(option == 'p' && parse_option(optarg, UINT16_MAX, &port)) &&
			   !(option == 'w' && parse_option(optarg, WORKERS_MAX, &workers))) {
			fprintf(stderr, "usage: %s [-b ADDRESS] [-p PORT] [-w WORKERS (at most %d)]\n",
				argv[0], WORKERS_MAX);
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
	int status = 0;
	fiber_start(f, listener, workers, &status);
	ev_run(loop(), 0);
	fiber_free();
	memory_free();
	store_free();
	return status;
}
