/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Random bytes from the system. Origin: spec diag.md 14; random(4).
 */
#ifndef TARANTOOL_RANDOM_H_INCLUDED
#define TARANTOOL_RANDOM_H_INCLUDED

#include "trivia/config.h"

#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** Opens the system's source and seeds libc's rand() and random() from it; without a
 * source, from the process id, the user id and the time. */
void
random_init(void);

/** Closes the source. */
void
random_free(void);

/** Fills `size` bytes. What the source does not give comes from rand(). */
void
random_bytes(char *buf, size_t size);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_RANDOM_H_INCLUDED */
