/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The log.
 *
 * A record is formatted into a buffer of its thread and written by one write(2), so it
 * appears whole and before anything that stdio still holds. From the start of the
 * program records go to stderr without any decoration (the "boot" logger), until
 * say_logger_init() sets up the standard logger.
 *
 * Every function here preserves errno, works in any thread, and works before any
 * initialisation, but for what reports errors through the diagnostics area (it says
 * "diag"), which needs a cord. Origin: spec diag.md 9.
 */
#ifndef TARANTOOL_SAY_H_INCLUDED
#define TARANTOOL_SAY_H_INCLUDED

#include "trivia/util.h"
#include "module/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>

#include "fiber_cond.h"
#include "ratelimit.h"
#include "small/rlist.h"
#include "tarantool_ev.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* {{{ Levels and formats: module/say.h, and */

/** The format asked for the default logger. */
extern enum say_format log_format;

/** The process that a pipe logger writes to, else 0. */
extern pid_t log_pid;

/* }}} */

/* {{{ Writing to the default logger: module/say.h, and */

/** Logs, then leaves by exit(): atexit handlers run, stdio is flushed. */
#define panic_status(status, ...) ({					\
	say(S_FATAL, NULL, __VA_ARGS__);				\
	exit(status);							\
})
#define panic(...) panic_status(EXIT_FAILURE, __VA_ARGS__)
#define panic_syserror(...) ({						\
	say(S_FATAL, strerror(errno), __VA_ARGS__);			\
	exit(EXIT_FAILURE);						\
})

enum {
	/** Seconds, and records in them, of the limited macros. */
	SAY_RATELIMIT_INTERVAL = 5,
	SAY_RATELIMIT_BURST = 10,
};

/** True if the limiter lets a record through now; tells how many it has held back when it
 * opens again. Needs fiber.h and a cord with a loop, whose cached time it uses. */
#define say_ratelimit_check(rl) ({					\
	int say_suppressed_ = 0;					\
	bool say_allowed_ = ratelimit_check((rl), ev_monotonic_now(loop()), \
					    &say_suppressed_);		\
	if (say_suppressed_ > 0)					\
		say_warn("%d messages suppressed", say_suppressed_);	\
	say_allowed_;							\
})

