/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Reading from sockets into a buffer that grows (spec ipc.md 13). C++ only.
 *
 * Each reads at least sz bytes, and as many more as there are and fit without growing, and
 * returns how many. Throws what coio_read() and coio_readn() throw, and OutOfMemory.
 */
#ifndef TARANTOOL_COIO_BUF_H_INCLUDED
#define TARANTOOL_COIO_BUF_H_INCLUDED

#include "trivia/config.h"

#if defined(__cplusplus)

#include "coio.h"
#include "small/ibuf.h"

/** Make room for sz bytes. */
static inline void
coio_breserve(struct ibuf *buf, size_t sz)
{
	if (ibuf_reserve(buf, sz) == NULL && sz > 0)
		tnt_raise(OutOfMemory, sz, "ibuf", "data");
}

static inline ssize_t
coio_bread_timeout(struct ev_io *coio, struct ibuf *buf, size_t sz, ev_tstamp timeout)
{
	coio_breserve(buf, sz);
	ssize_t n = coio_read_ahead_timeout(coio, buf->wpos, sz, ibuf_unused(buf), timeout);
	buf->wpos += n;
	return n;
}

static inline ssize_t
coio_bread(struct ev_io *coio, struct ibuf *buf, size_t sz)
{
	return coio_bread_timeout(coio, buf, sz, TIMEOUT_INFINITY);
}

/** An early end of the stream is an error. */
static inline ssize_t
coio_breadn_timeout(struct ev_io *coio, struct ibuf *buf, size_t sz, ev_tstamp timeout)
{
	coio_breserve(buf, sz);
	ssize_t n = coio_readn_ahead_timeout(coio, buf->wpos, sz, ibuf_unused(buf), timeout);
	buf->wpos += n;
	return n;
}

static inline ssize_t
coio_breadn(struct ev_io *coio, struct ibuf *buf, size_t sz)
{
	return coio_breadn_timeout(coio, buf, sz, TIMEOUT_INFINITY);
}

#endif /* defined(__cplusplus) */

#endif /* TARANTOOL_COIO_BUF_H_INCLUDED */
