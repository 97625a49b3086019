/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Messages between cords.
 *
 *     producer cord                                   consumer cord
 *     cpipe_push() --> cpipe.input --flush--> cbus_endpoint.output --> cmsg_deliver()
 *
 * A consumer has an endpoint with a name; producers have pipes to it, each of its own.
 * A message is in memory of the sender. It carries a route: an array of hops, each a
 * function to run where the message arrives and the pipe to push it to afterwards.
 * Pushing only collects; what was collected changes hands once in a turn of the
 * producer's loop, with one lock and at most one wake-up.
 *
 *     consumer, in a fiber                          producer, in a fiber
 *     cbus_endpoint_create(&e, "server",            cpipe_create(&p, "server");
 *         fiber_schedule_cb, fiber());              cmsg_init(&m, route);
 *     cbus_loop(&e);                                cpipe_push(&p, &m);
 *     cbus_endpoint_destroy(&e, cbus_process);      ...
 *                                                   cbus_stop_loop(&p);
 *                                                   cpipe_destroy(&p);
 *
 * A cord that waits for messages may stay awake for some microseconds before it sleeps, if
 * it has measured that the answers come sooner that way.
 *
 * Messages of one pipe arrive in order. Everything about a pipe happens in the
 * producer's cord, everything about an endpoint in the consumer's. Origin: spec ipc.md 5.
 */
#ifndef TARANTOOL_CBUS_H_INCLUDED
#define TARANTOOL_CBUS_H_INCLUDED

#include "trivia/config.h"

#include <assert.h>

#include "fiber.h"
#include "fiber_cond.h"
#include "rmean.h"
#include "small/rlist.h"
#include "salad/stailq.h"

