/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who serves the connections: cords of their own, which get them over the cord bus, or
 * the main cord if there are none.
 */
#ifndef RESP_WORKER_H_INCLUDED
#define RESP_WORKER_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

enum {
	WORKERS_MAX = 64,
};

/** Start that many cords, in a fiber of the main cord. False, with the diag set, and
 * none of them there. */
bool
workers_start(int number);

int
workers_number(void);

/** Have an accepted connection served. */
void
workers_serve(int fd);

/** Connections that there are, and that there have been. Any cord. */
void
workers_count(uint64_t *now, uint64_t *total);

/** End all connections and all cords, and wait for that. */
void
workers_stop(void);

#endif /* RESP_WORKER_H_INCLUDED */