/** Each place in the code where this is written has a limiter of its own. */
#define say_ratelimited(level, error, format, ...) ({			\
	static struct ratelimit say_rl_ = RATELIMIT_INITIALIZER(	\
		SAY_RATELIMIT_INTERVAL, SAY_RATELIMIT_BURST);		\
	if (say_ratelimit_check(&say_rl_))				\
		say(level, error, format, ##__VA_ARGS__);		\
})
#define say_warn_ratelimited(format, ...) \
	say_ratelimited(S_WARN, NULL, format, ##__VA_ARGS__)

/** Declared for those who know it from the reference, which never defined it either. */
CFORMAT(printf, 5, 0) void
vsay(int level, const char *filename, int line, const char *error,
     const char *format, va_list ap);

/* }}} */

/* {{{ The default logger */

/**
 * Sets up the standard logger (see log_create() for `init_str` and `nonblock`) and makes
 * it the default. `format` is "plain" or "json". `background`: stdout and stderr go where
 * the log goes, or to /dev/null if that is stderr. A failure is logged, and ends
 * the program.
 */
void
say_logger_init(const char *init_str, int level, int nonblock, const char *format,
		int background);

/** Destroys the standard logger. Records go undecorated to descriptor 2 from then on
 * (which is closed if that is where it logged to). */
void
say_logger_free(void);

/** Sets log_level and the default logger's level. */
void
say_set_log_level(int new_level);

/** The boot and the syslog logger have one format only: json is refused with a record at
 * ERROR. */
void
say_set_log_format(enum say_format format);

/** In any case; say_format_MAX if there is no such format. */
enum say_format
say_format_by_name(const char *format);

/**
 * Reopens the files of all file loggers, in the background: a SIGHUP watcher's callback.
 * The arguments are not looked at. Runs in a cord with a loop.
 */
void
say_logrotate(struct ev_loop *loop, struct ev_signal *watcher, int revents);

/* }}} */

/* {{{ Loggers */

enum say_logger_type {
	/** Always descriptor 2. */
	SAY_LOGGER_BOOT = 0,
	SAY_LOGGER_STDERR = 1,
	SAY_LOGGER_FILE = 2,
	/** Standard input of a command. */
	SAY_LOGGER_PIPE = 3,
	SAY_LOGGER_SYSLOG = 4,
};

enum say_syslog_server_type {
	/** /dev/log, or else /var/run/syslog */
	SAY_SYSLOG_DEFAULT = 0,
	/** A datagram socket in the file system. */
	SAY_SYSLOG_UNIX = 1,
	/** UDP. */
	SAY_SYSLOG_REMOTE = 2,
};

enum syslog_facility {
	SYSLOG_KERN = 0,
	SYSLOG_USER = 1,
	SYSLOG_MAIL = 2,
	SYSLOG_DAEMON = 3,
	SYSLOG_AUTH = 4,
	SYSLOG_INTERN = 5,
	SYSLOG_LPR = 6,
	SYSLOG_NEWS = 7,
	SYSLOG_UUCP = 8,
	SYSLOG_CLOCK = 9,
	SYSLOG_AUTHPRIV = 10,
	SYSLOG_FTP = 11,
	SYSLOG_NTP = 12,
	SYSLOG_AUDIT = 13,
	SYSLOG_ALERT = 14,
	SYSLOG_CRON = 15,
	SYSLOG_LOCAL0 = 16,
	SYSLOG_LOCAL1 = 17,
	SYSLOG_LOCAL2 = 18,
	SYSLOG_LOCAL3 = 19,
	SYSLOG_LOCAL4 = 20,
	SYSLOG_LOCAL5 = 21,
	SYSLOG_LOCAL6 = 22,
	SYSLOG_LOCAL7 = 23,
	syslog_facility_MAX = 24,
};

struct log;

/**
 * Formats a record, newline included, into `buf` of `len` bytes like vsnprintf: returns
 * the length of the whole, which may be more than fits; negative on failure.
 */
typedef int (*log_format_func_t)(struct log *log, char *buf, int len, int level,
				 const char *filename, int line, const char *error,
				 const char *format, va_list ap);

/** A logger, in memory of the caller's; to be changed by the functions only. */
struct log {
	int fd;
	/** Records above it are dropped. */
	int level;
	enum say_logger_type type;
	enum say_syslog_server_type syslog_server_type;
	/** File: absolute path. Syslog: the server's address. Owned. */
	char *path;
	bool nonblock;
	log_format_func_t format_func;
	/** Pipe: the command's process. */
	pid_t pid;
	/** Owned. */
	char *syslog_ident;
	/** Tells the loop that asked for a rotation that it is done. */
	struct ev_async log_async;
	/** Signalled then. */
	struct fiber_cond rotate_cond;
	/** Rotations under way. */
	int rotating_threads;
	enum syslog_facility syslog_facility;
	/** Link in the list of file loggers. */
	struct rlist in_log_list;
};

/**
 * Initialises a logger of level INFO. The target:
 *
 *     NULL                     stderr; set a format before use
 *     PATH, file:PATH          appended to, created with mode 0640
 *     |COMMAND, pipe:COMMAND   run by /bin/sh in a process group of its own
 *     syslog:OPTION,...        server=unix:PATH, server=HOST[:PORT] (UDP, 512),
 *                              identity=NAME ("tarantool"), facility=NAME ("local7")
 *
 * `nonblock` makes the descriptor O_NONBLOCK. Makes stdio's stderr unbuffered. 0, or -1
 * with diag: IllegalParams for a bad target, SystemError for one that cannot be opened.
 */
int
log_create(struct log *log, const char *init_str, bool nonblock);

/** Waits, yielding the fiber, for rotations under way; then closes and frees all. */
void
log_destroy(struct log *log);

/** Writes one record if `level` is not above the logger's: returns the length of the
 * whole, before it was cut to 16383 bytes; 0 if dropped, negative if not formatted. */
int
log_say(struct log *log, int level, const char *filename, int line, const char *error,
	const char *format, ...);

void
log_set_level(struct log *log, enum say_level level);

/** A logger to syslog, and the boot logger, take only say_format_plain. */
void
log_set_format(struct log *log, log_format_func_t format_func);

/** YYYY-MM-DD HH:MM:SS.mmm [PID] CORD/FID/FIBER FILE:LINE L> MESSAGE: ERROR */
int
say_format_plain(struct log *log, char *buf, int len, int level, const char *filename,
		 int line, const char *error, const char *format, va_list ap);

/** One JSON object a line. With the format "json" the argument is a string that holds an
 * object, whose members are put in place of the message. */
int
say_format_json(struct log *log, char *buf, int len, int level, const char *filename,
		int line, const char *error, const char *format, va_list ap);

#define log_say_level(log_, level_, error, format, ...) ({		\
	if ((level_) <= (log_)->level)					\
		log_say((log_), (level_), __FILE__, __LINE__, (error),	\
			(format), ##__VA_ARGS__);			\
})
#define log_say_syserror(log, format, ...) \
	log_say_level(log, S_SYSERROR, strerror(errno), format, ##__VA_ARGS__)
#define log_say_error(log, format, ...) \
	log_say_level(log, S_ERROR, NULL, format, ##__VA_ARGS__)
#define log_say_crit(log, format, ...) \
	log_say_level(log, S_CRIT, NULL, format, ##__VA_ARGS__)
#define log_say_warn(log, format, ...) \
	log_say_level(log, S_WARN, NULL, format, ##__VA_ARGS__)
#define log_say_info(log, format, ...) \
	log_say_level(log, S_INFO, NULL, format, ##__VA_ARGS__)
#define log_say_verbose(log, format, ...) \
	log_say_level(log, S_VERBOSE, NULL, format, ##__VA_ARGS__)
#define log_say_debug(log, format, ...) \
	log_say_level(log, S_DEBUG, NULL, format, ##__VA_ARGS__)

/* }}} */

/* {{{ Targets */

/** Tells the type of a target and moves `*str` behind the prefix. 0, or -1 with
 * `*str` as it was. */
int
say_parse_logger_type(const char **str, enum say_logger_type *type);

/** Opens nothing. 0, or -1 with diag IllegalParams. */
int
say_check_init_str(const char *str);

/** The strings are parts of `copy`, or NULL; `facility` is syslog_facility_MAX if it was
 * not given. */
struct say_syslog_opts {
	enum say_syslog_server_type server_type;
	const char *server_path;
	const char *identity;
	enum syslog_facility facility;
	char *copy;
};

/** Parses what comes after "syslog:". 0, or -1 with diag, and nothing to free. */
int
say_parse_syslog_opts(const char *init_str, struct say_syslog_opts *opts);

void
say_free_syslog_opts(struct say_syslog_opts *opts);

/** kern, user, ..., local7 in any case; syslog_facility_MAX if there is none. */
enum syslog_facility
say_syslog_facility_by_name(const char *facility);

/* }}} */

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_SAY_H_INCLUDED */