#if defined(__cplusplus)
extern "C" {
#endif

struct cmsg;
struct cpipe;
struct cbus_endpoint;
struct cbus_call_msg;

typedef void (*cmsg_f)(struct cmsg *msg);
typedef int (*cbus_call_f)(struct cbus_call_msg *msg);

enum cbus_stat_name {
	/** Wake-ups sent to consumers. */
	CBUS_STAT_EVENTS,
	/** Never counted. */
	CBUS_STAT_LOCKS,
	CBUS_STAT_LAST,
};

extern const char *cbus_stat_strings[CBUS_STAT_LAST];

/* {{{ Messages */

/** One stop of a message. Routes must outlive the messages that use them. */
struct cmsg_hop {
	/** Runs in the cord where the message has arrived. */
	cmsg_f f;
	/**
	 * Where the message goes when f has returned: a pipe of that cord. NULL: it is
	 * f's to free, or to send elsewhere.
	 */
	struct cpipe *pipe;
};

/** The head of every message. From the push to the last hop it belongs to the bus. */
struct cmsg {
	/** Link in a pipe or an endpoint. */
	struct stailq_entry fifo;
	const struct cmsg_hop *route;
	/** The hop that comes next. */
	const struct cmsg_hop *hop;
};

static inline struct cmsg *
cmsg(void *ptr)
{
	return (struct cmsg *)ptr;
}

/** Puts the message at the beginning of a route. */
static inline void
cmsg_init(struct cmsg *msg, const struct cmsg_hop *route)
{
	msg->route = route;
	msg->hop = route;
}

/**
 * Runs the message's next hop, and pushes the message on if the hop has a pipe. For
 * consumers that fetch messages themselves.
 */
void
cmsg_deliver(struct cmsg *msg);

/* }}} */

/* {{{ Pipes */

/** A one-way queue from this cord to an endpoint. */
struct cpipe {
	/** Messages that were pushed, but not flushed. */
	struct stailq input;
	/** What they weigh: 1 each, plus what the program adds. 0: nothing to flush. */
	int n_input;
	/** When n_input has reached this, a push flushes at once. */
	int max_input;
	/** Never started: fed to the loop, it flushes in this turn. */
	struct ev_async flush_input;
	/** The loop of the cord that made the pipe. */
	struct ev_loop *producer;
	struct cbus_endpoint *endpoint;
	/** Triggers, run before each flush with the pipe as the event. */
	struct rlist on_flush;
};

/**
 * Makes a pipe from this cord to the endpoint of that name. Blocks the whole thread
 * until there is one; a cancelled thread (pthread_cancel) is let out. Cannot fail.
 */
void
cpipe_create(struct cpipe *pipe, const char *consumer);

/**
 * Hands over what was pushed, without running the on_flush triggers, and lets go of the
 * endpoint. The triggers are destroyed. When this returns the memory is the
 * caller's again; the endpoint hears of it later.
 */
void
cpipe_destroy(struct cpipe *pipe);

/** How much is collected before a push flushes at once; INT_MAX at first. */
static inline void
cpipe_set_max_input(struct cpipe *pipe, int max_input)
{
	pipe->max_input = max_input;
}

/**
 * Sees to it that what was pushed is flushed in this turn of the loop, or now if it is
 * too much already.
 */
static inline void
cpipe_flush_input(struct cpipe *pipe)
{
	assert(loop() == pipe->producer);
	if (pipe->n_input <= 0)
		return;
	if (pipe->n_input >= pipe->max_input)
		ev_invoke(pipe->producer, &pipe->flush_input, EV_CUSTOM);
	else
		ev_feed_event(pipe->producer, &pipe->flush_input, EV_CUSTOM);
}

/** Pushes a message, but arranges no flush unless this makes the pipe full. */
static inline void
cpipe_push_input(struct cpipe *pipe, struct cmsg *msg)
{
	assert(loop() == pipe->producer);
	stailq_add_tail_entry(&pipe->input, msg, fifo);
	if (++pipe->n_input >= pipe->max_input)
		ev_invoke(pipe->producer, &pipe->flush_input, EV_CUSTOM);
}

/** Pushes a message; it is flushed in this turn of the loop. */
static inline void
cpipe_push(struct cpipe *pipe, struct cmsg *msg)
{
	cpipe_push_input(pipe, msg);
	assert(pipe->n_input < pipe->max_input);
	/* Behind the first one the event is on its way already. */
	if (pipe->n_input == 1)
		ev_feed_event(pipe->producer, &pipe->flush_input, EV_CUSTOM);
}

/* }}} */

/* {{{ Endpoints */

/** Where messages for this cord arrive. */
struct cbus_endpoint {
	/** Unique among the endpoints of the process; cut to 31 characters. */
	char name[FIBER_NAME_MAX];
	struct rlist in_cbus;
	/** Protects output. */
	pthread_mutex_t mutex;
	/** Messages that have arrived and were not fetched. */
	struct stailq output;
	/** The loop of the cord that made the endpoint. */
	ev_loop *consumer;
	/** Sent when messages arrive in an empty output. */
	ev_async async;
	/** Pipes that lead here. */
	uint32_t n_pipes;
	/** Signalled when a pipe is gone. */
	struct fiber_cond cond;
};

/**
 * Makes an endpoint of this cord. fetch_cb is called by the loop, on the scheduler, when
 * messages have arrived; fetch_data is in the `data` of its watcher. With
 * fiber_schedule_cb and a fiber the fiber is woken, and should be in cbus_loop().
 * The watcher keeps the loop alive.
 *
 * @retval 0 made; producers that waited for the name go on
 * @retval 1 there is an endpoint of that name; the memory was not touched
 */
int
cbus_endpoint_create(struct cbus_endpoint *endpoint, const char *name,
		     void (*fetch_cb)(ev_loop *, struct ev_watcher *, int), void *fetch_data);

/**
 * Takes the name away, then waits until all pipes are destroyed and all messages are
 * fetched, and destroys the endpoint. Messages are processed by process_cb (usually
 * cbus_process), in this fiber, each time some have arrived or a pipe is gone; with NULL
 * somebody else has to. A cancel does not end the wait. Always 0.
 */
int
cbus_endpoint_destroy(struct cbus_endpoint *endpoint,
		      void (*process_cb)(struct cbus_endpoint *endpoint));

/** Appends all messages that have arrived to `output`, which then are the caller's. */
static inline void
cbus_endpoint_fetch(struct cbus_endpoint *endpoint, struct stailq *output)
{
	tt_pthread_mutex_lock(&endpoint->mutex);
	stailq_concat(output, &endpoint->output);
	tt_pthread_mutex_unlock(&endpoint->mutex);
}

/** Fetches once, and delivers what there was in this fiber, in order. */
void
cbus_process(struct cbus_endpoint *endpoint);

/** cbus_process() each time the fiber is woken, until it is cancelled. */
void
cbus_loop(struct cbus_endpoint *endpoint);

/**
 * Sends a message that cancels the fiber that delivers it, which is to say that it
 * ends cbus_loop(); what was pushed before is delivered first.
 */
void
cbus_stop_loop(struct cpipe *pipe);

/* }}} */

/* {{{ Calls */

/** A call of cbus_call(). All fields are filled in by it. */
struct cbus_call_msg {
	struct cmsg msg;
	/** The error of a call that failed. */
	struct diag diag;
	/** Who waits; NULL when nobody does any more. */
	struct fiber *caller;
	struct cmsg_hop route[2];
	/** The message is back. */
	bool complete;
	/** What func returned. */
	int rc;
	cbus_call_f func;
	cbus_call_f free_cb;
};

/**
 * Runs func(msg) in another cord and waits for the result, for at most `timeout` seconds.
 *
 * @param callee pipe from here to the other cord
 * @param caller pipe from there to an endpoint of this cord, which another fiber, or a
 *        fiber pool, has to process meanwhile
 * @param free_cb called here when an abandoned call is finally over, with rc set; may
 *        be NULL. The error of such a call is gone by then.
 *
 * Being woken by fiber_wakeup() does not end the wait, in contrast to the reference.
 *
 * @return what func returned. If that is not 0, the error it has left is in the diag
 *         (and if it has left none, the diag is empty).
 * @retval -1 with TimedOut or FiberIsCancelled in the diag: the call was abandoned. The
 *         message is still under way and must live until free_cb is called; so it is
 *         from the heap, unless the fiber cannot be cancelled and the timeout is
 *         TIMEOUT_INFINITY.
 */
int
cbus_call(struct cpipe *callee, struct cpipe *caller, struct cbus_call_msg *msg,
	  cbus_call_f func, cbus_call_f free_cb, double timeout);

/** The hops of a call, there and back. */
void
cbus_call_perform(struct cmsg *m);
void
cbus_call_done(struct cmsg *m);

/* }}} */

/* {{{ Flush, pair, unpair. Cancelling the caller does not end them. */

/**
 * Waits until all messages pushed to `callee` so far have been delivered: their
 * functions have been started, and have returned unless they yielded.
 *
 * @param callee pipe from here to the other cord
 * @param caller pipe from there to an endpoint of this cord
 * @param process_cb processes that endpoint in this fiber (cbus_process), or NULL if
 *        another fiber does
 */
void
cbus_flush(struct cpipe *callee, struct cpipe *caller,
	   void (*process_cb)(struct cbus_endpoint *endpoint));

/**
 * Connects this cord with another one: makes dest_pipe, from here to the endpoint
 * dest_name, and there src_pipe, from there to our endpoint src_name, which must exist.
 * Then pair_cb(pair_arg) is called there, unless it is NULL. Blocks the thread until
 * there is an endpoint dest_name. process_cb as for cbus_flush().
 */
void
cbus_pair(const char *dest_name, const char *src_name,
	  struct cpipe *dest_pipe, struct cpipe *src_pipe,
	  void (*pair_cb)(void *), void *pair_arg,
	  void (*process_cb)(struct cbus_endpoint *endpoint));

/**
 * Undoes cbus_pair(): calls unpair_cb(unpair_arg) there, unless it is NULL, and destroys
 * both pipes when everything pushed to them has been delivered. The memory of both is
 * the caller's again when this returns.
 */
void
cbus_unpair(struct cpipe *dest_pipe, struct cpipe *src_pipe,
	    void (*unpair_cb)(void *), void *unpair_arg,
	    void (*process_cb)(struct cbus_endpoint *endpoint));

/* }}} */

/**
 * Makes the bus, before anything else above, in a cord with a loop: a timer keeps its
 * statistics, and the loop alive. Once, or again after cbus_free(). Without memory the
 * program ends.
 */
void
cbus_init(void);

/** The end of the bus, in the cord that made it, when nobody uses it any more. */
void
cbus_free(void);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_CBUS_H_INCLUDED */
