/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_SMALL_IBUF_H_INCLUDED
#define TARANTOOL_SMALL_IBUF_H_INCLUDED
/**
 * @file
 * An input buffer: one contiguous piece of memory, written at one end and read
 * at the other (spec small.md 14.3).
 *
 *	buf          rpos           wpos           end
 *	 [ read already ][ to be read ][ to be written ]
 *
 * Readers move rpos, writers wpos. When there is no room behind wpos, the
 * unread data moves to the start of this or a larger slab, so pointers into the
 * buffer are good only until the next reservation.
 *
 * A buffer belongs to the thread of its slab cache. 4 GiB and more do not fit.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

struct slab_cache;

struct ibuf {
	/** Where slabs come from. Not owned. */
	struct slab_cache *slabc;
	/** The memory; NULL before the first reservation. */
	char *buf;
	char *rpos;
	char *wpos;
	char *end;
	/** The least to allocate at once. */
	size_t start_capacity;
};

/** Sets up an empty buffer. Allocates nothing. `start_capacity` is not 0. */
void
ibuf_create(struct ibuf *ibuf, struct slab_cache *slabc, size_t start_capacity);

/** Gives back the memory. */
void
ibuf_destroy(struct ibuf *ibuf);

/** Gives back the memory, and sets up the buffer again. */
void
ibuf_reinit(struct ibuf *ibuf);

/** The slow half of ibuf_reserve(), for when `size` does not fit behind wpos. */
void *
ibuf_reserve_slow(struct ibuf *ibuf, size_t size);

/** Bytes to be read. */
static inline size_t
ibuf_used(struct ibuf *ibuf)
{
	assert(ibuf->wpos >= ibuf->rpos);
	return ibuf->wpos - ibuf->rpos;
}

/** Bytes that can be written without moving data. */
static inline size_t
ibuf_unused(struct ibuf *ibuf)
{
	assert(ibuf->wpos <= ibuf->end);
	return ibuf->end - ibuf->wpos;
}

/** Bytes of memory. */
static inline size_t
ibuf_capacity(struct ibuf *ibuf)
{
	assert(ibuf->buf <= ibuf->end);
	return ibuf->end - ibuf->buf;
}

/** Bytes read already. */
static inline size_t
ibuf_pos(struct ibuf *ibuf)
{
	assert(ibuf->buf <= ibuf->rpos);
	return ibuf->rpos - ibuf->buf;
}

/** Forgets the contents; keeps the memory. */
static inline void
ibuf_reset(struct ibuf *ibuf)
{
	ibuf->rpos = ibuf->buf;
	ibuf->wpos = ibuf->buf;
}

/**
 * wpos, with at least `size` bytes to write behind it; NULL with nothing
 * changed on failure. A buffer without memory returns NULL for `size` 0, too.
 */
static inline void *
ibuf_reserve(struct ibuf *ibuf, size_t size)
{
	if (size <= ibuf_unused(ibuf))
		return ibuf->wpos;
	return ibuf_reserve_slow(ibuf, size);
}

/** The same, and moves wpos behind the `size` bytes. */
static inline void *
ibuf_alloc(struct ibuf *ibuf, size_t size)
{
	void *ptr = ibuf_reserve(ibuf, size);
	if (ptr != NULL)
		ibuf->wpos += size;
	return ptr;
}

/**
 * ibuf_reserve() as a callback: `ctx` is the buffer, 0 for *size stands for its
 * start_capacity. *size becomes what can be written at that address.
 */
static inline void *
ibuf_reserve_cb(void *ctx, size_t *size)
{
	struct ibuf *ibuf = (struct ibuf *)ctx;
	void *ptr = ibuf_reserve(ibuf, *size != 0 ? *size : ibuf->start_capacity);
	*size = ibuf_unused(ibuf);
	return ptr;
}

/** ibuf_alloc() as a callback: `ctx` is the buffer. */
static inline void *
ibuf_alloc_cb(void *ctx, size_t size)
{
	return ibuf_alloc((struct ibuf *)ctx, size);
}

#ifdef __cplusplus
} /* extern "C" */

#include "exception.h"

/* The functions with _xc throw OutOfMemory instead of returning NULL. */

static inline void *
ibuf_reserve_xc(struct ibuf *ibuf, size_t size)
{
	void *ptr = ibuf_reserve(ibuf, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "ibuf", "reserve");
	return ptr;
}

static inline void *
ibuf_alloc_xc(struct ibuf *ibuf, size_t size)
{
	void *ptr = ibuf_alloc(ibuf, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "ibuf", "alloc");
	return ptr;
}

static inline void *
ibuf_reserve_xc_cb(void *ctx, size_t *size)
{
	size_t wanted = *size;
	void *ptr = ibuf_reserve_cb(ctx, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, wanted, "ibuf", "reserve");
	return ptr;
}

static inline void *
ibuf_alloc_xc_cb(void *ctx, size_t size)
{
	return ibuf_alloc_xc((struct ibuf *)ctx, size);
}

#endif /* __cplusplus */

#endif /* TARANTOOL_SMALL_IBUF_H_INCLUDED */
