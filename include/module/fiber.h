/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The public part of fiber.h: what a loadable module may do with fibers, which it sees
 * only as pointers. module.h includes this, and so does fiber.h.
 *
 * Everything belongs to the current cord and is called in its thread, except
 * fiber_attr_*, which need no cord unless they fail. Calling from a thread that is no
 * cord, or breaking a rule marked "must", ends the program with a message that names the
 * function. Failures are reported by the return value and an error in the diagnostics area
 * of the current fiber: see box/error.h.
 *
 * Origin: spec fiber.md 6 to 9, ipc.md 16. What came after Tarantool 1.10 is at the end
 * and says so; those functions are weak in the library, since a program made for 1.10 may
 * have its own of that name.
 */
#ifndef CORDAGE_MODULE_FIBER_H_INCLUDED
#define CORDAGE_MODULE_FIBER_H_INCLUDED

#include "../trivia/compiler.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fiber;
struct fiber_attr;
struct slab_cache;

/** What a fiber runs. Non-zero is a failure, described in the fiber's diag. */
typedef int (*fiber_func)(va_list);

/**
 * New attributes with the defaults of fiber_attr_create(), on the heap; free them with
 * fiber_attr_delete(). NULL with OutOfMemory set when there is no memory.
 */
API_EXPORT struct fiber_attr *
fiber_attr_new(void);

/** Free attributes; NULL is fine. Fibers made with them keep a copy. */
API_EXPORT void
fiber_attr_delete(struct fiber_attr *fiber_attr);

/**
 * Ask for a stack of stack_size bytes, the slab header and the guard page included.
 * Such a stack is not reused for other fibers, unless it has the default size.
 *
 * @retval 0 stored
 * @retval -1 less than 16384: errno is EINVAL, SystemError is set, nothing stored
 */
API_EXPORT int
fiber_attr_setstacksize(struct fiber_attr *fiber_attr, size_t stack_size);

/** The stack size asked for; the default, 524288, for NULL. */
API_EXPORT size_t
fiber_attr_getstacksize(struct fiber_attr *fiber_attr);

/** The current fiber. */
API_EXPORT struct fiber *
fiber_self(void);

/**
 * Create a fiber with default attributes. It takes a stack from the cache of finished
 * fibers if there is one. It does not run yet: see fiber_start() and
 * fiber_wakeup().
 *
 * @param name copied, cut to 32 characters
 * @return NULL with the diag set: OutOfMemory, or SystemError "fiber mprotect failed"
 *         when the stack could not be guarded. A fiber made in spite of a failed
 *         madvise leaves SystemError "fiber madvise failed" in the diag.
 */
API_EXPORT struct fiber *
fiber_new(const char *name, fiber_func f);

/** fiber_new() with attributes, which must not be NULL. */
API_EXPORT struct fiber *
fiber_new_ex(const char *name, const struct fiber_attr *fiber_attr, fiber_func f);

/**
 * Give control to whoever is next. Comes back when somebody resumes this fiber, for
 * any reason: re-check what you wait for. Must not be called on the scheduler.
 */
API_EXPORT void
fiber_yield(void);

/**
 * Run a new fiber with the given arguments until it yields or ends. The fiber must
 * read its arguments before it first yields.
 */
API_EXPORT void
fiber_start(struct fiber *callee, ...);

/**
 * Let a waiting or new fiber run after everything that is ready already. Nothing
 * happens if it is ready, running or finished. Never yields.
 */
API_EXPORT void
fiber_wakeup(struct fiber *f);

/**
 * Mark a fiber as cancelled and, if it is cancellable, wake it. Cooperative: the fiber
 * sees fiber_is_cancelled() after its wait. Does not wait. A finished fiber that
 * waits to be joined is left alone; one that is recycled must not be cancelled.
 */
API_EXPORT void
fiber_cancel(struct fiber *f);

/**
 * Whether a cancel may wake the current fiber. Returns the previous setting.
 */
API_EXPORT bool
fiber_set_cancellable(bool yesno);

/**
 * Whether the result of a fiber waits for fiber_join(). To be called before the fiber
 * ends.
 */
API_EXPORT void
fiber_set_joinable(struct fiber *fiber, bool yesno);

