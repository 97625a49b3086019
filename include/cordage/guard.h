/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_GUARD_H_INCLUDED
#define CORDAGE_GUARD_H_INCLUDED

/*
 * How fiber stacks are guarded. Not in the reference.
 */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The way new guards are made, found out once: "madvise" (guard regions, Linux 6.13
 * and later: no mapping is split, so their number has no limit), "mprotect" (each guard
 * splits a mapping: at most about 32,700 fit under the default vm.max_map_count), or
 * "none". The environment variable CORDAGE_GUARD forces one of them. Any thread.
 */
const char *
cordage_guard_backend(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_GUARD_H_INCLUDED */
