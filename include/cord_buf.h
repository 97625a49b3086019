/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_CORD_BUF_H_INCLUDED
#define TARANTOOL_CORD_BUF_H_INCLUDED

/*
 * A buffer for what a fiber does between two yields, whose memory is kept for the next one
 * who needs a buffer (spec ipc.md 14).
 *
 * Only in the main cord. A buffer that is taken belongs to the fiber that took it, until
 * it is given back, and is given back by itself when the fiber yields or ends: it must not
 * be used after anything that may yield. Taking several at once works, but only one of
 * them keeps its memory.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct ibuf;

/**
 * An empty buffer, in the slab cache of the main cord. Never NULL: without memory for
 * the buffer itself the program ends with a message. Reserving memory in it can fail.
 */
struct ibuf *
cord_ibuf_take(void);

/** Give a buffer back. Must be called by the fiber that took it. */
void
cord_ibuf_put(struct ibuf *ibuf);

/** Give a buffer back and free its memory, because it was used for something large. */
void
cord_ibuf_drop(struct ibuf *ibuf);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_CORD_BUF_H_INCLUDED */
