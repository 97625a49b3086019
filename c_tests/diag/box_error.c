/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors as loadable modules see them (spec diag.md 15). */
#include "memory.h"
#include "fiber.h"
#include "exception.h"
#include "box/error.h"
#include "unit.h"

static void
check_code(const char *type, uint32_t code)
{
	const box_error_t *e = box_error_last();
	ok(strcmp(box_error_type(e), type) == 0 && box_error_code(e) == code,
	   "%s has the code %u", type, code);
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	header();
	plan(21);

	box_error_clear();
	is(box_error_last(), NULL, "no error");
	is(box_error_set("file.c", 12, ER_ILLEGAL_PARAMS, "Illegal parameters, %s", "x"), -1,
	   "box_error_set");
	box_error_t *e = box_error_last();
	ok(e != NULL && e == diag_last_error(diag_get()), "is the last error");
	is(strcmp(box_error_message(e), "Illegal parameters, x"), 0, "its text");
	check_code("ClientError", ER_ILLEGAL_PARAMS);
	ok(strcmp(e->file, "file.c") == 0 && e->line == 12, "its place");
	is(*(int *)((char *)e + 808), ER_ILLEGAL_PARAMS, "its code follows struct error");
	const struct method_info *code = type_method_by_name(e->type, "code");
	is(exception_get_int(e, code), ER_ILLEGAL_PARAMS, "and is a method");
	ok(type_assignable(&type_Exception, e->type), "it is an Exception");
	diag_log();
	error_ref(e);
	box_error_clear();
	is(box_error_last(), NULL, "cleared");
	error_unref(e);

	is(box_error_raise(100500, "%d%%", 99), -1, "box_error_raise");
	ok(strcmp(box_error_message(box_error_last()), "99%") == 0 &&
	   strcmp(box_error_last()->file, __FILE__) == 0, "knows its place");
	check_code("ClientError", 100500);
	diag_log();

	diag_set(OutOfMemory, 1, "a", "b");
	check_code("OutOfMemory", ER_MEMORY_ISSUE);
	errno = EIO;
	diag_set(SystemError, "text");
	check_code("SystemError", ER_SYSTEM);
	is(strcmp(box_error_message(box_error_last()), "text"), 0, "without errno");
	diag_set(TimedOut);
	check_code("TimedOut", ER_SYSTEM);
	diag_set(SocketError, "fd", "text");
	check_code("SocketError", ER_SYSTEM);
	diag_set(CollationError, "text");
	check_code("CollationError", ER_CANT_CREATE_COLLATION);
	diag_set(FiberIsCancelled);
	check_code("FiberIsCancelled", ER_PROC_LUA);
	diag_set(IllegalParams, "text");
	check_code("IllegalParams", ER_PROC_LUA);
	box_error_clear();

	int rc = check_plan();
	footer();
	fiber_free();
	memory_free();
	return rc;
}
