/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for descriptors and closing them under those who wait (spec ipc.md 7).
 */
#include <fcntl.h>
#include <sys/socket.h>

#include "main_fiber.h"
#include "child.h"
#include "coio.h"

/** One wait, and what came of it. */
struct wait {
	int fd, events;
	double timeout;
	int result;
	double seconds;
	struct fiber *fiber;
};

static int
wait_f(va_list ap)
{
	struct wait *w = va_arg(ap, struct wait *);
	double start = fiber_clock();
	w->result = coio_wait(w->fd, w->events, w->timeout);
	w->seconds = fiber_clock() - start;
	return diag_is_empty(diag_get()) ? 0 : -1;
}

static void
start(struct wait *w, int fd, int events, double timeout)
{
	*w = (struct wait) { fd, events, timeout, -1, 0, fiber_new("waits", wait_f) };
	fiber_set_joinable(w->fiber, true);
	fiber_start(w->fiber, w);
}

/** Waits for its end; what it returned, unless it set an error. */
static int
finish(struct wait *w)
{
	return fiber_join(w->fiber) == 0 ? w->result : -1;
}

static void
fill(int fd)
{
	char bytes[4096] = "";
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
}

static void
drain(int fd)
{
	char bytes[4096];
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

static void
test_events(void)
{
	header();
	plan(12);
	is((int)COIO_READ, (int)EV_READ, "the events are libev's");
	is((int)COIO_WRITE, (int)EV_WRITE, "both");
	int ends[2];
	fail_if(pipe(ends) != 0);
	struct wait w;
	start(&w, ends[0], COIO_READ, 100);
	ok(!fiber_is_dead(w.fiber), "an empty pipe is not readable");
	fail_if(write(ends[1], "x", 1) != 1);
	is(finish(&w), COIO_READ, "one with something in it is");
	is(coio_wait(ends[1], COIO_WRITE, 100), COIO_WRITE, "one with room is writable");
	fill(ends[1]);
	is(coio_wait(ends[1], COIO_WRITE, 0), 0, "a full one is not");
	drain(ends[0]);
	close(ends[1]);
	is(coio_wait(ends[0], COIO_READ, 100), COIO_READ, "the end is readable");
	close(ends[0]);

	fail_if(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0);
	is(coio_wait(ends[0], COIO_READ | COIO_WRITE, 100), COIO_WRITE,
	   "of two events, the one that is there");
	fail_if(write(ends[1], "x", 1) != 1);
	is(coio_wait(ends[0], COIO_READ | COIO_WRITE, 100), COIO_READ | COIO_WRITE,
	   "or both");
	is(coio_wait(ends[0], COIO_READ, 100), COIO_READ, "nobody hears of what he did not ask");
	start(&w, ends[0], 0, 0.01);
	ok(finish(&w) == 0 && w.seconds >= 0.01, "for no event there is only the timeout");
	close(ends[0]);
	close(ends[1]);

	int fd = open("/proc/self/exe", O_RDONLY);
	is(coio_wait(fd, COIO_READ, 100), COIO_READ, "a file is always ready");
	close(fd);
	check_plan();
	footer();
}

static int iterations;

static void
count_iteration(ev_loop *loop, ev_prepare *prepare, int events)
{
	(void)loop;
	(void)prepare;
	(void)events;
	iterations++;
}

static void
test_ends(void)
{
	header();
	plan(11);
	int ends[2];
	fail_if(pipe(ends) != 0);
	struct wait w;
	start(&w, ends[0], COIO_READ, 0.02);
	ok(finish(&w) == 0 && w.seconds >= 0.02, "a timeout");
	start(&w, ends[0], COIO_READ, 100);
	fiber_wakeup(w.fiber);
	is(finish(&w), 0, "any wakeup");
	start(&w, ends[0], COIO_READ, 100);
	fiber_cancel(w.fiber);
	is(finish(&w), 0, "a cancel");
	start(&w, ends[0], COIO_READ, -1);
	is(finish(&w), 0, "a negative timeout");

	/* Nothing is left that could report to a fiber that is gone. */
	fail_if(write(ends[1], "x", 1) != 1);
	fiber_sleep(0.001);
	ok(rlist_empty(&cord()->ready), "a wait that ended hears of no event");

	ev_prepare prepare;
	ev_prepare_init(&prepare, count_iteration);
	ev_prepare_start(loop(), &prepare);
	iterations = 0;
	is(coio_wait(ends[0], COIO_READ, 0), COIO_READ, "a timeout of 0 is a poll");
	is(iterations, 1, "it takes a turn of the loop");
	int results = 0;
	for (int i = 0; i < 1000; i++)
		results += coio_wait(ends[0], COIO_READ, 0) == COIO_READ;
	is(results, 1000, "and never takes the timeout for the answer");

	struct fiber *self = fiber();
	bool cancellable = fiber_set_cancellable(false);
	fiber_cancel(self);
	int csw = self->csw;
	is(coio_wait(ends[0], COIO_READ, 100), 0, "in a cancelled fiber");
	is(self->csw, csw, "it does not even yield");
	self->flags &= ~FIBER_IS_CANCELLED;
	fiber_set_cancellable(cancellable);
	ev_prepare_stop(loop(), &prepare);
	close(ends[0]);
	close(ends[1]);
	ok(diag_is_empty(diag_get()), "none of these is an error");
	check_plan();
	footer();
}

static void
test_several(void)
{
	header();
	plan(5);
	int ends[2];
	fail_if(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0);
	struct wait readers[3], both, writer;
	for (int i = 0; i < 3; i++)
		start(&readers[i], ends[0], COIO_READ, 100);
	fill(ends[0]);
	start(&writer, ends[0], COIO_WRITE, 100);
	start(&both, ends[0], COIO_READ | COIO_WRITE, 100);
	fiber_cancel(readers[1].fiber);
	is(finish(&readers[1]), 0, "one of several on a descriptor may leave");
	fail_if(write(ends[1], "x", 1) != 1);
	ok(finish(&readers[0]) == COIO_READ && finish(&readers[2]) == COIO_READ,
	   "the others all get their event");
	is(finish(&both), COIO_READ, "also one that waits for more");
	ok(!fiber_is_dead(writer.fiber), "the writer waits on");
	drain(ends[1]);
	is(finish(&writer), COIO_WRITE, "for his");
	close(ends[0]);
	close(ends[1]);
	check_plan();
	footer();
}

static void
test_close(void)
{
	header();
	plan(10);
	int ends[2], others[2];
	fail_if(pipe(ends) != 0 || pipe(others) != 0);
	struct wait a, b, other;
	start(&a, ends[0], COIO_READ, 100);
	start(&b, ends[0], COIO_READ | COIO_WRITE, 100);
	start(&other, others[0], COIO_READ, 100);
	int csw = fiber()->csw;
	is(coio_close(ends[0]), 0, "a descriptor is closed");
	ok(fcntl(ends[0], F_GETFD) == -1 && errno == EBADF && fiber()->csw == csw,
	   "at once");
	ok(finish(&a) == 0 && finish(&b) == 0, "all who waited for it get nothing");
	ok(!fiber_is_dead(other.fiber), "those who wait for others wait on");
	fail_if(write(others[1], "x", 1) != 1);
	is(finish(&other), COIO_READ, "and get what they wait for");

	/* The number is used again: the new descriptor is not taken for the old one. */
	int again[2];
	fail_if(pipe(again) != 0);
	is(again[0], ends[0], "the same number, another pipe");
	start(&a, again[0], COIO_READ, 0.01);
	is(finish(&a), 0, "has nothing to read yet");
	fail_if(write(again[1], "x", 1) != 1);
	is(coio_wait(again[0], COIO_READ, 100), COIO_READ, "and then it has");

	errno = 0;
	ok(coio_close(-1) == -1 && errno == EBADF, "no descriptor to close");
	errno = 0;
	ok(coio_close(1000) == -1 && errno == EBADF, "or one that is not open");
	close(again[0]);
	close(again[1]);
	close(ends[1]);
	close(others[0]);
	close(others[1]);
	check_plan();
	footer();
}

static int
wait_for_closed_f(va_list ap)
{
	(void)ap;
	int fd = dup(STDIN_FILENO);
	close(fd);
	return coio_wait(fd, COIO_READ, 10);
}

static int
wait_for_closed(const void *arg)
{
	(void)arg;
	return run_main_fiber(wait_for_closed_f, fiber_c_invoke);
}

/** A pair of fibers that pass a counter to each other, many at a time. */
static int
echo_f(va_list ap)
{
	int fd = va_arg(ap, int);
	int rounds = va_arg(ap, int);
	int number = va_arg(ap, int);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < rounds; i++) {
		if (number != -1 && write(fd, &number, sizeof(number)) != sizeof(number))
			return -1;
		while (coio_wait(fd, COIO_READ, 100) == 0)
			;
		if (read(fd, &number, sizeof(number)) != sizeof(number))
			return -1;
		number++;
	}
	return number;
}

