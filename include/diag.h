/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Errors as objects, and the place where a fiber keeps the last one.
 *
 * A function that fails returns NULL or -1 and leaves an error in the diagnostics area
 * of the current fiber; whoever handles the failure looks there, logs it,
 * raises it as a C++ exception, or clears it. An area holds one error.
 *
 * An error is counted by references, with a plain integer: it belongs to one thread at a
 * time. A constructor returns it with no reference, adding it to an area gives it
 * the first one. Errors of the library are C++ objects (exception.h), whose address
 * is 8 bytes below `struct error`: never free() one.
 *
 * Everything that needs the current fiber (diag_get, diag_set, ...) needs a thread
 * with a cord; without one it is a panic. Origin: spec diag.md 3, 4.
 */
#ifndef TARANTOOL_DIAG_H_INCLUDED
#define TARANTOOL_DIAG_H_INCLUDED

#include "trivia/util.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "say.h"

#if defined(__cplusplus)
extern "C" {
#endif

enum {
	/** Size of an error's text, the terminating zero included. */
	DIAG_ERRMSG_MAX = 512,
	/** Size of an error's file name, the terminating zero included. */
	DIAG_FILENAME_MAX = 256,
};

struct type_info;
struct error;

typedef void (*error_f)(struct error *e);

/** An error. Its text never has the errno text in it: that is added by logging. */
struct error {
	/** Frees the object. */
	error_f destroy;
	/** Throws the object as a C++ exception. */
	error_f raise;
	/** Writes the object to the log. */
	error_f log;
	const struct type_info *type;
	int refs;
	/** Where it was made. */
	unsigned line;
	char file[DIAG_FILENAME_MAX];
	char errmsg[DIAG_ERRMSG_MAX];
};

static inline void
error_ref(struct error *e)
{
	e->refs++;
}

/** Drops a reference; the last one takes the object with it. */
static inline void
error_unref(struct error *e)
{
	assert(e->refs > 0);
	if (--e->refs == 0)
		e->destroy(e);
}

/** Throws `e`, as a pointer of its own class. */
NORETURN static inline void
error_raise(struct error *e)
{
	e->raise(e);
	unreachable();
}

static inline void
error_log(struct error *e)
{
	e->log(e);
}

/** Initialises every field: no references, empty text, `file` (cut at 255
 * characters) and `line`, or no file and line 0 if `file` is NULL. */
void
error_create(struct error *e, error_f destroy, error_f raise, error_f log,
	     const struct type_info *type, const char *file, unsigned line);

/** Replaces the text; cut at 511 characters. */
CFORMAT(printf, 2, 3) void
error_format_msg(struct error *e, const char *format, ...);

/** @copydoc error_format_msg */
CFORMAT(printf, 2, 0) void
error_vformat_msg(struct error *e, const char *format, va_list ap);

/** A place for one error. */
struct diag {
	struct error *last;
};

static inline void
diag_create(struct diag *diag)
{
	diag->last = NULL;
}

static inline bool
diag_is_empty(struct diag *diag)
{
	return diag->last == NULL;
}

static inline void
diag_clear(struct diag *diag)
{
	if (diag->last == NULL)
		return;
	error_unref(diag->last);
	diag->last = NULL;
}

/** Makes `e` the area's error, in place of what was there (which may be `e`). */
static inline void
diag_add_error(struct diag *diag, struct error *e)
{
	assert(e != NULL);
	error_ref(e);
	diag_clear(diag);
	diag->last = e;
}

/** Clears `to`, then hands it the error of `from`, if there is one. */
static inline void
diag_move(struct diag *from, struct diag *to)
{
	diag_clear(to);
	to->last = from->last;
	from->last = NULL;
}

static inline void
diag_destroy(struct diag *diag)
{
	diag_clear(diag);
}

/** The error, not referenced for the caller; NULL if there is none. */
static inline struct error *
diag_last_error(struct diag *diag)
{
	return diag->last;
}

/** The area of the current fiber; never NULL. */
struct diag *
diag_get(void);

/** Throws the current fiber's error. The area keeps it. */
NORETURN static inline void
diag_raise(void)
{
	struct error *e = diag_last_error(diag_get());
	assert(e != NULL);
	error_raise(e);
}

/** Logs the current fiber's error. The area keeps it. */
static inline void
diag_log(void)
{
	struct error *e = diag_last_error(diag_get());
	assert(e != NULL);
	error_log(e);
}

/* {{{ Constructors: no references yet; never NULL. Out of memory, all of them return the
 * library's one static OutOfMemory. */

/** "Failed to allocate AMOUNT bytes in ALLOCATOR for OBJECT"; prints 32 bits of it. */
struct error *
BuildOutOfMemory(const char *file, unsigned line, size_t amount,
		 const char *allocator, const char *object);

/** "fiber is cancelled" */
struct error *
BuildFiberIsCancelled(const char *file, unsigned line);

/** "timed out" */
struct error *
BuildTimedOut(const char *file, unsigned line);

/** "channel is closed" */
struct error *
BuildChannelIsClosed(const char *file, unsigned line);

/** `msg`, or nothing if it is NULL. */
struct error *
BuildLuajitError(const char *file, unsigned line, const char *msg);

CFORMAT(printf, 3, 4) struct error *
BuildIllegalParams(const char *file, unsigned line, const char *format, ...);

/** Keeps errno, which becomes part of the logged line. */
CFORMAT(printf, 3, 4) struct error *
BuildSystemError(const char *file, unsigned line, const char *format, ...);

CFORMAT(printf, 3, 4) struct error *
BuildCollationError(const char *file, unsigned line, const char *format, ...);

/** The text and ", called on SOCKETNAME"; keeps errno. */
CFORMAT(printf, 4, 5) struct error *
BuildSocketError(const char *file, unsigned line, const char *socketname,
		 const char *format, ...);

struct index_def;

/** Declared for the database layer to define: the library does not. */
struct error *
BuildUnsupportedIndexFeature(const char *file, unsigned line,
			     struct index_def *index_def, const char *what);

/* }}} */

/**
 * diag_set(Class, arguments...): makes Build<Class>(file, line, arguments...) the
 * current fiber's error, with a line in the log at level DEBUG. errno stays as it was, so
 * a following say_syserror() still tells why.
 */
#define diag_set(class_, ...) do {					\
	int diag_set_errno_ = errno;					\
	say_debug("%s at %s:%d", #class_, __FILE__, __LINE__);		\
	struct error *diag_set_error_ =					\
		Build##class_(__FILE__, __LINE__, ##__VA_ARGS__);	\
	diag_add_error(diag_get(), diag_set_error_);			\
	errno = diag_set_errno_;					\
} while (0)

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_DIAG_H_INCLUDED */
