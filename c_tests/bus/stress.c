/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cords that connect, disconnect and talk to each other at random (spec ipc.md 17,
 * "cbus_stress"): nothing hangs, everything sent arrives, in order. Each has a fiber in
 * cbus_loop() and one that does the rest, so both cords of a pair may be connecting to
 * each other, or disconnecting, at the same time.
 *
 * CORDAGE_SOAK makes it ten times as long.
 */
#include "bus.h"

#include <stdlib.h>

enum { CORDS = 32, STEPS = 5000 };

struct peer;

/** One direction. */
struct connection {
	/** From the peer that connected, and back to it. */
	struct cpipe there, back;
	bool connected;
	/** Of the receiver: how many messages have arrived. */
	int expected;
	/** Of the sender. */
	int sent;
};

struct letter {
	struct cmsg msg;
	struct connection *connection;
	struct peer *to;
	int number;
};

static struct peer {
	struct cord cord;
	struct cbus_endpoint endpoint;
	char name[16];
	unsigned seed;
	int steps;
	long sent, received, out_of_order, callbacks;
	struct connection to[CORDS];
	struct cpipe to_main;
} peers[CORDS];

/* Counted by whoever has connected, and by whoever was connected to. */
static struct cbus_endpoint home;
static int finished, running;

static void
receive_f(struct cmsg *msg)
{
	struct letter *l = (struct letter *)msg;
	l->to->received++;
	l->to->out_of_order += l->number != l->connection->expected++;
	free(l);
}

static const struct cmsg_hop receive_route[] = { { receive_f, NULL } };

static void
count_callback(void *arg)
{
	((struct peer *)arg)->callbacks++;
}

static void
connect_to(struct peer *self, int other)
{
	struct connection *c = &self->to[other];
	cbus_pair(peers[other].name, self->name, &c->there, &c->back, count_callback,
		  &peers[other], NULL);
	c->connected = true;
}

static void
disconnect_from(struct peer *self, int other)
{
	struct connection *c = &self->to[other];
	cbus_unpair(&c->there, &c->back, count_callback, &peers[other], NULL);
	memset(&c->there, 0xee, sizeof(c->there));
	memset(&c->back, 0xee, sizeof(c->back));
	c->connected = false;
}

/** A random peer that is connected, or is not; -1 if there is none. */
static int
choose(struct peer *self, bool connected)
{
	int candidates[CORDS], count = 0;
	for (int i = 0; i < CORDS; i++) {
		if (i != self - peers && self->to[i].connected == connected)
			candidates[count++] = i;
	}
	return count > 0 ? candidates[rand_r(&self->seed) % count] : -1;
}

static int
count_connected(struct peer *self)
{
	int count = 0;
	for (int i = 0; i < CORDS; i++)
		count += self->to[i].connected;
	return count;
}

static void
send_letter(struct peer *self, int other)
{
	struct letter *l = (struct letter *)malloc(sizeof(*l));
	cmsg_init(&l->msg, receive_route);
	l->connection = &self->to[other];
	l->to = &peers[other];
	l->number = l->connection->sent++;
	cpipe_push(&l->connection->there, &l->msg);
	self->sent++;
}

static void
finish_f(struct cmsg *msg)
{
	(void)msg;
	finished++;
}

static int
talk_f(va_list ap)
{
	struct peer *self = va_arg(ap, struct peer *);
	static const struct cmsg_hop finish_route[] = { { finish_f, NULL } };
	for (int i = 0; i < self->steps; i++) {
		int connected = count_connected(self);
		int dice = rand_r(&self->seed) % 100;
		if (connected == 0 || (dice < 30 && connected < CORDS - 1))
			connect_to(self, choose(self, false));
		else if (dice < 50 && connected > 1)
			disconnect_from(self, choose(self, true));
		for (int n = rand_r(&self->seed) % 4; n >= 0; n--)
			send_letter(self, choose(self, true));
		fiber_reschedule();
	}
	for (int other; (other = choose(self, true)) >= 0;)
		disconnect_from(self, other);
	static struct cmsg messages[CORDS];
	cmsg_init(&messages[self - peers], finish_route);
	cpipe_push(&self->to_main, &messages[self - peers]);
	return 0;
}

static int
peer_f(va_list ap)
{
	struct peer *self = va_arg(ap, struct peer *);
	create_endpoint(&self->endpoint, self->name);
	cpipe_create(&self->to_main, "main");
	__atomic_add_fetch(&running, 1, __ATOMIC_RELEASE);
	fiber_start(fiber_new("talk", talk_f), self);
	cbus_loop(&self->endpoint);
	cpipe_destroy(&self->to_main);
	cbus_endpoint_destroy(&self->endpoint, cbus_process);
	return 0;
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	create_endpoint(&home, "main");
	int steps = getenv("CORDAGE_SOAK") != NULL ? 10 * STEPS : STEPS;
	for (int i = 0; i < CORDS; i++) {
		snprintf(peers[i].name, sizeof(peers[i].name), "peer %d", i);
		peers[i].seed = i;
		peers[i].steps = steps;
	}
	for (int i = 0; i < CORDS; i++)
		fail_if(cord_costart(&peers[i].cord, peers[i].name, peer_f, &peers[i]) != 0);
	while (finished < CORDS) {
		fiber_yield();
		cbus_process(&home);
	}
	is(__atomic_load_n(&running, __ATOMIC_ACQUIRE), CORDS, "all have talked");
	for (int i = 0; i < CORDS; i++) {
		struct cpipe pipe;
		cpipe_create(&pipe, peers[i].name);
		cbus_stop_loop(&pipe);
		cpipe_destroy(&pipe);
	}
	int failed = 0;
	long sent = 0, received = 0, out_of_order = 0, callbacks = 0;
	for (int i = 0; i < CORDS; i++) {
		failed += cord_join(&peers[i].cord) != 0;
		sent += peers[i].sent;
		received += peers[i].received;
		out_of_order += peers[i].out_of_order;
		callbacks += peers[i].callbacks;
	}
	is(failed, 0, "all have ended");
	ok(sent == received && sent > steps, "all that was sent has arrived");
	is(out_of_order, 0, "in order");
	ok(callbacks > 0 && callbacks % 2 == 0, "one callback for each pair and each unpair");
	cbus_endpoint_destroy(&home, cbus_process);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}
