/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Functions that block, called in a pool of threads while the fiber waits.
 *
 * One pool serves all cords of the process. It has up to 4 threads, or as many as
 * eio_set_min_parallel() and eio_set_max_parallel() say (eio.h), started when there is
 * work. A cord that submits work calls coio_enable() first.
 *
 * After coio_init() the threads are cords without an event loop: diagnostics, region
 * and log work there, yielding does not. Without it there is no cord, and nothing of
 * that works.
 *
 * A cord that ends with requests in flight (cord_join(), fiber_free()) does not wait for
 * them: what no worker has started never runs, and nobody hears of the rest. If fibers
 * still wait for a function that runs, their stacks, which it may use, stay allocated for
 * ever. coio_shutdown() waits. Origin: spec ipc.md 8.
 */
#ifndef TARANTOOL_COIO_TASK_H_INCLUDED
#define TARANTOOL_COIO_TASK_H_INCLUDED

#include "trivia/config.h"

#include <stdarg.h>
#include <sys/types.h>

#include "tarantool_eio.h"
#include "diag.h"

#if defined(__cplusplus)
extern "C" {
#endif

struct addrinfo;
struct fiber;
struct coio_task;

typedef ssize_t (*coio_call_cb)(va_list ap);
typedef int (*coio_task_cb)(struct coio_task *task);

/** Give the pool's threads cords. Once, before the first work is submitted. */
void
coio_init(void);

/** Let the current cord submit work. Keeps its event loop alive from then on. */
void
coio_enable(void);

/**
 * Stop the pool: block the thread until the workers have done all that is queued and have
 * ended, their cords destroyed. What is submitted later never runs.
 */
void
coio_shutdown(void);

/**
 * A piece of work, at the start of a struct of the program's.
 *
 * It belongs to the fiber that has created it until coio_task_post(), or until
 * coio_task_execute() returns -1; from then on to `timeout_cb`, which frees it.
 */
struct coio_task {
	/** base.result is what task_cb returned, base.errorno the errno that it left. */
	struct eio_req base;
	/** Who waits; NULL if nobody does. */
	struct fiber *fiber;
	union {
		struct {
			coio_task_cb task_cb;
			coio_task_cb timeout_cb;
		};
		/** Unused: coio_call() needs no task. */
		struct {
			coio_call_cb call_cb;
			va_list ap;
		};
	};
	/** Private. */
	int complete;
	/** The error of a task_cb that did not return 0. */
	struct diag diag;
};

/**
 * Make a task of the current fiber. func(task) will run in a worker. on_timeout(task) will
 * run on the scheduler of this cord, after func, if no fiber waits for it any more. Neither
 * may yield or throw.
 */
void
coio_task_create(struct coio_task *task, coio_task_cb func, coio_task_cb on_timeout);

/** The end of a task that is the caller's. Frees only the error in it. */
void
coio_task_destroy(struct coio_task *task);

/**
 * Submit a task and wait for it, for at most `timeout` seconds. Always yields. The task
 * cannot be interrupted: if the wait ends before it, the worker goes on.
 *
 * @retval 0 done: see task->base.result and task->diag; the current fiber's diag is
 *         untouched. The task is the caller's.
 * @retval -1 TimedOut or FiberIsCancelled is set. The task is on_timeout's: do not
 *         touch it.
 */
int
coio_task_execute(struct coio_task *task, double timeout);

/** Submit a task for on_timeout to have the result, and return at once. */
void
coio_task_post(struct coio_task *task);

/** \cond public */

/**
 * Call func(...) in a worker and wait for it. Neither a wake-up nor a cancel ends the wait,
 * so the arguments may point to the stack of the fiber. func must not throw.
 *
 * @return what func returned, with errno as it left it. If that is not 0, the error in
 *         the worker's diagnostics area, or none, has become the current fiber's.
 */
ssize_t
coio_call(ssize_t (*func)(va_list), ...);

/**
 * getaddrinfo(3) in a worker. `host` may be NULL or empty, `port` and `hints` NULL.
 * If the resolver does not know AI_ADDRCONFIG, it is asked again without.
 *
 * @retval 0 *res is to be freed with freeaddrinfo(3)
 * @retval -1 TimedOut, FiberIsCancelled, OutOfMemory, or SystemError
 *         "getaddrinfo: <reason>" with EIO; *res is untouched
 */
int
coio_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		 struct addrinfo **res, double timeout);

/** \endcond public */

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_COIO_TASK_H_INCLUDED */
