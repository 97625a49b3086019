/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * What the platform offers, under the names programs test for.
 *
 * The reference generates this file when it is configured. Ours is the same for
 * every build on Linux with glibc, so it is checked in, and nothing has to be run
 * before a program can include it. Every public header includes it first.
 *
 * Origin of names and values: spec diag.md 13 and small.md 13.3.
 */
#ifndef TARANTOOL_CONFIG_H_INCLUDED
#define TARANTOOL_CONFIG_H_INCLUDED

/*
 * The headers use POSIX and GNU declarations (pthread_getattr_np, strdup, sigset_t),
 * which glibc hides under a plain -std=c11. A program that includes one of
 * our headers before any of libc's gets them this way; one that does not has to
 * compile with -D_GNU_SOURCE or -std=gnu11.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "../module/version.h"

#define PACKAGE "Cordage"

/** The program sees the kind of build that it was itself compiled for. */
#ifdef NDEBUG
#define BUILD_TYPE "Release"
#else
#define BUILD_TYPE "Debug"
#endif
#define BUILD_INFO "Linux-x86_64-" BUILD_TYPE
#define COMPILER_INFO __VERSION__

#define TARGET_OS_LINUX 1
#define TARANTOOL_LIBEXT "so"

#define CACHELINE_SIZE 64

#define HAVE_CPUID 1
#define HAVE_MAP_ANON 1
#define HAVE_MAP_ANONYMOUS 1
/** Fiber stacks give back what they do not use (madvise). */
#define HAVE_MADV_DONTNEED 1
#define HAVE_O_DSYNC 1
#define WAL_SYNC_FLAG O_DSYNC
#define HAVE_FDATASYNC 1
#define HAVE_MEMMEM 1
#define HAVE_MEMRCHR 1
#define HAVE_SENDFILE 1
#define HAVE_SENDFILE_LINUX 1
#define HAVE_LIBC_STACK_END 1
#define HAVE_STRUCT_STAT_ST_MTIM 1
#define HAVE_BUILTIN_CTZ 1
#define HAVE_BUILTIN_CTZLL 1
#define HAVE_BUILTIN_CLZ 1
#define HAVE_BUILTIN_CLZLL 1
#define HAVE_BUILTIN_POPCOUNT 1
#define HAVE_BUILTIN_POPCOUNTLL 1
#define HAVE_BUILTIN_BSWAP32 1
#define HAVE_BUILTIN_BSWAP64 1
#define HAVE_PTHREAD_YIELD 1
#define HAVE_SCHED_YIELD 1
#define HAVE_POSIX_FADVISE 1
#define HAVE_FALLOCATE 1
#define HAVE_MREMAP 1
#define HAVE_SYNC_FILE_RANGE 1
#define HAVE_PRCTL_H 1
#define HAVE_CLOCK_GETTIME 1
#define HAVE_CLOCK_GETTIME_DECL 1
#define HAVE_PTHREAD_SETNAME_NP 1
#define HAVE_PTHREAD_GETATTR_NP 1

/*
 * Left undefined, unlike in the reference: ENABLE_BUNDLED_LIBEV, _LIBEIO and _LIBCORO
 * (libev is the system's, the switch and the thread pool are our own), and what says
 * how a database server was built and installed (HAVE_OPENMP, HAVE_GNU_READLINE,
 * HAVE_ICU_STRCOLLUTF8, INSTALL_PREFIX, MODULE_*, DEFAULT_CFG, ...).
 */

#endif /* TARANTOOL_CONFIG_H_INCLUDED */
