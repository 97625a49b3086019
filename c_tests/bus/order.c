/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When messages change hands between two cords (spec ipc.md 17, "cbus"): one flush for all
 * that a turn of the loop has pushed, and before the other side can know.
 *
 * The other cord keeps the journal, which is read here when that cord waits for us.
 */
#include "bus.h"

static struct server server;
static struct cbus_endpoint home;

/* Of the server, as the journal is between two messages from us. */
static int flushes;

static void
count_flush(struct trigger *trigger, void *event)
{
	(void)trigger;
	(void)event;
	flushes++;
	record("flush ");
}

static int returned;

static void
return_f(struct cmsg *msg)
{
	(void)msg;
	returned++;
}

static void
visit_f(struct cmsg *msg)
{
	(void)msg;
	record("visit ");
}

static void
flush_f(struct cmsg *msg)
{
	(void)msg;
	record("visit ");
	cpipe_flush_input(&server.back);
}

static void
add_trigger_f(struct cmsg *msg)
{
	(void)msg;
	static struct trigger trigger;
	trigger_create(&trigger, count_flush, NULL, NULL);
	trigger_add(&server.back.on_flush, &trigger);
}

static const struct cmsg_hop trigger_route[] = { { add_trigger_f, &server.back }, { return_f, NULL } };
static const struct cmsg_hop visit_route[] = { { visit_f, &server.back }, { return_f, NULL } };
static const struct cmsg_hop flush_route[] = { { flush_f, &server.back }, { return_f, NULL } };

/** Sends messages there and waits for them all. */
static void
round_trip(const struct cmsg_hop *const *routes, int count)
{
	static struct cmsg messages[8];
	returned = 0;
	for (int i = 0; i < count; i++) {
		cmsg_init(&messages[i], routes[i]);
		cpipe_push(&server.pipe, &messages[i]);
	}
	while (returned < count) {
		fiber_yield();
		cbus_process(&home);
	}
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	create_endpoint(&home, "home");
	start_server(&server, "server", "home");
	const struct cmsg_hop *one[] = { trigger_route };
	round_trip(one, 1);
	journal[0] = '\0';

	one[0] = visit_route;
	round_trip(one, 1);
	ok(journal_is("visit flush "), "one message, one flush");

	const struct cmsg_hop *three[] = { visit_route, visit_route, visit_route };
	round_trip(three, 3);
	ok(journal_is("visit visit visit flush "), "three messages in a batch, one flush behind them");

	const struct cmsg_hop *forced[] = { visit_route, flush_route, visit_route };
	round_trip(forced, 3);
	ok(journal_is("visit visit visit flush "), "an explicit flush_input in between changes nothing");

	for (int i = 0; i < 1000; i++) {
		journal[0] = '\0';
		round_trip(three, 1 + i % 3);
	}
	is(flushes, 3 + 1 + 1000, "nor does it vary");
	stop_server(&server);
	cbus_endpoint_destroy(&home, cbus_process);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}
