/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_FIBER_H_INCLUDED
#define TARANTOOL_FIBER_H_INCLUDED

/*
 * Fibers and cords (spec fiber.md).
 *
 * A fiber is a function with a stack of its own; a cord is a thread that runs
 * fibers, one at a time, on a libev loop. Fibers switch only where they say so:
 * fiber_yield() and everything built on it. Everything here belongs to the current
 * cord and is called in its thread, unless a comment says otherwise. Calling
 * from a thread that is no cord, or breaking a rule marked "must", ends the program
 * with a message that names the function.
 *
 * A program:
 *
 *     memory_init();
 *     fiber_init(fiber_c_invoke);
 *     fiber_wakeup(fiber_new("main", main_f));
 *     ev_run(loop(), 0);
 *     fiber_free();
 *     memory_free();
 *
 * Failures are reported by the return value and an error in the diagnostics area of
 * the current fiber (diag.h).
 */

#include "trivia/config.h"
#include "module/fiber.h"

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "tt_pthread.h"
#include "tarantool_ev.h"
#include "diag.h"
#include "trivia/util.h"
#include "small/mempool.h"
#include "small/region.h"
#include "small/rlist.h"
#include "salad/stailq.h"
#include "coro/coro.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	/** Longest name, without the terminating NUL. */
	FIBER_NAME_MAX = 32,
};

enum {
	/** A cancel wakes the fiber. */
	FIBER_IS_CANCELLABLE = 1 << 0,
	/** The fiber was cancelled. */
	FIBER_IS_CANCELLED = 1 << 1,
	/** The fiber's result waits for fiber_join(). */
	FIBER_IS_JOINABLE = 1 << 2,
	/** The fiber certainly will run: it is ready, or somebody's caller. */
	FIBER_IS_READY = 1 << 3,
	/** The fiber's function has returned. */
	FIBER_IS_DEAD = 1 << 4,
	/** The stack was made to order; the fiber is deleted, not cached. */
	FIBER_CUSTOM_STACK = 1 << 5,
	/** The fiber is the one that runs. */
	FIBER_IS_RUNNING = 1 << 6,
	FIBER_DEFAULT_FLAGS = FIBER_IS_CANCELLABLE,
};

enum {
	/** Unused; kept for programs that mention it. */
	FIBER_CALL_STACK = 16,
};

/** May also be filled by hand. */
struct fiber_attr {
	/** Bytes to take from the arena for the stack. */
	size_t stack_size;
	/** Initial fiber flags. */
	uint32_t flags;
};

/** Fill with the defaults: 512 KiB, FIBER_DEFAULT_FLAGS. */
void
fiber_attr_create(struct fiber_attr *fiber_attr);

struct session;
struct txn;
struct credentials;
struct lua_State;
struct ipc_wait_pad;

struct fiber {
	coro_context ctx;
	/** The slab that holds the stack. */
	struct slab *stack_slab;
	/** Lowest usable byte of the stack. */
	void *stack;
#ifdef HAVE_MADV_DONTNEED
	/** First poison word in the stack, or NULL. */
	void *stack_watermark;
#endif
	/** Usable bytes of the stack. */
	size_t stack_size;
	/** Valgrind's id of the stack. */
	unsigned int stack_id;
	/** The fiber's region: see fiber_gc(). */
	struct region gc;
	/** Who gets control when this fiber yields. */
	struct fiber *caller;
	/** How often this fiber was switched to. */
	int csw;
	/** Unique among the living fibers of the cord; 0 when recycled. */
	uint32_t fid;
	/** FIBER_IS_*, FIBER_CUSTOM_STACK. */
	uint32_t flags;
	/** Private: half of what fiber_set_ctx() stores. */
	uint32_t word_high;
	/** Link in cord.alive or cord.dead. */
	struct rlist link;
	/** Link in cord.ready, or in the queue of what the fiber waits for. */
	struct rlist state;
	/** Triggers to run before the fiber loses control. They must not fail. */
	struct rlist on_yield;
	/** Triggers to run when the fiber ends. They must remove themselves. */
	struct rlist on_stop;
	/** Fibers, linked by their state, to wake when this one ends. */
	struct rlist wake;
	/** NULL when parked. */
	fiber_func f;
	/** Arguments of fiber_start(). */
	va_list f_data;
	/** What f returned. */
	int f_ret;
	/** Private: the other half. */
	uint32_t word_low;
	/** Words of the program's upper layers, cleared when the fiber ends. */
	struct {
		struct session *session;
		struct credentials *credentials;
		struct txn *txn;
		struct {
			struct lua_State *stack;
			int ref;
		} lua;
		struct {
			uint64_t sync;
		} net;
	} storage;
	/** What the fiber waits for in a channel, or NULL. */
	struct ipc_wait_pad *wait_pad;
	/** The fiber's diagnostics area. */
	struct diag diag;
	char name[FIBER_NAME_MAX + 1];
	/** Private: who joins it. */
	uint32_t joiner;
};

