/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The public part of say.h: writing to the log. In any thread, also in one without a cord;
 * errno is preserved. Origin: spec diag.md 9.
 */
#ifndef CORDAGE_MODULE_SAY_H_INCLUDED
#define CORDAGE_MODULE_SAY_H_INCLUDED

#include "../trivia/compiler.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Importance of a record; a smaller number is more important. */
enum say_level {
	/** The program ends. */
	S_FATAL = 0,
	/** A system call failed. */
	S_SYSERROR = 1,
	S_ERROR = 2,
	S_CRIT = 3,
	S_WARN = 4,
	S_INFO = 5,
	S_VERBOSE = 6,
	S_DEBUG = 7,
};

enum say_format {
	SF_PLAIN = 0,
	SF_JSON = 1,
	say_format_MAX = 2,
};

/** What the macros below let through; set it by say_set_log_level(). */
extern int log_level;

/** Whether the macros below write a record of that level. */
static inline bool
say_log_level_is_enabled(int level)
{
	return level <= log_level;
}

typedef void (*sayfunc_t)(int level, const char *file, int line, const char *error,
			  const char *format, ...);

/** All macros go through it; may be replaced by the program. `error` is what follows the
 * message after ": ", `file` is where it comes from; both may be NULL. */
extern sayfunc_t _say CFORMAT(printf, 5, 6);

/** Nothing is evaluated if the level is not enabled. */
#define say_file_line(level, file, line, error, format, ...) ({		\
	if (say_log_level_is_enabled(level))				\
		_say(level, file, line, error, format, ##__VA_ARGS__);	\
})

#define say(level, error, format, ...) \
	say_file_line(level, __FILE__, __LINE__, error, format, ##__VA_ARGS__)

/** With the text of errno. */
#define say_syserror(format, ...) \
	say(S_SYSERROR, strerror(errno), format, ##__VA_ARGS__)
#define say_error(format, ...) say(S_ERROR, NULL, format, ##__VA_ARGS__)
#define say_crit(format, ...) say(S_CRIT, NULL, format, ##__VA_ARGS__)
#define say_warn(format, ...) say(S_WARN, NULL, format, ##__VA_ARGS__)
#define say_info(format, ...) say(S_INFO, NULL, format, ##__VA_ARGS__)
#define say_verbose(format, ...) say(S_VERBOSE, NULL, format, ##__VA_ARGS__)
#define say_debug(format, ...) say(S_DEBUG, NULL, format, ##__VA_ARGS__)

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORDAGE_MODULE_SAY_H_INCLUDED */
