/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * What every other header stands on: attributes, small macros, checked
 * allocation, per-thread text buffers, and a handful of functions that libc lacks.
 *
 * Nothing here needs a cord. Origin: spec diag.md 12, small.md 13.2.
 */
#ifndef TARANTOOL_UTIL_H_INCLUDED
#define TARANTOOL_UTIL_H_INCLUDED

#include "trivia/config.h"
#include "trivia/compiler.h"

#include <assert.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#if defined(__cplusplus)
extern "C" {
#endif

/* {{{ Values, arrays, members */

/*
 * The arguments are evaluated twice. Token for token what <sys/param.h> says, so that
 * both headers can be included in any order.
 */
#ifndef MAX
#define MIN(a,b) (((a)<(b))?(a):(b))
#define MAX(a,b) (((a)>(b))?(a):(b))
#endif

#define SWAP(a, b) do {				\
	__typeof__(a) swap_tmp_ = (a);		\
	(a) = (b);				\
	(b) = swap_tmp_;			\
} while (0)

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))

/** Number of elements of an array (not of a pointer). */
#define nelem(x) (sizeof(x) / sizeof((x)[0]))
#ifndef lengthof
#define lengthof(array) (sizeof(array) / sizeof((array)[0]))
#endif

#define field_sizeof(type, field) sizeof(((type *)NULL)->field)

/** Debug: overwrite `*ptr`, so that a use after its end of life shows. */
#ifndef NDEBUG
#define TRASH(ptr) memset((void *)(ptr), '#', sizeof(*(ptr)))
#else
#define TRASH(ptr) ((void)(ptr))
#endif

/* }}} */

/* {{{ Enumerations from a list
 *
 * A list is a macro that calls its argument once for each member:
 *
 *     #define COLOUR(_) _(RED, 0) _(GREEN, 1)
 *     ENUM(colour, COLOUR);            enum colour { RED = 0, GREEN = 1, colour_MAX };
 *     STRS(colour, COLOUR);            const char *colour_strs[] = { "RED", "GREEN", ... };
 *     STR2ENUM(colour, "green")        GREEN: case does not matter; colour_MAX if absent
 */

#define ENUM0_MEMBER(s, ...) s,
/** enum `name` with the values 0, 1, 2, ... and a last `name_MAX`. */
#define ENUM0(name, members) enum name { members(ENUM0_MEMBER) name##_MAX }

#define ENUM_MEMBER(s, v, ...) s = v,
/** The same with the values given in the list. */
#define ENUM(name, members) enum name { members(ENUM_MEMBER) name##_MAX }

/** Defines name_strs[], indexed by value; a value without a member gives NULL. */
#if defined(__cplusplus)
#define ENUM_STRS_MEMBER(s, ...) strs_[s] = #s;
#define STRS(name, members)						\
	const char *name##_strs[name##_MAX];				\
	static const struct name##_strs_filler {			\
		name##_strs_filler()					\
		{							\
			const char **strs_ = name##_strs;		\
			members(ENUM_STRS_MEMBER)			\
		}							\
	} name##_strs_filler_
#else
#define ENUM_STRS_MEMBER(s, ...) [s] = #s,
#define STRS(name, members)						\
	const char *name##_strs[name##_MAX + 1] = {			\
		members(ENUM_STRS_MEMBER) [name##_MAX] = NULL		\
	}
#endif

