/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys and values, for all threads: split into parts by the hash of the key, each with a lock
 * of its own. A fiber must not yield while it holds one.
 */
#ifndef RESP_STORE_H_INCLUDED
#define RESP_STORE_H_INCLUDED

#include "buffer.h"

/** Find the value of a key and keep it from changing until store_release(). False, and
 * nothing to release, if there is none. */
bool
store_get(struct slice key, struct slice *value);

void
store_release(struct slice key);

/** False, and nothing changed, without memory. */
bool
store_set(struct slice key, struct slice value);

/** Whether the key was there. */
bool
store_delete(struct slice key);

enum increased { INCREASED, NOT_A_NUMBER, NO_MEMORY };

/** Add one to a decimal number; a key that is not there counts as 0. */
enum increased
store_increase(struct slice key, int64_t *value);

/** Free everything, when nobody uses it any more. */
void
store_free(void);

#endif /* RESP_STORE_H_INCLUDED */
