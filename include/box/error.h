/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The errors of diag.h as loadable modules see them.
 *
 * Everything here is weak in the library: a program with a database layer uses
 * the definitions in there. Needs a thread with a cord. Origin: spec diag.md 15.
 */
#ifndef TARANTOOL_BOX_ERROR_H_INCLUDED
#define TARANTOOL_BOX_ERROR_H_INCLUDED

#include "../trivia/compiler.h"

#include <stdint.h>

struct error;
typedef struct error box_error_t;

/** The codes that the library gives, and that modules give. */
enum box_error_code {
	ER_UNKNOWN = 0,
	ER_ILLEGAL_PARAMS = 1,
	ER_MEMORY_ISSUE = 2,
	ER_PROC_LUA = 32,
	ER_TIMEOUT = 78,
	ER_PROC_C = 102,
	ER_UNSUPPORTED_INDEX_FEATURE = 112,
	ER_SYSTEM = 115,
	ER_CANT_CREATE_COLLATION = 150,
	box_error_code_MAX = 158,
};

/** The name of the error's type, such as "SystemError". */
API_EXPORT const char *
box_error_type(const box_error_t *error);

/** The code it was made with by box_error_set(); otherwise ER_MEMORY_ISSUE for OutOfMemory,
 * ER_SYSTEM for any other SystemError, ER_CANT_CREATE_COLLATION for CollationError,
 * ER_PROC_LUA for the rest. */
API_EXPORT uint32_t
box_error_code(const box_error_t *error);

/** The error's text, without the text of errno. */
API_EXPORT const char *
box_error_message(const box_error_t *error);

/** The current fiber's error, NULL if there is none. Valid until the next call into
 * the library. Success does not clear it. */
API_EXPORT box_error_t *
box_error_last(void);

/** Forgets the current fiber's error. */
API_EXPORT void
box_error_clear(void);

/** Makes a ClientError with this code and text the current fiber's error. Always -1. */
API_EXPORT CFORMAT(printf, 4, 5) int
box_error_set(const char *file, unsigned line, uint32_t code, const char *format, ...);

/** The same from here. Despite its name it throws nothing. */
#define box_error_raise(code, format, ...) \
	box_error_set(__FILE__, __LINE__, (code), (format), ##__VA_ARGS__)

#endif /* TARANTOOL_BOX_ERROR_H_INCLUDED */
