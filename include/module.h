/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The API for loadable modules: all that a shared object needs that is loaded with
 * dlopen(3) into a program linked with libcordage.a and -rdynamic. Fibers, conditions and
 * latches are pointers to unknown structs here.
 *
 * It is the part of Tarantool's module.h that is not about its database and scripting
 * layers, as of 1.10, and what later versions added to that part. Where 1.10 and later
 * versions differ, the functions do what 1.10 does. The headers gathered here describe
 * each function; they include nothing but the C library's, so a module may bring its own
 * copies of everything else (many bring one of `small`). Compile modules with
 * -Iinclude/tarantool for <module.h>, or -Iinclude for <tarantool/module.h>.
 *
 * All but the log, the clocks and cordage_post() is for threads with a cord: not for
 * threads that a module has started itself, nor for functions given to coio_call().
 *
 * Origin: spec ipc.md 16.
 */
#ifndef TARANTOOL_MODULE_H_INCLUDED
#define TARANTOOL_MODULE_H_INCLUDED

#include "module/version.h"
#include "trivia/compiler.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/* Modules take it for granted that module.h brings this in. */
#if defined(__has_include)
#if __has_include(<lua.h>)
#ifdef __cplusplus
extern "C" {
#endif
#include <lua.h>
#ifdef __cplusplus
} /* extern "C" */
#endif
#endif
#endif

/* Fibers. */
#include "module/fiber.h"
#include "module/fiber_cond.h"
#include "module/latch.h"

/* Waiting for descriptors, calls that block. */
#include "module/coio.h"

/* Errors, the log, clocks. */
#include "box/error.h"
#include "module/say.h"
#include "clock.h"

/* Memory: cord_slab_cache() and box_region_*() are in module/fiber.h. */
#include "box/ibuf.h"

/* Not in Tarantool. */
#include "cordage/cord.h"
#include "cordage/post.h"

#endif /* TARANTOOL_MODULE_H_INCLUDED */
