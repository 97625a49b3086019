/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_SMALL_OBUF_H_INCLUDED
#define TARANTOOL_SMALL_OBUF_H_INCLUDED
/**
 * @file
 * An output buffer: a growing vector for writev (spec small.md 14.4).
 *
 *	iov[0] [ data ........ ]   iov[1] [ data ... | free ]   iov[2] 0 ...
 *	                                  ^ pos
 *
 * Data is appended to iov[pos]. When it is full, the next entry gets memory,
 * twice as much as the last; data never moves. The entry after the last one
 * with memory is zero.
 *
 * A buffer belongs to the thread of its slab cache. 4 GiB and more do not fit
 * an entry.
 */
#include "trivia/config.h"

#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

struct slab_cache;

enum {
	/** The most entries that can have data. */
	SMALL_OBUF_IOV_MAX = 31
};

/** A savepoint: where the buffer ended. */
struct obuf_svp {
	/** Entry number. */
	size_t pos;
	/** Bytes in that entry. */
	size_t iov_len;
	/** Bytes in the buffer. */
	size_t used;
};

struct obuf {
	/** Where slabs come from. Not owned. */
	struct slab_cache *slabc;
	/** The entry that is appended to. */
	int pos;
	/** Entries with memory. */
	int n_iov;
	/** Bytes in the buffer. */
	size_t used;
	/** The least to allocate for the first entry. */
	size_t start_capacity;
	/** Bytes of memory of each entry. */
	size_t capacity[SMALL_OBUF_IOV_MAX + 1];
	/** What to give to writev; iov_len is the data, not the memory. */
	struct iovec iov[SMALL_OBUF_IOV_MAX + 1];
};

/** Sets up an empty buffer. Allocates nothing. `start_capacity` is not 0. */
void
obuf_create(struct obuf *buf, struct slab_cache *slabc, size_t start_capacity);

/** Gives back the memory. */
void
obuf_destroy(struct obuf *buf);

/** Forgets the contents; keeps the memory. */
void
obuf_reset(struct obuf *buf);

/** The slow half of obuf_reserve(): goes to the next entry. */
void *
obuf_reserve_slow(struct obuf *buf, size_t size);

/**
 * Appends a copy of `size` bytes, which may be spread over several entries.
 * Returns how many bytes were appended: fewer if memory or entries ran out.
 */
size_t
obuf_dup(struct obuf *buf, const void *data, size_t size);

/** Forgets what was appended after `svp` was made; keeps the memory. */
void
obuf_rollback_to_svp(struct obuf *buf, struct obuf_svp *svp);

/** A savepoint before all data. */
static inline void
obuf_svp_reset(struct obuf_svp *svp)
{
	svp->pos = 0;
	svp->iov_len = 0;
	svp->used = 0;
}

/** Bytes in the buffer. */
static inline size_t
obuf_size(struct obuf *buf)
{
	return buf->used;
}

/** Entries with data. */
static inline int
obuf_iovcnt(struct obuf *buf)
{
	return buf->iov[buf->pos].iov_len > 0 ? buf->pos + 1 : buf->pos;
}

/** About how much memory the buffer has; 0 if none. */
static inline size_t
obuf_capacity(struct obuf *buf)
{
	return buf->n_iov > 0 ? 2 * buf->capacity[buf->n_iov - 1] : 0;
}

/**
 * At least `size` contiguous bytes, without appending them; NULL on failure, after which
 * the rest of an entry with data stays empty. An entry without memory returns NULL for
 * `size` 0, too.
 */
static inline void *
obuf_reserve(struct obuf *buf, size_t size)
{
	struct iovec *iov = &buf->iov[buf->pos];
	/* In integers: to NULL nothing may be added, not even 0. */
	if (size <= buf->capacity[buf->pos] - iov->iov_len)
		return (void *)((uintptr_t)iov->iov_base + iov->iov_len);
	return obuf_reserve_slow(buf, size);
}

/** Appends `size` bytes, their contents unspecified; NULL on failure. */
static inline void *
obuf_alloc(struct obuf *buf, size_t size)
{
	void *ptr = obuf_reserve(buf, size);
	if (ptr != NULL) {
		buf->iov[buf->pos].iov_len += size;
		buf->used += size;
	}
	return ptr;
}

/** Where the buffer ends now. */
static inline struct obuf_svp
obuf_create_svp(struct obuf *buf)
{
	struct obuf_svp svp;
	svp.pos = buf->pos;
	svp.iov_len = buf->iov[buf->pos].iov_len;
	svp.used = buf->used;
	return svp;
}

/** The address at which data appended after `svp` was made may start. */
static inline void *
obuf_svp_to_ptr(struct obuf *buf, struct obuf_svp *svp)
{
	return (void *)((uintptr_t)buf->iov[svp->pos].iov_base + svp->iov_len);
}

/**
 * obuf_reserve() as a callback: `ctx` is the buffer. *size becomes what can be
 * appended at that address.
 */
static inline void *
obuf_reserve_cb(void *ctx, size_t *size)
{
	struct obuf *buf = (struct obuf *)ctx;
	void *ptr = obuf_reserve(buf, *size);
	*size = buf->capacity[buf->pos] - buf->iov[buf->pos].iov_len;
	return ptr;
}

/** obuf_alloc() as a callback: `ctx` is the buffer. */
static inline void *
obuf_alloc_cb(void *ctx, size_t size)
{
	return obuf_alloc((struct obuf *)ctx, size);
}

#ifdef __cplusplus
} /* extern "C" */

#include "exception.h"

/* The functions with _xc throw OutOfMemory instead of failing. */

static inline void *
obuf_reserve_xc(struct obuf *buf, size_t size)
{
	void *ptr = obuf_reserve(buf, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "obuf", "reserve");
	return ptr;
}

static inline void *
obuf_reserve_xc_cb(void *ctx, size_t *size)
{
	size_t wanted = *size;
	void *ptr = obuf_reserve_cb(ctx, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, wanted, "obuf", "reserve");
	return ptr;
}

static inline void *
obuf_alloc_xc(struct obuf *buf, size_t size)
{
	void *ptr = obuf_alloc(buf, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "obuf", "alloc");
	return ptr;
}

static inline void *
obuf_alloc_xc_cb(void *ctx, size_t size)
{
	return obuf_alloc_xc((struct obuf *)ctx, size);
}

static inline void
obuf_dup_xc(struct obuf *buf, const void *data, size_t size)
{
	if (obuf_dup(buf, data, size) != size)
		tnt_raise(OutOfMemory, size, "obuf", "dup");
}

#endif /* __cplusplus */

#endif /* TARANTOOL_SMALL_OBUF_H_INCLUDED */