struct cord_on_exit;

/** A thread that runs fibers. */
struct cord {
	/** The fiber that runs. */
	struct fiber *fiber;
	/** The event loop; NULL in a cord without one. */
	struct ev_loop *loop;
	/** Last fiber id given out. */
	uint32_t max_fid;
	pthread_t id;
	/** Set by whoever waits for the end of the cord. Atomic. */
	const struct cord_on_exit *on_exit;
	/** Private. */
	struct mh_i32ptr_t *fiber_registry;
	/** Fibers that are not cached, newest first, linked by fiber.link. */
	struct rlist alive;
	/**
	 * The first of the fibers that became ready, linked by fiber.state, if any. Those
	 * that follow it are private.
	 */
	struct rlist ready;
	/** Finished fibers kept for reuse, linked by fiber.link. */
	struct rlist dead;
	/** A finished fiber that could not delete itself. */
	struct fiber *garbage;
	/** Fed to the loop when fibers become ready; never started. */
	ev_async wakeup_event;
	/** Active while somebody sleeps for 0 seconds. */
	ev_idle idle_event;
	/** Memory for struct fiber. */
	struct mempool fiber_mempool;
	/** Memory for everything. */
	struct slab_cache slabc;
	/** The scheduler: it stands for the thread's own stack. */
	struct fiber sched;
	char name[FIBER_NAME_MAX];
};

/** The calling thread's cord, NULL in a thread that is none. */
extern __thread struct cord *cord_ptr;

#define cord() cord_ptr
#define fiber() cord()->fiber
#define loop() (cord()->loop)

static inline const char *
cord_name(struct cord *cord)
{
	return cord->name;
}

/**
 * Run the triggers in f->on_stop with f as the event. They must succeed and remove
 * themselves.
 */
void
fiber_on_stop(struct fiber *f);

/**
 * Make the calling thread a cord, in memory of the caller. cord->loop must be set
 * before, to NULL for a cord that only allocates.
 */
void
cord_create(struct cord *cord, const char *name);

/**
 * Destroy a cord with its loop and all its fibers, which are not unwound. Called on
 * the scheduler of the cord, or by the thread that joined it. Does not free the
 * struct.
 */
void
cord_destroy(struct cord *cord);

/**
 * Start a thread with an event loop that runs f(arg) on its scheduler, all signals
 * blocked. To report a failure, f leaves an error in its diag and a non-zero
 * fiber()->f_ret. The struct must live until the cord is joined.
 *
 * @retval 0 the cord is created
 * @retval -1 OutOfMemory (no event loop) or SystemError (no thread)
 */
int
cord_start(struct cord *cord, const char *name, void *(*f)(void *), void *arg);

/**
 * Start a thread that runs f, with the single argument arg, in a fiber "main", and
 * its event loop until that fiber ends: as long as it lives it must have something active in
 * the loop. Failures as for cord_start().
 */
int
cord_costart(struct cord *cord, const char *name, fiber_func f, void *arg);

/**
 * Wait, in a fiber, for the end of a cord while other fibers run, then do what
 * cord_join() does. A cancel of the fiber waits until then; the fiber must not be woken
 * meanwhile. cordage_cord_cojoin() in cordage/cord.h can be cancelled, and has a limit.
 */
int
cord_cojoin(struct cord *cord);

/**
 * Block the calling thread until the cord has ended, and destroy it. Once for a cord.
 * Works for a cord that was ended by pthread_cancel(), too.
 *
 * @retval 0 the cord ended well; the caller's diag is untouched
 * @retval -1 it failed: its error is in the caller's diag; or SystemError
 */
int
cord_join(struct cord *cord);

/**
 * pthread_cancel(3) for a cord started by cord_start() or cord_costart() and not yet
 * joined: its thread ends at its next cancellation point, on whatever stack that is, and
 * the C++ objects there are destroyed. Its other fibers are abandoned. Any thread;
 * does not wait: join it as any other cord. (Since Tarantool 2.x in this form: see
 * cord_cancel_and_join(). To ask a cord politely, cancel a fiber of it, which
 * cordage_post() in cordage/post.h can do.)
 */
void
cord_cancel(struct cord *cord);

/** cord_cancel() and cord_join(). A cord that did not fail before counts as ended well. */
int
cord_cancel_and_join(struct cord *cord);

