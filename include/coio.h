/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_COIO_H_INCLUDED
#define TARANTOOL_COIO_H_INCLUDED

/*
 * I/O that blocks one fiber instead of the thread (spec ipc.md 7). What modules may use of
 * it, which so far is all there is, is in module/coio.h.
 */

#include "fiber.h"
#include "module/coio.h"
#include "trivia/util.h"

#endif /* TARANTOOL_COIO_H_INCLUDED */
