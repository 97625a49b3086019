/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_FIBER_CHANNEL_H_INCLUDED
#define TARANTOOL_FIBER_CHANNEL_H_INCLUDED

/*
 * Messages between the fibers of one cord, in order, through a buffer of fixed
 * size or none at all (spec ipc.md 3).
 *
 * A put waits while the buffer is full, a get while there is no message. With size 0
 * a put completes when a reader takes the message. A call that need not wait
 * does not yield, also in a cancelled fiber.
 *
 * Calls return 0, or -1 with the reason in the diagnostics area: ChannelIsClosed,
 * FiberIsCancelled, TimedOut (also for a timeout of 0 when it would have to wait), or
 * OutOfMemory.
 */

#include "trivia/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarantool_ev.h"
#include "small/rlist.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The first member of every message. */
struct ipc_msg {
	/** How a closing channel disposes of the message. */
	void (*destroy)(struct ipc_msg *msg);
};

/** A message that is one pointer or number. */
struct ipc_value {
	struct ipc_msg base;
	union {
		void *data;
		int i;
	};
};

struct fiber_channel {
	/** Capacity in messages. */
	uint32_t size;
	/** Messages buffered. */
	uint32_t count;
	/** Readers or writers that wait, linked by fiber.state. */
	struct rlist waiters;
	/** Index of the oldest message in buf. */
	uint32_t beg;
	bool is_closed;
	/** Ring of `size` pointers, right behind the struct. */
	struct ipc_msg **buf;
};

/** A value from the cord's pool, or NULL with OutOfMemory set. */
struct ipc_value *
ipc_value_new(void);

/** Give a value back, in the cord it came from. */
void
ipc_value_delete(struct ipc_msg *msg);

/** Bytes of a channel of that capacity. */
static inline size_t
fiber_channel_memsize(uint32_t size)
{
	return sizeof(struct fiber_channel) + sizeof(struct ipc_msg *) * size;
}

/** Initialise a channel in fiber_channel_memsize(size) bytes of the caller. */
void
fiber_channel_create(struct fiber_channel *ch, uint32_t size);

/** Close such a channel; frees nothing. */
void
fiber_channel_destroy(struct fiber_channel *ch);

/** A channel on the heap, or NULL with OutOfMemory set. */
struct fiber_channel *
fiber_channel_new(uint32_t size);

/** Close and free a channel made by fiber_channel_new(). Fibers may still wait on it. */
void
fiber_channel_delete(struct fiber_channel *ch);

/** Whether no message is buffered. */
static inline bool
fiber_channel_is_empty(struct fiber_channel *ch)
{
	return ch->count == 0;
}

/** Whether the buffer has no room; always true for size 0. */
static inline bool
fiber_channel_is_full(struct fiber_channel *ch)
{
	return ch->count >= ch->size;
}

/** Capacity in messages. */
static inline uint32_t
fiber_channel_size(struct fiber_channel *ch)
{
	return ch->size;
}

/** Messages buffered, without those that blocked writers hold. */
static inline uint32_t
fiber_channel_count(struct fiber_channel *ch)
{
	return ch->count;
}

static inline bool
fiber_channel_is_closed(struct fiber_channel *ch)
{
	return ch->is_closed;
}

/** Put a message. On failure the caller still owns it. */
int
fiber_channel_put_msg_timeout(struct fiber_channel *ch, struct ipc_msg *msg,
			      ev_tstamp timeout);

/** Put a pointer, wrapped in an ipc_value. NULL is a legal payload. */
int
fiber_channel_put_timeout(struct fiber_channel *ch, void *data, ev_tstamp timeout);

/** Take a message, which then is the caller's. On failure *msg is untouched. */
int
fiber_channel_get_msg_timeout(struct fiber_channel *ch, struct ipc_msg **msg,
			      ev_tstamp timeout);

/** Take a pointer put by fiber_channel_put_timeout(). On failure *data is untouched. */
int
fiber_channel_get_timeout(struct fiber_channel *ch, void **data, ev_tstamp timeout);

/** Put a pointer, waiting for as long as it takes. */
static inline int
fiber_channel_put(struct fiber_channel *ch, void *data)
{
	return fiber_channel_put_timeout(ch, data, TIMEOUT_INFINITY);
}

/** Take a pointer, waiting for as long as it takes. */
static inline int
fiber_channel_get(struct fiber_channel *ch, void **data)
{
	return fiber_channel_get_timeout(ch, data, TIMEOUT_INFINITY);
}

/** Whether a reader waits longest. */
bool
fiber_channel_has_readers(struct fiber_channel *ch);

/** Whether a writer waits longest. */
bool
fiber_channel_has_writers(struct fiber_channel *ch);

/**
 * Let nothing pass any more: destroy what is buffered, wake everybody who waits with
 * ChannelIsClosed. Messages of blocked writers stay theirs. Does not yield;
 * closing again is harmless.
 */
void
fiber_channel_close(struct fiber_channel *ch);

#ifdef __cplusplus
} /* extern "C" */

#include "diag.h"

/** fiber_channel_get(), raising the error instead of returning -1. */
static inline void
fiber_channel_get_xc(struct fiber_channel *ch, void **data)
{
	if (fiber_channel_get(ch, data) != 0)
		diag_raise();
}

/** fiber_channel_put(), raising the error instead of returning -1. */
static inline void
fiber_channel_put_xc(struct fiber_channel *ch, void *data)
{
	if (fiber_channel_put(ch, data) != 0)
		diag_raise();
}

#endif /* __cplusplus */

#endif /* TARANTOOL_FIBER_CHANNEL_H_INCLUDED */
