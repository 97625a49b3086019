/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints that come and go while messages are under way (spec ipc.md 5.5): what a producer
 * has pushed before it destroyed its pipe is delivered, once and in order, whenever the
 * consumer decides to leave.
 */
#include "bus.h"

enum { PRODUCERS = 4, ROUNDS = 500, MESSAGES_MAX = 200 };

struct numbered {
	struct cmsg msg;
	int producer, number;
};

static struct producer {
	struct cord cord;
	struct cpipe pipe;
	int pushed;
	unsigned seed;
	struct numbered messages[MESSAGES_MAX];
} producers[PRODUCERS];

/* Producers that have found the endpoint. */
static int connected;

/* Of the consumer. */
static int expected[PRODUCERS];
static int out_of_order;

static void
take_f(struct cmsg *msg)
{
	struct numbered *m = (struct numbered *)msg;
	if (m->number != expected[m->producer]++)
		out_of_order++;
}

static const struct cmsg_hop take_route[] = { { take_f, NULL } };

static int
produce_f(va_list ap)
{
	struct producer *p = va_arg(ap, struct producer *);
	cpipe_create(&p->pipe, "consumer");
	__atomic_add_fetch(&connected, 1, __ATOMIC_RELEASE);
	int count = rand_r(&p->seed) % (MESSAGES_MAX + 1);
	for (p->pushed = 0; p->pushed < count; p->pushed++) {
		struct numbered *m = &p->messages[p->pushed];
		m->producer = p - producers;
		m->number = p->pushed;
		cmsg_init(&m->msg, take_route);
		cpipe_push(&p->pipe, &m->msg);
		if (rand_r(&p->seed) % 8 == 0)
			fiber_sleep(0);
	}
	cpipe_destroy(&p->pipe);
	return 0;
}

static int
destroy_f(va_list ap)
{
	return cbus_endpoint_destroy(va_arg(ap, struct cbus_endpoint *), cbus_process);
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(2);
	int lost = 0;
	unsigned seed = 1;
	struct cbus_endpoint endpoint;
	for (int round = 0; round < ROUNDS; round++) {
		struct fiber *f = round % 2 == 0 ? NULL : start_loop_fiber(&endpoint, "consumer");
		if (f == NULL)
			create_endpoint(&endpoint, "consumer");
		for (int i = 0; i < PRODUCERS; i++) {
			expected[i] = 0;
			producers[i].seed = round * PRODUCERS + i;
			fail_if(cord_costart(&producers[i].cord, "producer", produce_f,
					     &producers[i]) != 0);
		}
		/* The name has to be there until then. */
		while (__atomic_load_n(&connected, __ATOMIC_ACQUIRE) < (round + 1) * PRODUCERS)
			fiber_sleep(0);
		if (f == NULL) {
			cbus_endpoint_destroy(&endpoint, cbus_process);
		} else {
			/* By another fiber, while the one in the loop ends. */
			struct cpipe own;
			cpipe_create(&own, "consumer");
			if (rand_r(&seed) % 2 == 0)
				fiber_cancel(f);
			struct fiber *destroyer = fiber_new("destroyer", destroy_f);
			fiber_set_joinable(destroyer, true);
			fiber_start(destroyer, &endpoint);
			fiber_cancel(f);
			fiber_join(f);
			cpipe_destroy(&own);
			fiber_join(destroyer);
		}
		for (int i = 0; i < PRODUCERS; i++) {
			fail_if(cord_join(&producers[i].cord) != 0);
			lost += producers[i].pushed - expected[i];
		}
	}
	is(lost, 0, "no message is lost, or delivered twice");
	is(out_of_order, 0, "and all come in order");
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}
