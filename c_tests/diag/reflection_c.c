/* SPDX-License-Identifier: BSD-2-Clause */
/* Types and methods, from C (spec diag.md 5). */
#include "memory.h"
#include "fiber.h"
#include "exception.h"
#include "unit.h"

/* Types of our own; what has no methods needs no list but the empty one. */
struct shape {
	const struct type_info *type;
};

typedef struct {
	struct shape base;
	int side;
} square;

typedef struct {
	struct shape base;
} circle;

static const struct type_info type_shape = { "shape", NULL, &METHODS_SENTINEL };
static const struct type_info type_square = { "square", &type_shape, &METHODS_SENTINEL };
static const struct type_info type_circle = { "circle", &type_shape, &METHODS_SENTINEL };

static void
test_types(void)
{
	header();
	plan(12);
	ok(type_assignable(&type_shape, &type_shape), "itself");
	ok(type_assignable(&type_shape, &type_square), "an ancestor");
	ok(!type_assignable(&type_square, &type_shape), "not a descendant");
	ok(!type_assignable(&type_square, &type_circle), "not a sibling");
	/* Methods are not looked at. */
	struct type_info bare = { "bare", &type_square, NULL };
	ok(type_assignable(&type_shape, &bare), "a type without a list of methods");

	square s = { { &type_square }, 4 };
	struct shape *shape = &s.base;
	is(type_cast(square, shape), &s, "type_cast");
	is(type_cast(circle, shape), NULL, "type_cast to another type");
	int evaluated = 0;
	(void)type_cast(square, (evaluated++, shape));
	is(evaluated, 1, "evaluates its argument once");

	is(METHODS_SENTINEL.name, NULL, "the end of a list has no name");
	is(type_method_by_name(&type_square, "area"), NULL, "no such method");
	is(sizeof(struct type_info), 24, "size of a type");
	is(sizeof(struct method_info), 80, "size of a method");
	check_plan();
	footer();
}

static void
list_methods(const struct type_info *type)
{
	printf("# %s:", type->name);
	type_foreach_method(type, method)
		printf(" %s.%s(%d)%s -> %d", method->owner->name, method->name,
		       method->nargs, method->isconst ? " const" : "", method->rtype);
	printf("\n");
}

static void
test_errors(void)
{
	header();
	plan(10);
	static const struct type_info *const types[] = {
		&type_Exception, &type_SystemError, &type_SocketError, &type_OutOfMemory,
		&type_TimedOut, &type_ChannelIsClosed, &type_FiberIsCancelled,
		&type_LuajitError, &type_IllegalParams, &type_CollationError,
	};
	for (size_t i = 0; i < lengthof(types); i++)
		list_methods(types[i]);

	const struct method_info *message = type_method_by_name(&type_SocketError, "message");
	const struct method_info *log = type_method_by_name(&type_SocketError, "log");
	const struct method_info *code = type_method_by_name(&type_SocketError, "errno");
	is(type_method_by_name(&type_TimedOut, "errno"), code, "inherited");
	is(type_method_by_name(&type_LuajitError, "errno"), NULL, "not by a sibling");
	is(code->rtype, CTYPE_INT, "type of the result");

	errno = EDOM;
	diag_set(SystemError, "text");
	struct error *e = diag_last_error(diag_get());
	is(strcmp(exception_get_string(e, message), "text"), 0, "a string");
	is(exception_get_int(e, code), EDOM, "an integer");
	is(exception_get_string(e, code), NULL, "an integer is no string");
	is(exception_get_int(e, message), 0, "a string is no integer");
	is(exception_get_string(e, log), NULL, "nothing is no string");
	diag_set(IllegalParams, "text");
	e = diag_last_error(diag_get());
	is(exception_get_int(e, code), 0, "not its method");
	is(strcmp(exception_get_string(e, message), "text"), 0, "its base's method");
	diag_clear(diag_get());
	check_plan();
	footer();
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	test_types();
	test_errors();
	fiber_free();
	memory_free();
	return 0;
}
