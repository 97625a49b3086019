/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_POST_H_INCLUDED
#define CORDAGE_POST_H_INCLUDED

/*
 * Work for a cord from any thread. Not in the reference, where only a cord can talk to a
 * cord (cbus.h): here the poster may be a thread of a library that knows nothing of
 * fibers.
 *
 * A piece of work is the head of something larger of the poster's:
 *
 *     struct answer {
 *             struct cordage_work work;
 *             struct fiber_cond *arrived;
 *             ...
 *     };
 *
 * Order. Work runs in the order in which it was posted to a cord: what one thread posts
 * in the order it posts it, and what was posted after another post returned, in any
 * thread, after that. Work that is posted while others run waits for the next turn of the
 * event loop. What the poster wrote before it posted is seen by the work.
 *
 * Life. Posting allocates nothing. From a successful post on, the memory is lent to
 * the cord, until one of the two functions is called with it, once: then it is the
 * program's again, and the function may free it or post it anew. The functions may post.
 *
 * The end of a cord. A cord takes work until the function of its thread has returned, or
 * the thread was cancelled. What has not run by then is dropped: `drop` is called, in
 * the cord's thread; for the main cord and a cord made by hand that is in fiber_free()
 * and cord_destroy(). So everything posted is either run or dropped. Whoever posts must
 * know that the cord is not joined, and fiber_free() not called, before the post
 * returns; from the thread's end to the join posts are refused.
 *
 * A post wakes the cord's event loop, but work that may come does not keep the loop from
 * ending for want of active watchers.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct cord;

struct cordage_work {
	/** Called in the cord. */
	void (*run)(struct cordage_work *work);
	/** Called instead, if the work will never run; may be NULL. Must not yield. */
	void (*drop)(struct cordage_work *work);
	/** Private. */
	void *next;
	unsigned int place;
};

/**
 * Have work->run(work) called on the scheduler of a cord, straight from its event loop: it
 * must not yield, but may wake and start fibers. Any thread, with or without a cord, the
 * cord's own included. Not in a signal handler. No cancellation point, never waits for
 * more than other posts.
 *
 * @retval 0 accepted
 * @retval -1 refused, and nothing is done with the work: the cord has ended, or it has no
 *         event loop
 */
int
cordage_post(struct cord *cord, struct cordage_work *work);

/**
 * The same in a new fiber, which may yield. Fibers start in the order of the posts. If
 * the fiber cannot be created, the reason is logged and the work is dropped.
 */
int
cordage_post_fiber(struct cord *cord, struct cordage_work *work);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_POST_H_INCLUDED */
