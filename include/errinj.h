/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Error injection: switches that make a Debug library fail where the system
 * would not.
 *
 * The table is in both builds; code that reads it is compiled only without NDEBUG. It is
 * read at each use and written by whoever tests, without any synchronisation.
 *
 * Names, numbers, types and defaults: spec diag.md 8. The library itself uses
 * ERRINJ_FIBER_MADVISE, ERRINJ_FIBER_MPROTECT and ERRINJ_LOG_ROTATE.
 */
#ifndef TARANTOOL_ERRINJ_H_INCLUDED
#define TARANTOOL_ERRINJ_H_INCLUDED

#include "trivia/util.h"

#include <limits.h>
#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

/** Which member of the union is in use. */
enum errinj_type {
	ERRINJ_BOOL = 0,
	ERRINJ_INT = 1,
	ERRINJ_DOUBLE = 2,
};

struct errinj {
	const char *name;
	enum errinj_type type;
	union {
		bool bparam;
		int64_t iparam;
		double dparam;
	};
};

/** Rows of (name, type, initial state). */
#define ERRINJ_LIST(_) \
	_(ERRINJ_APPLIER_READ_TX_ROW_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_AUTO_UPGRADE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_BUILD_INDEX, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_DYN_MODULE_COUNT, ERRINJ_INT, {.iparam = 0}) \
	_(ERRINJ_FIBER_MADVISE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_FIBER_MPROTECT, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_HTTPC_EXECUTE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_HTTP_RESPONSE_ADD_WAIT, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_INDEX_ALLOC, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_INDEX_RESERVE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_IPROTO_CFG_LISTEN, ERRINJ_INT, {.iparam = 0}) \
	_(ERRINJ_IPROTO_TX_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_IPROTO_WRITE_ERROR_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_LOG_ROTATE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_NETBOX_IO_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_PORT_DUMP, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_RELAY_BREAK_LSN, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_RELAY_EXIT_DELAY, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_RELAY_FINAL_JOIN, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_RELAY_FINAL_SLEEP, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_RELAY_REPORT_INTERVAL, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_RELAY_SEND_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_RELAY_TIMEOUT, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_SNAP_COMMIT_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_SNAP_COMMIT_FAIL, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_SNAP_WRITE_ROW_TIMEOUT, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_STDIN_ISATTY, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_TESTING, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_TUPLE_ALLOC, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_TUPLE_FIELD, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VYRUN_DATA_READ, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VYRUN_INDEX_GARBAGE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_COMPACTION_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_DELAY_PK_LOOKUP, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_DUMP_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_GC, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_INDEX_DUMP, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_VY_INDEX_FILE_RENAME, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_LOG_FILE_RENAME, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_LOG_FLUSH, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_LOG_FLUSH_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_POINT_ITER_WAIT, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_QUOTA_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_READ_PAGE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_READ_PAGE_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_READ_PAGE_TIMEOUT, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_VY_READ_VIEW_MERGE_FAIL, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_RUN_DISCARD, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_RUN_FILE_RENAME, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_RUN_OPEN, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_VY_RUN_WRITE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_RUN_WRITE_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_RUN_WRITE_STMT_TIMEOUT, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_VY_SCHED_TIMEOUT, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_VY_SQUASH_TIMEOUT, ERRINJ_DOUBLE, {.dparam = 0}) \
	_(ERRINJ_VY_STMT_ALLOC, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_VY_TASK_COMPLETE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_VY_WRITE_ITERATOR_START_FAIL, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_BREAK_LSN, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_WAL_DELAY, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_FALLOCATE, ERRINJ_INT, {.iparam = 0}) \
	_(ERRINJ_WAL_IO, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_ROTATE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_WRITE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_WRITE_DISK, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_WRITE_EOF, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_WAL_WRITE_PARTIAL, ERRINJ_INT, {.iparam = -1}) \
	_(ERRINJ_XLOG_GARBAGE, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_XLOG_META, ERRINJ_BOOL, {.bparam = false}) \
	_(ERRINJ_XLOG_READ, ERRINJ_INT, {.iparam = -1})

/** The index of each injection in the table; errinj_id_MAX is their number. */
ENUM0(errinj_id, ERRINJ_LIST);

extern struct errinj errinjs[];

/** Exact, with the prefix ERRINJ_; NULL if there is none. */
struct errinj *
errinj_by_name(char *name);

typedef int (*errinj_cb)(struct errinj *e, void *cb_ctx);

/** Calls `cb` for every injection in order, until one call returns something other
 * than 0; returns that, or 0. */
int
errinj_foreach(errinj_cb cb, void *cb_ctx);

/** Sets every injection for which there is an environment variable of its full name that
 * is not empty: a decimal integer, true or false, or a floating-point number. Anything
 * else ends the program with a message. The library never calls it. */
void
errinj_set_with_environment_vars(void);

#ifndef NDEBUG

/** The injection `ID`, whose type has to be `TYPE`. */
#define errinj(ID, TYPE) ({						\
	assert((int)(ID) >= 0 && (int)(ID) < (int)errinj_id_MAX);	\
	assert(errinjs[ID].type == (TYPE));				\
	&errinjs[ID];							\
})

/** Runs CODE if the injection is on. */
#define ERROR_INJECT(ID, CODE) do {					\
	if (errinj(ID, ERRINJ_BOOL)->bparam) {				\
		CODE;							\
	}								\
} while (0)

/** Runs CODE again and again while the injection is on. */
#define ERROR_INJECT_WHILE(ID, CODE) do {				\
	while (errinj(ID, ERRINJ_BOOL)->bparam) {			\
		CODE;							\
	}								\
} while (0)

/** Runs CODE once, after as many passes as the injection says. */
#define ERROR_INJECT_COUNTDOWN(ID, CODE) do {				\
	if (errinj(ID, ERRINJ_INT)->iparam-- == 0) {			\
		CODE;							\
	}								\
} while (0)

#else

#define errinj(ID, TYPE) ((struct errinj *)NULL)
#define ERROR_INJECT(ID, CODE)
#define ERROR_INJECT_WHILE(ID, CODE)
#define ERROR_INJECT_COUNTDOWN(ID, CODE)

#endif

/** Returns -1 from the enclosing function. */
#define ERROR_INJECT_RETURN(ID) ERROR_INJECT(ID, return -1)
/** Waits, yielding, until the injection is off. Needs fiber.h. */
#define ERROR_INJECT_YIELD(ID) ERROR_INJECT_WHILE(ID, fiber_sleep(0.001))
#define ERROR_INJECT_TERMINATE(ID) ERROR_INJECT(ID, assert(0))

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_ERRINJ_H_INCLUDED */
