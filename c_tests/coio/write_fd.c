/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * coio_write_fd_timeout: all of it, or an error (spec ipc.md 7, 18).
 */
#include "../main_fiber.h"
#include "coio.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

enum { SIZE = 4 * 1024 * 1024 };

static char *data;

static int
read_all_f(va_list ap)
{
	int fd = va_arg(ap, int);
	char *copy = malloc(SIZE);
	size_t done = 0;
	while (done < SIZE) {
		/* In pieces that end anywhere. */
		ssize_t n = read(fd, copy + done, 10007 < SIZE - done ? 10007 : SIZE - done);
		if (n <= 0) {
			if (n == 0 || errno != EAGAIN)
				break;
			coio_wait(fd, COIO_READ, TIMEOUT_INFINITY);
			continue;
		}
		done += n;
	}
	int result = done == SIZE && memcmp(copy, data, SIZE) == 0 ? 0 : -1;
	free(copy);
	return result;
}

static int
write_all_f(va_list ap)
{
	int fd = va_arg(ap, int);
	return coio_write_fd_timeout(fd, data, SIZE, 100);
}

static struct fiber *
start(const char *name, fiber_func f, int fd)
{
	struct fiber *fiber = fiber_new(name, f);
	fiber_set_joinable(fiber, true);
	fiber_start(fiber, fd);
	return fiber;
}

static void
pair(int *ends)
{
	fail_if(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0);
}

static void
fill(int fd)
{
	while (write(fd, data, 4096) > 0)
		;
}

static bool
last_error_starts(const char *type, const char *text)
{
	struct error *e = diag_last_error(diag_get());
	return e != NULL && strcmp(e->type->name, type) == 0 &&
	       strncmp(e->errmsg, text, strlen(text)) == 0;
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(16);
	data = malloc(SIZE);
	for (int i = 0; i < SIZE; i++)
		data[i] = i * 7 + i / 256;
	int ends[2];
	pair(ends);
	struct fiber *reader = start("reads", read_all_f, ends[1]);
	is(coio_write_fd_timeout(ends[0], data, SIZE, 100), 0, "more than a socket takes at once");
	is(fiber_join(reader), 0, "arrives");
	int csw = fiber()->csw;
	is(coio_write_fd_timeout(ends[0], "", 0, 0), 0, "nothing is written");
	is(coio_write_fd_timeout(ends[0], "x", 1, 0), 0, "so is what does not have to wait");
	is(fiber()->csw, csw, "without a yield");

	fill(ends[0]);
	double start_time = fiber_clock();
	is(coio_write_fd_timeout(ends[0], data, SIZE, 0.02), -1, "nobody reads");
	ok(last_error_is("TimedOut", "timed out") && fiber_clock() - start_time >= 0.02,
	   "for a time");
	is(coio_write_fd_timeout(ends[0], data, SIZE, 0), -1, "or for no time");

	struct fiber *writer = start("writes", write_all_f, ends[0]);
	fiber_cancel(writer);
	is(fiber_join(writer), -1, "a cancel ends it");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "with an error");
	writer = fiber_new("writes", write_all_f);
	fiber_set_joinable(writer, true);
	fiber_cancel(writer);
	fiber_start(writer, ends[0]);
	ok(fiber_is_dead(writer) && fiber_join(writer) == -1 &&
	   last_error_is("FiberIsCancelled", "fiber is cancelled"),
	   "a fiber that is cancelled already does not wait");

	signal(SIGPIPE, SIG_IGN);
	writer = start("writes", write_all_f, ends[0]);
	fiber_wakeup(writer);
	fiber_sleep(0);
	ok(!fiber_is_dead(writer), "a wake-up does not end it");
	close(ends[1]);
	is(fiber_join(writer), -1, "the end of the reader does");
	ok(last_error_starts("SocketError", "write, called on fd "), "with what was called");
	is(errno, EPIPE, "and why");
	close(ends[0]);
	ok(coio_write_fd_timeout(-1, "x", 1, 0) == -1 &&
	   last_error_is("SocketError", "write, called on fd -1"), "no descriptor");
	free(data);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
