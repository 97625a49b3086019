/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a pipe collects and when it hands it over (spec ipc.md 5.3, 5.6, 5.7). Producer and
 * consumer are one cord, so that nothing happens by chance.
 */
#include "bus.h"

static struct cbus_endpoint endpoint;
static struct cpipe pipe_a, pipe_b;

struct letter {
	struct cmsg msg;
	char name;
};

static void
read_f(struct cmsg *msg)
{
	char text[] = { ((struct letter *)msg)->name, '\0' };
	record(text);
}

static const struct cmsg_hop read_route[] = { { read_f, NULL } };

static struct cmsg *
letter(char name)
{
	static struct letter letters[128];
	struct letter *l = &letters[(int)name];
	l->name = name;
	cmsg_init(&l->msg, read_route);
	return &l->msg;
}

/** Whether these are delivered now. */
static bool
arrives(const char *expected)
{
	cbus_process(&endpoint);
	return journal_is(expected);
}

static int flushes, destroyed;

static void
count_flush(struct trigger *trigger, void *event)
{
	flushes += event == trigger->data;
}

static void
count_destroy(struct trigger *trigger)
{
	(void)trigger;
	destroyed++;
}

static void
push_more(struct trigger *trigger, void *event)
{
	cpipe_push_input((struct cpipe *)event, (struct cmsg *)trigger->data);
}

/* A turn of the loop. */
static void
turn(void)
{
	fiber_sleep(0);
}

static void
test_create(void)
{
	header();
	plan(8);
	ok(stailq_empty(&pipe_a.input) && pipe_a.n_input == 0, "a new pipe is empty");
	is(pipe_a.max_input, INT_MAX, "and collects without limit");
	ok(pipe_a.producer == loop() && pipe_a.endpoint == &endpoint, "it knows its ends");
	ok(rlist_empty(&pipe_a.on_flush), "and has no triggers");
	ok(!ev_is_active(&pipe_a.flush_input), "its event is not started");
	is(endpoint.n_pipes, 2, "the endpoint counts its pipes");
	ok(strcmp(cbus_stat_strings[CBUS_STAT_EVENTS], "EVENTS") == 0 &&
	   strcmp(cbus_stat_strings[CBUS_STAT_LOCKS], "LOCKS") == 0, "names of statistics");
	struct cmsg message;
	ok(cmsg(&message) == &message, "a cast");
	footer();
	check_plan();
}

static void
test_flush_time(void)
{
	header();
	plan(13);
	cpipe_push(&pipe_a, letter('a'));
	cpipe_push(&pipe_a, letter('b'));
	ok(arrives("") && pipe_a.n_input == 2, "what is pushed stays in the pipe");
	turn();
	ok(pipe_a.n_input == 0 && arrives("ab"), "until the end of the loop's turn");
	is(flushes, 1, "then all is handed over at once");
	cpipe_push_input(&pipe_a, letter('c'));
	turn();
	ok(arrives(""), "push_input alone arranges nothing");
	cpipe_flush_input(&pipe_a);
	cpipe_flush_input(&pipe_a);
	ok(arrives(""), "nor does flush_input flush at once");
	turn();
	ok(arrives("c"), "but in this turn");
	is(flushes, 2, "and only once");
	cpipe_flush_input(&pipe_a);
	turn();
	is(flushes, 2, "nothing is not flushed");

	cpipe_set_max_input(&pipe_a, 3);
	cpipe_push_input(&pipe_a, letter('d'));
	cpipe_push_input(&pipe_a, letter('e'));
	ok(arrives(""), "two of three");
	cpipe_push_input(&pipe_a, letter('f'));
	ok(pipe_a.n_input == 0 && arrives("def"), "the third is flushed at once");
	/* The weight of a message is the program's business. */
	cpipe_push_input(&pipe_a, letter('g'));
	pipe_a.n_input += 5;
	cpipe_flush_input(&pipe_a);
	ok(pipe_a.n_input == 0 && arrives("g"), "so is what weighs too much");
	cpipe_set_max_input(&pipe_a, INT_MAX);
	cpipe_push(&pipe_a, letter('h'));
	ev_invoke(loop(), &pipe_a.flush_input, EV_CUSTOM);
	ok(arrives("h"), "the event may be invoked");
	flushes = 0;
	turn();
	is(flushes, 0, "and then has nothing to do");
	footer();
	check_plan();
}

