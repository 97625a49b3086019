/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors and diagnostics areas, seen from C (spec diag.md 3 and 4). */
#include "memory.h"
#include "fiber.h"
#include "diag.h"
#include "exception.h"
#include "unit.h"

static int destroyed;

static void
count_destroyed(struct error *e)
{
	(void)e;
	destroyed++;
}

static void
test_object(void)
{
	header();
	plan(13);

	struct error e;
	memset(&e, 'x', sizeof(e));
	error_create(&e, count_destroyed, NULL, NULL, &type_SystemError, "dir/file.c", 42);
	is(e.refs, 0, "no references");
	is(e.type, &type_SystemError, "type");
	is(strcmp(e.file, "dir/file.c"), 0, "file");
	is(e.line, 42, "line");
	is(e.errmsg[0], '\0', "no text");

	char path[300];
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	error_create(&e, count_destroyed, NULL, NULL, NULL, path, 1);
	is(strlen(e.file), DIAG_FILENAME_MAX - 1, "a long file name is cut");
	error_create(&e, count_destroyed, NULL, NULL, NULL, NULL, 1);
	ok(e.file[0] == '\0' && e.line == 0, "no file, no line");

	error_format_msg(&e, "%d %s", 7, "seven");
	is(strcmp(e.errmsg, "7 seven"), 0, "text");
	error_format_msg(&e, "%600d", 1);
	is(strlen(e.errmsg), DIAG_ERRMSG_MAX - 1, "a long text is cut");

	error_ref(&e);
	error_ref(&e);
	error_unref(&e);
	is(destroyed, 0, "referenced");
	error_unref(&e);
	is(destroyed, 1, "destroyed with the last reference");

	struct error *sys = BuildSystemError("f", 1, "a");
	is(sys->refs, 0, "a constructor gives no reference");
	sys->refs = 1;
	error_unref(sys);
	ok(true, "and destroy frees the object");

	check_plan();
	footer();
}

static void
test_area(void)
{
	header();
	plan(16);

	struct error a, b;
	error_create(&a, count_destroyed, NULL, NULL, NULL, NULL, 0);
	error_create(&b, count_destroyed, NULL, NULL, NULL, NULL, 0);
	destroyed = 0;
	struct diag from, to;
	diag_create(&from);
	diag_create(&to);
	ok(diag_is_empty(&from), "empty");
	is(diag_last_error(&from), NULL, "no error");
	diag_clear(&from);
	ok(diag_is_empty(&from), "clearing an empty area");

	diag_add_error(&from, &a);
	is(a.refs, 1, "the area has a reference");
	diag_add_error(&from, &a);
	ok(a.refs == 1 && destroyed == 0, "adding what is there changes nothing");
	diag_add_error(&from, &b);
	ok(destroyed == 1 && b.refs == 1, "another error replaces it");

	diag_add_error(&to, &a);
	diag_move(&from, &to);
	is(destroyed, 2, "moving clears the destination");
	ok(diag_is_empty(&from), "and empties the source");
	ok(diag_last_error(&to) == &b && b.refs == 1, "and keeps the count");
	diag_move(&from, &to);
	ok(diag_is_empty(&to) && destroyed == 3, "also when the source is empty");

	diag_add_error(&to, &b);
	diag_destroy(&to);
	ok(diag_is_empty(&to) && destroyed == 4, "destroying clears");

	is(diag_get(), &fiber()->diag, "the current fiber's area");
	errno = EPIPE;
	diag_set(SystemError, "%s", "broken");
	int line = __LINE__ - 1;
	struct error *e = diag_last_error(diag_get());
	ok(strcmp(e->errmsg, "broken") == 0 && e->refs == 1, "diag_set");
	ok(strcmp(e->file, __FILE__) == 0 && e->line == (unsigned)line, "knows its place");
	is(errno, EPIPE, "and keeps errno");
	diag_clear(diag_get());
	ok(diag_is_empty(diag_get()), "cleared");

	check_plan();
	footer();
}

static void
show(struct error *e)
{
	printf("%s: [%s]\n", e->type->name, e->errmsg);
	fflush(stdout);
	diag_add_error(diag_get(), e);
	diag_log();
	ok(diag_last_error(diag_get()) == e, "logging leaves the error where it is");
	diag_clear(diag_get());
}

/* Every class: its text, then its line in the log. */
static void
test_classes(void)
{
	header();
	plan(12);
	errno = ENOMEM;
	show(BuildSystemError("f", 1, "fiber %s failed", "mprotect"));
	errno = EINVAL;
	show(BuildSystemError("f", 1, "x %s", "y"));
	errno = EINVAL;
	show(BuildOutOfMemory("f", 1, 42, "allocator", "exception"));
	show(BuildOutOfMemory("f", 1, 5000000000, "allocator", "exception"));
	show(BuildTimedOut("f", 1));
	errno = ECONNREFUSED;
	show(BuildSocketError("f", 1, "fd 5", "connect to %s", "host"));
	show(BuildChannelIsClosed("f", 1));
	show(BuildFiberIsCancelled("f", 1));
	show(BuildLuajitError("f", 1, "lua msg"));
	show(BuildLuajitError("f", 1, NULL));
	show(BuildIllegalParams("f", 1, "bad %d", 5));
	show(BuildCollationError("f", 1, "coll %d", 5));
	check_plan();
	footer();
}

static void
test_errno(void)
{
	header();
	plan(6);
	const struct method_info *method = type_method_by_name(&type_SocketError, "errno");
	errno = EADDRINUSE;
	struct error *e = BuildSocketError("f", 1, "fd 5", "%s", "bind");
	is(errno, EADDRINUSE, "SocketError leaves errno alone");
	diag_add_error(diag_get(), e);
	is(exception_get_int(e, method), EADDRINUSE, "and stores it");
	errno = EPERM;
	diag_set(TimedOut);
	e = diag_last_error(diag_get());
	ok(exception_get_int(e, method) == ETIMEDOUT && errno == EPERM,
	   "TimedOut stores its own");
	diag_set(OutOfMemory, 1, "a", "b");
	e = diag_last_error(diag_get());
	ok(exception_get_int(e, method) == ENOMEM && errno == EPERM,
	   "OutOfMemory stores its own");
	diag_set(ChannelIsClosed);
	is(exception_get_int(diag_last_error(diag_get()), method), 0, "others have none");

	char text[600];
	memset(text, 't', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	diag_set(SocketError, "fd 5", "%s", text);
	is(strlen(diag_last_error(diag_get())->errmsg), DIAG_ERRMSG_MAX - 1,
	   "a long text leaves no room for the socket");
	diag_clear(diag_get());
	check_plan();
	footer();
}

/* With the level DEBUG a line in the log tells where errors come from. */
static void
test_debug_line(void)
{
	header();
	fflush(stdout);
	say_set_log_level(S_DEBUG);
#line 1 "place.c"
	diag_set(ChannelIsClosed);
	say_set_log_level(S_INFO);
	diag_clear(diag_get());
	footer();
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	test_object();
	test_area();
	test_classes();
	test_errno();
	test_debug_line();
	fiber_free();
	memory_free();
	return 0;
}