/**
 * Wait for a joinable fiber to end, and release it. Cancelling the caller does not end
 * the wait. Must be called once for a fiber, not on the fiber itself.
 *
 * @return what the fiber's function returned. If that is not 0 the fiber's error has
 *         moved to the caller's diag; otherwise the caller's diag is untouched.
 */
API_EXPORT int
fiber_join(struct fiber *f);

/**
 * Sleep for `s` seconds, or until woken or cancelled. 0 lets the event loop poll
 * once.
 */
API_EXPORT void
fiber_sleep(double s);

/** Whether the current fiber was cancelled. */
API_EXPORT bool
fiber_is_cancelled(void);

/** Wall clock at the start of this turn of the event loop, seconds. */
API_EXPORT double
fiber_time(void);

/** The same in microseconds. */
API_EXPORT uint64_t
fiber_time64(void);

/** Monotonic clock at the start of this turn of the event loop, seconds. */
API_EXPORT double
fiber_clock(void);

/** The same in microseconds. */
API_EXPORT uint64_t
fiber_clock64(void);

/**
 * Let everything that is ready run, then go on. The event loop does not look at
 * descriptors and timers in between; fiber_sleep(0) makes it.
 */
API_EXPORT void
fiber_reschedule(void);

/** Where the current cord allocates; for this thread only. */
API_EXPORT struct slab_cache *
cord_slab_cache(void);

/** Bytes in use in the current fiber's region. */
API_EXPORT size_t
box_region_used(void);

/**
 * Memory from the current fiber's region, without any alignment; it lives until
 * the region is truncated or the fiber ends. NULL with OutOfMemory set on failure.
 */
API_EXPORT void *
box_region_alloc(size_t size);

/** The same, aligned to a power of two. */
API_EXPORT void *
box_region_aligned_alloc(size_t size, size_t alignment);

/** Free everything allocated since box_region_used() was `size`. */
API_EXPORT void
box_region_truncate(size_t size);

/** The living fiber of that id in the current cord, or NULL. The id of a finished fiber that
 * waits to be joined is still known; ids are not given out twice in 2^32 fibers. */
API_EXPORT struct fiber *
fiber_find(uint32_t fid);

/*
 * Since Tarantool 2.x and 3.x. Where `f` may be NULL, NULL means the current fiber.
 */

/**
 * fiber_join() with a limit: wait at most `timeout` seconds for the fiber to end. It yields
 * at least once unless the fiber has ended. Cancelling the caller does not end the
 * wait.
 *
 * @return what the fiber's function returned, as fiber_join() does; or -1 with TimedOut
 *         in the diag when the time was up first. Then the fiber runs on and can, and must,
 *         be joined again.
 */
API_EXPORT int
fiber_join_timeout(struct fiber *f, double timeout);

/**
 * Give a fiber a word of the caller's: what the word points to stays the caller's. It may
 * be set at any time of the fiber's life, also before it runs, so that a fiber can be
 * started by fiber_wakeup() and still get an argument. A new fiber has NULL, also one
 * that takes over the stack of a finished one. Must not be called for a fiber that is
 * finished and recycled.
 */
API_EXPORT void
fiber_set_ctx(struct fiber *f, void *f_arg);

/** The word of fiber_set_ctx(), until the fiber is recycled: on_stop triggers still see
 * it. `f` may be NULL. */
API_EXPORT void *
fiber_get_ctx(struct fiber *f);

/** Name a fiber with `len` bytes, which need no NUL at their end; cut to 32 characters, and
 * at a NUL. `f` may be NULL. */
API_EXPORT void
fiber_set_name_n(struct fiber *f, const char *name, uint32_t len);

/** A fiber's name, NUL-terminated. It is the fiber's: it changes with the next
 * fiber_set_name_n() and when the fiber ends. `f` may be NULL. (An inline function for
 * non-NULL fibers in 1.10.) */
API_EXPORT const char *
fiber_name(struct fiber *f);

/** A fiber's id, for fiber_find() and the log; 0 when it is recycled. `f` may be NULL. */
API_EXPORT uint64_t
fiber_id(struct fiber *f);

/** How often the fiber, and those that had its stack before, were switched to; modulo
 * 2^32. `f` may be NULL. */
API_EXPORT uint64_t
fiber_csw(struct fiber *f);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_MODULE_FIBER_H_INCLUDED */
