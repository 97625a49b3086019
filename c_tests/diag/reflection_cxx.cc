/* SPDX-License-Identifier: BSD-2-Clause */
/* Methods that are described, found and called at run time, from C++ (spec diag.md 5). */
#include "reflection.h"
#include "trivia/util.h"
#include "unit.h"

struct Object {
	const struct type_info *type;
	explicit Object(const struct type_info *type_arg): type(type_arg) {}
	virtual ~Object() {}
};

static const struct type_info type_Object = make_type("Object", NULL);

struct Counter: public Object {
	int value;
	const char *label;

	Counter();

	int
	get() const
	{
		return value;
	}

	void
	set(int new_value)
	{
		value = new_value;
	}

	virtual const char *
	rename(const char *new_label)
	{
		const char *old = label;
		label = new_label;
		return old;
	}

	int
	sum(int a, int b, int c, int d, int e, int f, int g, int h)
	{
		return a + b + c + d + e + f + g + h;
	}

	void
	reset()
	{
		value = 0;
	}
};

extern const struct type_info type_Counter;

static const struct method_info counter_methods[] = {
	make_method(&type_Counter, "get", &Counter::get),
	make_method(&type_Counter, "set", &Counter::set),
	make_method(&type_Counter, "rename", &Counter::rename),
	make_method(&type_Counter, "sum", &Counter::sum),
	make_method(&type_Counter, "reset", &Counter::reset),
	METHODS_SENTINEL
};

const struct type_info type_Counter = make_type("Counter", &type_Object, counter_methods);

Counter::Counter(): Object(&type_Counter), value(1), label("first") {}

struct LoudCounter: public Counter {
	LoudCounter();

	virtual const char *
	rename(const char *)
	{
		return "loud";
	}

	int
	get() const
	{
		return -1;
	}
};

extern const struct type_info type_LoudCounter;

static const struct method_info loud_methods[] = {
	make_method(&type_LoudCounter, "get", &LoudCounter::get),
	METHODS_SENTINEL
};

const struct type_info type_LoudCounter =
	make_type("LoudCounter", &type_Counter, loud_methods);

LoudCounter::LoudCounter()
{
	type = &type_LoudCounter;
}

static const struct method_info *
find(const char *name)
{
	return type_method_by_name(&type_Counter, name);
}

static void
test_descriptors()
{
	header();
	plan(14);
	const struct method_info *get = find("get");
	ok(get->rtype == CTYPE_INT && get->nargs == 0 && get->isconst, "int get() const");
	is(get->owner, &type_Counter, "owner");
	const struct method_info *set = find("set");
	ok(set->rtype == CTYPE_VOID && set->nargs == 1 && !set->isconst, "void set(int)");
	is(set->atype[0], CTYPE_INT, "its argument");
	is(set->atype[1], 0, "unused arguments are 0");
	const struct method_info *rename = find("rename");
	ok(rename->rtype == CTYPE_CONST_CHAR_PTR && rename->atype[0] == CTYPE_CONST_CHAR_PTR,
	   "const char *rename(const char *)");
	const struct method_info *sum = find("sum");
	ok(sum->nargs == METHOD_ARG_MAX && sum->atype[7] == CTYPE_INT, "eight arguments");
	is(find("none"), NULL, "no such method");
	ok(find("reset") != NULL, "the last of the list");
	is(type_Object.methods, &METHODS_SENTINEL, "a type without methods");
	is(type_method_by_name(&type_LoudCounter, "get"), &loud_methods[0],
	   "a descendant's own method comes first");
	is(type_method_by_name(&type_LoudCounter, "set"), set, "then its parent's");
	int count = 0;
	type_foreach_method(&type_LoudCounter, method)
		count++;
	is(count, 6, "all methods, own and inherited");
	LoudCounter loud;
	Object *object = &loud;
	ok(type_cast(LoudCounter, object) == &loud && type_cast(Counter, object) == &loud,
	   "type_cast");
	check_plan();
	footer();
}

static void
test_invokable()
{
	header();
	plan(13);
	Counter counter;
	const Counter *constant = &counter;
	Object object(&type_Object);
	ok(method_invokable<int>(find("get"), &counter), "as it is");
	ok(!method_invokable<void>(find("get"), &counter), "another result");
	ok(!method_invokable<const char *>(find("get"), &counter), "one more");
	ok(!(method_invokable<int, int>(find("get"), &counter)), "too many arguments");
	ok(!method_invokable<void>(find("set"), &counter), "too few arguments");
	ok((method_invokable<void, int>(find("set"), &counter)), "the right ones");
	ok(!(method_invokable<void, const char *>(find("set"), &counter)), "a wrong one");
	ok(!method_invokable<int>(find("get"), &object), "on an object without the method");
	ok(method_invokable<int>(find("get"), constant), "const on const");
	ok(!(method_invokable<void, int>(find("set"), constant)), "not const on const");
	LoudCounter loud;
	ok(method_invokable<int>(find("get"), &loud), "on a descendant");
	ok((method_invokable<int, int, int, int, int, int, int, int, int>(
		find("sum"), &counter)), "eight arguments");
	ok(!(method_invokable<int, int, int, int, int, int, int, int, const char *>(
		find("sum"), &counter)), "the last of eight is wrong");
	check_plan();
	footer();
}

static void
test_invoke()
{
	header();
	plan(7);
	Counter counter;
	const Counter *constant = &counter;
	is(method_invoke<int>(find("get"), &counter), 1, "an integer");
	method_invoke<void, int>(find("set"), &counter, 42);
	is(method_invoke<int>(find("get"), constant), 42, "on a const object");
	const char *old = method_invoke<const char *, const char *>(find("rename"), &counter,
								    "second");
	ok(strcmp(old, "first") == 0 && strcmp(counter.label, "second") == 0, "a string");
	int sum = method_invoke<int>(find("sum"), &counter, 1, 2, 4, 8, 16, 32, 64, 128);
	is(sum, 255, "eight arguments, in order");
	method_invoke<void>(find("reset"), &counter);
	is(counter.value, 0, "nothing in, nothing out");

	LoudCounter loud;
	Counter *base = &loud;
	old = method_invoke<const char *, const char *>(find("rename"), base, "quiet");
	is(strcmp(old, "loud"), 0, "a virtual method is the object's");
	is(method_invoke<int>(find("get"), base), 1, "another is the type's");
	check_plan();
	footer();
}

int
main()
{
	test_descriptors();
	test_invokable();
	test_invoke();
	return 0;
}
