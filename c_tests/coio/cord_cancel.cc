/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that are cancelled in the middle of cooperative I/O: their stacks are unwound, and the
 * cord can be joined.
 */
#include "sockets.h"

/** What a cord does until it is cancelled, in a fiber. */
struct victim {
	std::function<void()> act;
	struct gate started, cancelled;
	bool unwound;
};

/** The destructor runs when the fiber's stack is unwound. */
struct Mark {
	bool *place;

	~Mark()
	{
		*place = true;
	}
};

static int
victim_f(va_list ap)
{
	struct victim *victim = va_arg(ap, struct victim *);
	Mark mark = { &victim->unwound };
	coio_enable();
	victim->act();
	return 0;
}

static void
cancel_while(const char *what, struct victim *victim)
{
	struct cord cord;
	fail_if(cord_costart(&cord, "victim", victim_f, victim) != 0);
	gate_await(&victim->started, 1);
	fail_if(pthread_cancel(cord.id) != 0);
	gate_open(&victim->cancelled);
	is(cord_join(&cord), 0, "%s", what);
	diag_clear(diag_get());
}

static struct gate worker_gate = GATE_INITIALIZER;

static ssize_t
pass_gate_f(va_list ap)
{
	struct victim *victim = va_arg(ap, struct victim *);
	gate_pass(&victim->started);
	gate_pass(&worker_gate);
	return 0;
}

static struct victim *
new_victim()
{
	struct victim *victim = new struct victim();
	victim->started = GATE_INITIALIZER;
	victim->cancelled = GATE_INITIALIZER;
	gate_open(&victim->started);
	return victim;
}

/** Lets the other thread cancel this one, without being at a point where that happens. */
static void
be_cancelled(struct victim *victim)
{
	int state;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	gate_pass(&victim->started);
	gate_pass(&victim->cancelled);
	pthread_setcancelstate(state, NULL);
}

static int
test()
{
	plan(15);
	int ends[2];
	char text[8];
	fail_if(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0);

	/* The thread is in its event loop then; the fiber's stack is just left. */
	struct victim *victim = new_victim();
	victim->act = [=] { coio_call(pass_gate_f, victim); };
	cancel_while("while a worker works for it", victim);
	ok(!victim->unwound, "the fiber that waits is not unwound");
	is(eio_nreqs(), 1, "the worker goes on");
	gate_open(&worker_gate);
	ok(eventually(eio_nreqs() == 0), "to the end");
	delete victim;

	victim = new_victim();
	victim->act = [=] {
		struct ev_io coio;
		char byte;
		coio_create(&coio, ends[0]);
		gate_pass(&victim->started);
		coio_read(&coio, &byte, 1);
	};
	cancel_while("while it waits for a socket", victim);
	ok(!victim->unwound, "that fiber is not unwound either");
	delete victim;

	/* In a system call, on the fiber's stack. */
	victim = new_victim();
	victim->act = [=] {
		struct ev_io coio;
		char byte;
		coio_create(&coio, ends[0]);
		be_cancelled(victim);
		coio_read(&coio, &byte, 1);
	};
	cancel_while("when it starts to read", victim);
	ok(victim->unwound, "the fiber's stack is unwound");
	delete victim;

	victim = new_victim();
	victim->act = [=] {
		be_cancelled(victim);
		coio_write_fd_timeout(ends[0], "x", 1, 100);
	};
	cancel_while("when it starts to write", victim);
	ok(victim->unwound, "the fiber's stack is unwound");
	delete victim;

	victim = new_victim();
	victim->act = [=] {
		char byte;
		gate_pass(&victim->started);
		sio_readn(ends[1], &byte, 1);
	};
	cancel_while("while it blocks", victim);
	ok(victim->unwound, "the fiber's stack is unwound");
	delete victim;

	victim = new_victim();
	victim->act = [=] {
		struct ev_io coio;
		be_cancelled(victim);
		coio_create(&coio, dup(ends[0]));
		coio_close(loop(), &coio);
	};
	cancel_while("when it closes a socket", victim);
	ok(victim->unwound, "the fiber's stack is unwound");
	delete victim;
	is(read(ends[1], text, sizeof(text)), -1, "nothing was written");
	close(ends[0]);
	close(ends[1]);
	return check_plan();
}

int
main()
{
	return run_coio_with(test, fiber_cxx_invoke);
}
