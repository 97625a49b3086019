/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flushing, pairing and unpairing (spec ipc.md 5.9): what has been delivered when they
 * return, where callbacks run, and who processes meanwhile.
 */
#include "bus.h"

static struct server server;
static struct cbus_endpoint home;

/* How many messages arrived there and here. Written by one cord each. */
static int there, here;

static void
there_f(struct cmsg *msg)
{
	(void)msg;
	there++;
}

static void
here_f(struct cmsg *msg)
{
	(void)msg;
	here++;
}

static const struct cmsg_hop there_route[] = { { there_f, NULL } };
static const struct cmsg_hop here_route[] = { { here_f, NULL } };

static struct cmsg messages[300];

static void
push(struct cpipe *pipe, const struct cmsg_hop *route, int first, int count)
{
	for (int i = first; i < first + count; i++) {
		cmsg_init(&messages[i], route);
		cpipe_push(pipe, &messages[i]);
	}
}

static void
test_flush(void (*process)(struct cbus_endpoint *))
{
	header();
	plan(3);
	there = 0;
	push(&server.pipe, there_route, 0, 100);
	cbus_flush(&server.pipe, &server.back, process);
	is(there, 100, "a flush waits for all that was pushed");
	cbus_flush(&server.pipe, &server.back, process);
	is(there, 100, "also for nothing");
	int right = 0;
	for (int i = 0; i < 100; i++) {
		push(&server.pipe, there_route, 0, i);
		there = 0;
		cbus_flush(&server.pipe, &server.back, process);
		right += there == i;
	}
	is(right, 100, "many times");
	footer();
	check_plan();
}

static int
flush_f(va_list ap)
{
	(void)ap;
	push(&server.pipe, there_route, 0, 10);
	cbus_flush(&server.pipe, &server.back, NULL);
	return there;
}

static void
sleep_there_f(struct cmsg *msg)
{
	(void)msg;
	usleep(20000);
}

static void
test_cancel(void)
{
	header();
	plan(3);
	static const struct cmsg_hop sleep_route[] = { { sleep_there_f, NULL } };
	static struct cmsg sleep_msg;
	there = 0;
	cmsg_init(&sleep_msg, sleep_route);
	cpipe_push(&server.pipe, &sleep_msg);
	struct fiber *f = fiber_new("flusher", flush_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	for (int i = 0; i < 5; i++) {
		fiber_cancel(f);
		fiber_wakeup(f);
		fiber_sleep(0);
	}
	ok(!fiber_is_dead(f), "a flush is not ended by a cancel");
	is(fiber_join(f), 10, "but by the messages");
	ok(diag_is_empty(diag_get()), "without an error");
	footer();
	check_plan();
}

/* {{{ Pairs */

static struct cpipe dest_pipe, src_pipe;
static bool in_the_other_cord;
static int callbacks;

static void
on_pair(void *arg)
{
	in_the_other_cord = cord() == &server.cord;
	callbacks += *(int *)arg;
	push(&src_pipe, here_route, 100, 50);
}

static void
on_unpair(void *arg)
{
	on_pair(arg);
	push(&src_pipe, here_route, 150, 50);
}

static void
test_pair(void (*process)(struct cbus_endpoint *))
{
	header();
	plan(8);
	int one = 1, two = 2;
	there = here = callbacks = 0;
	cbus_pair("server", "home", &dest_pipe, &src_pipe, on_pair, &one, process);
	ok(callbacks == 1 && in_the_other_cord, "a pair calls back in the other cord");
	ok(dest_pipe.endpoint == &server.endpoint && dest_pipe.producer == loop(),
	   "it makes a pipe to there");
	ok(src_pipe.endpoint == &home && src_pipe.producer == server.cord.loop,
	   "and one from there");
	is(here, 50, "what the callback has sent is here");
	push(&dest_pipe, there_route, 0, 100);
	cbus_flush(&dest_pipe, &src_pipe, process);
	is(there, 100, "both work");
	push(&dest_pipe, there_route, 0, 100);
	cbus_unpair(&dest_pipe, &src_pipe, on_unpair, &two, process);
	ok(callbacks == 3 && in_the_other_cord, "an unpair calls back there, too");
	memset(&dest_pipe, 0xee, sizeof(dest_pipe));
	memset(&src_pipe, 0xee, sizeof(src_pipe));
	is(there, 200, "what we have sent is there");
	is(here, 150, "what the other side has sent is here");
	footer();
	check_plan();
}

static void
test_many(void)
{
	header();
	plan(3);
	enum { ROUNDS = 500 };
	there = 0;
	for (int i = 0; i < ROUNDS; i++) {
		cbus_pair("server", "home", &dest_pipe, &src_pipe, NULL, NULL, cbus_process);
		push(&dest_pipe, there_route, 0, 1);
		cbus_unpair(&dest_pipe, &src_pipe, NULL, NULL, cbus_process);
		memset(&dest_pipe, 0xee, sizeof(dest_pipe));
		memset(&src_pipe, 0xee, sizeof(src_pipe));
	}
	is(there, ROUNDS, "paired and unpaired again and again");
	cbus_flush(&server.pipe, &server.back, cbus_process);
	is(server.endpoint.n_pipes, 1, "no pipe is left there");
	is(home.n_pipes, 1, "nor here");
	footer();
	check_plan();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(6);
	create_endpoint(&home, "home");
	start_server(&server, "server", "home");
	test_flush(cbus_process);
	test_pair(cbus_process);
	test_many();
	stop_server(&server);
	cbus_endpoint_destroy(&home, cbus_process);

	/* The same while another fiber processes. */
	struct fiber *f = start_loop_fiber(&home, "home");
	start_server(&server, "server", "home");
	test_flush(NULL);
	test_pair(NULL);
	test_cancel();
	stop_server(&server);
	stop_loop_fiber(f, &home);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}
