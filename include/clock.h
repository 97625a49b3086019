/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The system's clocks, read anew by every call (unlike the loop's cached time). From
 * any thread. Origin: spec diag.md 14; clock_gettime(2).
 */
#ifndef TARANTOOL_CLOCK_H_INCLUDED
#define TARANTOOL_CLOCK_H_INCLUDED

#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** Seconds since the epoch; since some moment; of CPU time used by the process; by the
 * thread. */
double
clock_realtime(void);
double
clock_monotonic(void);
double
clock_process(void);
double
clock_thread(void);

/** The same in nanoseconds. */
uint64_t
clock_realtime64(void);
uint64_t
clock_monotonic64(void);
uint64_t
clock_process64(void);
uint64_t
clock_thread64(void);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_CLOCK_H_INCLUDED */