static void
test_traffic(void)
{
	header();
	plan(1);
	enum { PAIRS = 20, ROUNDS = 100 };
	struct fiber *fibers[2 * PAIRS];
	int ends[2 * PAIRS], right = 0;
	for (int i = 0; i < PAIRS; i++) {
		fail_if(socketpair(AF_UNIX, SOCK_STREAM, 0, &ends[2 * i]) != 0);
		for (int j = 0; j < 2; j++) {
			fibers[2 * i + j] = fiber_new("echo", echo_f);
			fiber_set_joinable(fibers[2 * i + j], true);
			fiber_start(fibers[2 * i + j], ends[2 * i + j], ROUNDS, j == 0 ? 0 : -1);
		}
	}
	for (int i = 0; i < PAIRS; i++) {
		fiber_join(fibers[2 * i + 1]);
		int last = fibers[2 * i + 1]->f_ret;
		/* The first one's last answer is the number it waits for. */
		fail_if(write(ends[2 * i + 1], &last, sizeof(last)) != sizeof(last));
		right += fiber_join(fibers[2 * i]) == 2 * ROUNDS;
		diag_clear(diag_get());
		coio_close(ends[2 * i]);
		coio_close(ends[2 * i + 1]);
	}
	is(right, PAIRS, "many pairs of fibers talk to each other");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	test_events();
	test_ends();
	test_several();
	test_close();
	test_traffic();
	footer();
	return check_plan();
}

int
main(void)
{
	plan(2);
	is(run_in_child(wait_for_closed, NULL), COIO_READ | COIO_WRITE,
	   "waiting for a descriptor that is not open is over at once");
	run_main_fiber(main_f, fiber_c_invoke);
	return check_plan();
}
