/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module in C++ around a library that calls back in threads of its own, as message brokers'
 * clients do (kafka): the callbacks post to the cord, where fibers wait for them.
 */
#include <module.h>

#include <pthread.h>
#include <stdlib.h>

#include "../checks.h"

namespace {

struct Message {
	struct cordage_work work;
	int number;
	struct Queue *queue;
};

struct Queue {
	struct cord *cord;
	struct fiber_cond *arrived;
	int received, sum;
	bool to_fibers;
	pthread_t thread;
};

enum { MESSAGES = 500 };

void
receive(struct cordage_work *work)
{
	Message *message = reinterpret_cast<Message *>(work);
	Queue *queue = message->queue;
	if (queue->to_fibers)
		fiber_sleep(0);
	queue->received++;
	queue->sum += message->number;
	fiber_cond_signal(queue->arrived);
	delete message;
}

void
lose(struct cordage_work *work)
{
	delete reinterpret_cast<Message *>(work);
}

/** The library's thread. */
void *
consume(void *arg)
{
	Queue *queue = static_cast<Queue *>(arg);
	for (int i = 1; i <= MESSAGES; i++) {
		Message *message = new Message();
		message->work.run = receive;
		message->work.drop = lose;
		message->number = i;
		message->queue = queue;
		int result = queue->to_fibers ?
			cordage_post_fiber(queue->cord, &message->work) :
			cordage_post(queue->cord, &message->work);
		if (result != 0)
			delete message;
	}
	return NULL;
}

int
consume_all(bool to_fibers)
{
	Queue queue = Queue();
	queue.cord = cordage_cord_self();
	queue.arrived = fiber_cond_new();
	queue.to_fibers = to_fibers;
	pthread_create(&queue.thread, NULL, consume, &queue);
	while (queue.received < MESSAGES) {
		if (fiber_cond_wait_timeout(queue.arrived, 60) != 0)
			return 0;
	}
	pthread_join(queue.thread, NULL);
	fiber_cond_delete(queue.arrived);
	return queue.sum == MESSAGES * (MESSAGES + 1) / 2;
}

int
consumes_on_the_scheduler()
{
	return consume_all(false);
}

int
consumes_in_fibers()
{
	return consume_all(true);
}

/** A destructor that is run when a fiber ends, however it was started. */
struct Counter {
	explicit Counter(int *c) : count(c) { ++*count; }
	~Counter() { --*count; }
	int *count;
};

int
count_f(va_list ap)
{
	(void)ap;
	Counter counter(static_cast<int *>(fiber_get_ctx(NULL)));
	fiber_yield();
	return 0;
}

int
runs_fibers_with_objects()
{
	int count = 0;
	struct fiber *f = fiber_new("counts", count_f);
	fiber_set_joinable(f, true);
	fiber_set_ctx(f, &count);
	fiber_wakeup(f);
	fiber_sleep(0);
	bool good = count == 1;
	fiber_wakeup(f);
	return good && fiber_join(f) == 0 && count == 0;
}

} /* namespace */

extern "C" {

CHECKS(
	{ "consumes messages on the scheduler", consumes_on_the_scheduler },
	{ "consumes messages in fibers", consumes_in_fibers },
	{ "runs fibers with objects", runs_fibers_with_objects }
);

} /* extern "C" */