#define STR2ENUM(name, str) \
	((enum name)strindex(name##_strs, (str), name##_MAX))
#define STRN2ENUM(name, str, len) \
	((enum name)strnindex(name##_strs, (str), (len), name##_MAX))

/** Index of `needle` in an array that ends at `hmax` elements or at a NULL, ignoring
 * the case of ASCII letters; `hmax` if it is not there. */
uint32_t
strindex(const char **haystack, const char *needle, uint32_t hmax);

/** The same for a needle of `len` bytes, which must be a whole element; `hmax` for an
 * empty one. */
uint32_t
strnindex(const char **haystack, const char *needle, uint32_t len, uint32_t hmax);

/* }}} */

/* {{{ Checked allocation: as in libc, but a failure ends the program with status 1 */

#define xalloc_impl(size, func, ...) ({					\
	void *xalloc_ptr_ = func(__VA_ARGS__);				\
	if (unlikely(xalloc_ptr_ == NULL)) {				\
		fprintf(stderr, "Can't allocate %zu bytes at %s:%d",	\
			(size_t)(size), __FILE__, __LINE__);		\
		exit(EXIT_FAILURE);					\
	}								\
	xalloc_ptr_;							\
})

#define xmalloc(size) xalloc_impl((size), malloc, (size))
#define xcalloc(n, size) xalloc_impl((n) * (size), calloc, (n), (size))
#define xrealloc(ptr, size) xalloc_impl((size), realloc, (ptr), (size))
#define xstrdup(s) ((char *)xalloc_impl(strlen(s) + 1, strdup, (s)))
#define xstrndup(s, n) ((char *)xalloc_impl((n) + 1, strndup, (s), (n)))

/* }}} */

/* {{{ Text */

/**
 * Chain of snprintf-like calls: `fun(buf, size, ...)` returns the length it needed.
 * Adds that to `total` and moves on in the buffer; once the text no longer
 * fits, `buf` is NULL and `size` 0, so that the rest is only counted. A negative
 * result makes the ENCLOSING function return -1. `total`, `buf` and `size` are lvalues.
 */
#define SNPRINT(total, fun, buf, size, ...) do {			\
	int snprint_len_ = fun((buf), (size), ##__VA_ARGS__);		\
	if (snprint_len_ < 0)						\
		return -1;						\
	(total) += snprint_len_;					\
	if (snprint_len_ < (int)(size)) {				\
		(buf) += snprint_len_;					\
		(size) -= snprint_len_;					\
	} else {							\
		(buf) = NULL;						\
		(size) = 0;						\
	}								\
} while (0)

enum { TT_STATIC_BUF_COUNT = 4 };
/** What fits into a static buffer, the terminating zero included. */
#define TT_STATIC_BUF_LEN 1024

/** This thread's ring of buffers, and the index of the one handed out last. */
extern __thread char tt_static_buf_storage[TT_STATIC_BUF_COUNT][TT_STATIC_BUF_LEN + 1];
extern __thread int tt_static_buf_i;

/** The next buffer of the ring; its content lasts for three more calls. */
static inline char *
tt_static_buf(void)
{
	tt_static_buf_i = (tt_static_buf_i + 1) % TT_STATIC_BUF_COUNT;
	return tt_static_buf_storage[tt_static_buf_i];
}

/** A terminated copy of `len` bytes, cut at 1023, in a static buffer. */
static inline const char *
tt_cstr(const char *str, size_t len)
{
	char *buf = tt_static_buf();
	if (len > TT_STATIC_BUF_LEN - 1)
		len = TT_STATIC_BUF_LEN - 1;
	memcpy(buf, str, len);
	buf[len] = '\0';
	return buf;
}

/** Formats into a static buffer; cut at 1023 characters. */
CFORMAT(printf, 1, 0) static inline const char *
tt_vsprintf(const char *format, va_list ap)
{
	char *buf = tt_static_buf();
	vsnprintf(buf, TT_STATIC_BUF_LEN, format, ap);
	return buf;
}

/** @copydoc tt_vsprintf */
CFORMAT(printf, 1, 2) static inline const char *
tt_sprintf(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *result = tt_vsprintf(format, ap);
	va_end(ap);
	return result;
}

/** Decimal text in a buffer of this thread, which the next call overwrites. */
char *
int2str(long long int val);

/**
 * Escapes `data` for a JSON string, without the quotes around it. Like snprintf: at
 * most `size` bytes with the terminating zero are written, the length of the whole is
 * returned. Bytes from 0x80 up are copied as they are.
 */
int
json_escape(char *buf, int size, const char *data);

/** 1 if the bytes are valid UTF-8 that can be shown without escaping, else 0. */
int
utf8_check_printable(const char *str, size_t length);

enum {
	/** Room for any number that fpconv_g_fmt() prints. */
	FPCONV_G_FMT_BUFSIZE = 32,
	FPCONV_G_FMT_MAX_PRECISION = 14,
};

/** "%.0lg" ... "%.14lg" */
extern const char *precision_fmts[];

/** Prints `num` with `precision` (1 to 14, anything else means 14) significant digits
 * into FPCONV_G_FMT_BUFSIZE bytes; returns the length. */
static inline int
fpconv_g_fmt(char *str, double num, int precision)
{
	if (precision <= 0 || precision > FPCONV_G_FMT_MAX_PRECISION)
		precision = FPCONV_G_FMT_MAX_PRECISION;
	return snprintf(str, FPCONV_G_FMT_BUFSIZE, precision_fmts[precision], num);
}

static inline double
fpconv_strtod(const char *nptr, char **endptr)
{
	return strtod(nptr, endptr);
}

/** Asserts that the locale writes one half as 0.5. */
void
fpconv_check(void);

/* }}} */

/* {{{ Files and descriptors */

/** Closes every descriptor from 3 up to the soft limit, but for the `fdc` that follow. */
void
close_all_xcpt(int fdc, ...);

/**
 * printf straight to a descriptor, for signal handlers: %s, %d, %u (both an int), %%.
 * Any other conversion is written as it stands. Each piece is one write(2); stops at
 * a short or failed one. Returns the number of bytes written.
 */
ssize_t
fdprintf(int fd, const char *format, ...);

/** The path of the running executable. Declared for the program to define: the
 * library does not. */
char *
find_path(const char *argv0);

/** Absolute form of a path, to be freed by the caller; NULL when out of memory or
 * when the current directory cannot be told. */
char *
abspath(const char *filename);

/** Makes the directories that come before the last '/' (mode 0777). 0, also if they
 * exist, or -1 with errno. `path` is written to and restored. */
int
mkdirpath(char *path);

/* }}} */

/* The coverage runtime; only programs built with --coverage may call gcov_flush(). */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 11
extern void
__gcov_flush(void);
static inline void
gcov_flush(void)
{
	__gcov_flush();
}
#else
extern void
__gcov_dump(void);
extern void
__gcov_reset(void);
static inline void
gcov_flush(void)
{
	__gcov_dump();
	__gcov_reset();
}
#endif

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_UTIL_H_INCLUDED */