/**
 * Name the current cord (31 characters) and, unless it is the main one, its thread (15
 * characters).
 */
void
cord_set_name(const char *name);

/** Whether this is the thread that called fiber_init(); false without a cord. */
bool
cord_is_main(void);

/** Delete the finished fiber that could not delete itself, if there is one. */
void
cord_collect_garbage(struct cord *cord);

/**
 * Make the calling thread the main cord, after memory_init(). `invoke` calls all fiber
 * functions: fiber_c_invoke() in C, fiber_cxx_invoke() where they may throw.
 */
void
fiber_init(int (*fiber_invoke)(fiber_func f, va_list ap));

/** Destroy the main cord. On its scheduler, when no other cord runs. */
void
fiber_free(void);

/** Name a fiber; the name is copied and cut to 32 characters. */
void
fiber_set_name(struct fiber *fiber, const char *name);

/** Always false. */
bool
fiber_checkstack(void);

/**
 * Yield for at most `delay` seconds, counted from the loop's cached time.
 * Returns whether the time ran out before the fiber was resumed.
 */
bool
fiber_yield_timeout(ev_tstamp delay);

/** Declared for compatibility; defined nowhere. */
void
fiber_destroy_all(void);

/** Empty the current fiber's region. One of less than 128 KiB keeps its memory. */
void
fiber_gc(void);

/**
 * fiber_start() without arguments; also resumes a parked fiber. A fiber that is
 * ready runs now instead of later, and one that waits for something waits no longer, as
 * after fiber_wakeup(). The callee must not be finished, current, or waiting as
 * somebody's caller.
 */
void
fiber_call(struct fiber *callee);

/** A callback for any watcher: wakes the fiber in watcher->data. */
void
fiber_schedule_cb(ev_loop *loop, ev_watcher *watcher, int revents);

/** Whether the fiber's function has returned. */
static inline bool
fiber_is_dead(struct fiber *f)
{
	return f->flags & FIBER_IS_DEAD;
}

typedef int (*fiber_stat_cb)(struct fiber *f, void *ctx);

/**
 * Call cb for every fiber of the cord that is not cached, newest first, until it
 * returns something other than 0, which then is the result. The callback must
 * not create, delete or switch fibers.
 */
int
fiber_stat(fiber_stat_cb cb, void *cb_ctx);

/**
 * Give `fiber` a stack carved from stack_size bytes of the cache, with a guard. Flags
 * that matter: FIBER_CUSTOM_STACK. fiber_new_ex() does this; exported for tests.
 *
 * @retval 0 stack, stack_size, stack_slab, stack_id and stack_watermark are set
 * @retval -1 no stack: SystemError "stack size is too small" (EINVAL), OutOfMemory, or
 *         SystemError "fiber mprotect failed", which is logged, too
 */
int
fiber_stack_create(struct fiber *fiber, struct slab_cache *slabc, size_t stack_size);

/**
 * Give the stack of a fiber back to the cache. If its guard cannot be lifted, the
 * stack is not given back but reported in the log, SystemError is left in the
 * diag, and the memory waits, counted as used, until lifting works again.
 */
void
fiber_stack_destroy(struct fiber *fiber, struct slab_cache *slabc);

/** Calls f(ap). Given to fiber_init() by programs whose fibers throw nothing. */
static inline int
fiber_c_invoke(fiber_func f, va_list ap)
{
	return f(ap);
}

/** region_aligned_alloc() for words, as a callback; ctx is a struct region. */
static inline void *
region_aligned_alloc_cb(void *ctx, size_t size)
{
	struct region *region = (struct region *)ctx;
	void *ptr = region_aligned_alloc(region, size, alignof(uint64_t));
	if (ptr == NULL)
		diag_set(OutOfMemory, size, "region", "new slab");
	return ptr;
}

#ifdef __cplusplus
} /* extern "C" */

/** Raise FiberIsCancelled if the current fiber was cancelled. */
static inline void
fiber_testcancel(void)
{
	if (fiber_is_cancelled())
		tnt_raise(FiberIsCancelled);
}

/** fiber_new(), raising the error instead of returning NULL. */
static inline struct fiber *
fiber_new_xc(const char *name, fiber_func func)
{
	struct fiber *f = fiber_new(name, func);
	if (f == NULL)
		diag_raise();
	return f;
}

/**
 * Calls f(ap); an error thrown by it, which raising has left in the diag, becomes
 * the result -1.
 */
static inline int
fiber_cxx_invoke(fiber_func f, va_list ap)
{
	try {
		return f(ap);
	} catch (struct error *) {
		return -1;
	}
}

#endif /* __cplusplus */

#endif /* TARANTOOL_FIBER_H_INCLUDED */