static void
test_order(void)
{
	header();
	plan(5);
	cpipe_push_input(&pipe_a, letter('a'));
	cpipe_push_input(&pipe_b, letter('x'));
	cpipe_push_input(&pipe_a, letter('b'));
	cpipe_push_input(&pipe_b, letter('y'));
	ev_invoke(loop(), &pipe_b.flush_input, EV_CUSTOM);
	ev_invoke(loop(), &pipe_a.flush_input, EV_CUSTOM);
	ok(arrives("xyab"), "pipes come in the order of their flushes");

	struct stailq output;
	stailq_create(&output);
	cpipe_push(&pipe_a, letter('c'));
	cpipe_push(&pipe_a, letter('d'));
	turn();
	cbus_endpoint_fetch(&endpoint, &output);
	cpipe_push(&pipe_a, letter('e'));
	turn();
	ok(arrives("e"), "what was fetched is not processed");
	cbus_endpoint_fetch(&endpoint, &output);
	ok(journal_is("") && stailq_first_entry(&output, struct cmsg, fifo) == letter('c'),
	   "fetching nothing adds nothing");
	cmsg_deliver(stailq_shift_entry(&output, struct cmsg, fifo));
	cmsg_deliver(stailq_shift_entry(&output, struct cmsg, fifo));
	ok(journal_is("cd") && stailq_empty(&output), "it is delivered by hand");
	ok(stailq_empty(&endpoint.output), "nothing is left");
	footer();
	check_plan();
}

static void
test_triggers(void)
{
	header();
	plan(7);
	struct trigger late;
	trigger_create(&late, push_more, letter('z'), count_destroy);
	trigger_add(&pipe_a.on_flush, &late);
	flushes = 0;
	cpipe_push(&pipe_a, letter('a'));
	turn();
	is(flushes, 1, "triggers run before a flush");
	ok(arrives("az"), "what they push is part of it");
	cpipe_push(&pipe_a, letter('b'));
	turn();
	ok(flushes == 2 && arrives("bz"), "each time");
	cpipe_push(&pipe_b, letter('c'));
	turn();
	ok(flushes == 2 && arrives("c"), "of their own pipe");

	cpipe_push(&pipe_a, letter('d'));
	cpipe_push(&pipe_a, letter('e'));
	cpipe_destroy(&pipe_a);
	ok(flushes == 2 && destroyed == 2, "the end of a pipe destroys them, and runs none");
	memset(&pipe_a, 0xee, sizeof(pipe_a));
	is(endpoint.n_pipes, 2, "the endpoint does not know yet");
	ok(arrives("de") && endpoint.n_pipes == 1,
	   "what was pushed arrives, and the news behind it");
	turn();
	footer();
	check_plan();
}

/* {{{ Routes */

static int steps;

static void
step_f(struct cmsg *msg)
{
	steps = steps * 10 + (int)(msg->hop - msg->route) + 1;
}

static void
free_f(struct cmsg *msg)
{
	step_f(msg);
	memset(msg, 0xee, sizeof(*msg));
	free(msg);
}

static const struct cmsg_hop long_route[] = {
	{ step_f, &pipe_b },
	{ step_f, &pipe_b },
	{ step_f, &pipe_b },
	{ free_f, NULL },
};

/** Sends the message on its way again. */
static void
restart_f(struct cmsg *msg)
{
	cmsg_init(msg, long_route + 2);
	cpipe_push(&pipe_b, msg);
}

static const struct cmsg_hop restart_route[] = { { restart_f, NULL } };

static struct cmsg *
new_message(const struct cmsg_hop *route)
{
	struct cmsg *msg = (struct cmsg *)malloc(sizeof(*msg));
	cmsg_init(msg, route);
	return msg;
}

static void
test_routes(void)
{
	header();
	plan(5);
	struct cmsg *msg = new_message(long_route);
	cpipe_push(&pipe_b, msg);
	turn();
	cbus_process(&endpoint);
	is(steps, 1, "the first hop is where the message arrives first");
	ok(msg->hop == long_route + 1 && msg->route == long_route, "then comes the next");
	cbus_process(&endpoint);
	is(steps, 1, "what is pushed meanwhile waits for the next flush");
	for (int i = 0; i < 3; i++) {
		turn();
		cbus_process(&endpoint);
	}
	is(steps, 1234, "and so on; the last one may free the message");

	steps = 0;
	cpipe_push(&pipe_b, new_message(restart_route));
	for (int i = 0; i < 3; i++) {
		turn();
		cbus_process(&endpoint);
	}
	is(steps, 12, "or send it elsewhere");
	footer();
	check_plan();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	create_endpoint(&endpoint, "endpoint");
	cpipe_create(&pipe_a, "endpoint");
	cpipe_create(&pipe_b, "endpoint");
	struct trigger counter;
	trigger_create(&counter, count_flush, &pipe_a, count_destroy);
	test_create();
	trigger_add(&pipe_a.on_flush, &counter);
	test_flush_time();
	test_order();
	test_triggers();
	test_routes();
	cpipe_destroy(&pipe_b);
	cbus_endpoint_destroy(&endpoint, cbus_process);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}
