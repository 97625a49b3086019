/* SPDX-License-Identifier: BSD-2-Clause */
/* The TAP harness: what its users see (spec testing.md 1 and 2), on stdout and on stderr. */
#include "unit.h"
#include "child.h"

/*
 * The names of files that get into the output must not depend on how the compiler was called,
 * hence #line.
 */

/* {{{ The transcript of the specification */

static void
inner(void)
{
	header();
	plan(2);
	ok(1, "in ok");
#line 2 "u1.c"
	ok(0, "in fail %d", 5);
	check_plan();
	footer();
}

static void
too_few(void)
{
	plan(3);
	ok(1, "only one");
	check_plan();
}

#line 1 "u1.c"
static void
run_transcript(void *arg)
{
	(void)arg;
	plan(4);
	ok(1, "first %s", "x");
	inner(); too_few(); note("note %d", 1); diag("diag %d", 2);

	isnt(1, 1, "isnt");
	footer();
	printf("# check_plan() = %d\n", check_plan());
}
#line 100 "unit.c"

/* }}} */

static void
run_nested(void *arg)
{
	(void)arg;
	plan(1);
	plan(1);
	plan(0);
	note("two deep\nsecond line\n");
	check_plan();
	check_plan();
	printf("# check_plan() = %d\n", check_plan());
}

static void
run_wrong_number(void *arg)
{
	(void)arg;
	plan(1);
	ok(1, "one");
	ok(2, "two");
	printf("# check_plan() = %d\n", check_plan());
	plan(3);
	ok(0 == 1, "%s", "no");
	printf("# check_plan() = %d\n", check_plan());
}

static int conditions, arguments;

static int
evaluate(int *counter)
{
	return ++*counter;
}

static void
run_evaluation(void *arg)
{
	(void)arg;
	plan(3);
	/* No semicolons are needed, and the condition may be anything. */
	ok(evaluate(&conditions) > 1, "%d evaluations so far", evaluate(&arguments))
	is(2 & 3, 2, "%d", evaluate(&arguments))
	ok(stdout, "not a number")
	printf("# the condition once, the arguments of a failure twice: %d %d\n", conditions,
	       arguments);
	fail_unless(conditions == 1);
	fail_if(arguments != 3);
}

static void
run_fail_if(void *arg)
{
	(void)arg;
	printf("# buffered\n");
	fail_if(1 + 1 == 2);
}

static void
run_fail_unless(void *arg)
{
	(void)arg;
	fail_unless(1 + 1 == 3);
}

static void
run_fail(void *arg)
{
	(void)arg;
	fail("something", "wrong");
}

static void
run_too_deep(void *arg)
{
	(void)arg;
	for (int i = 1; i <= 11; i++)
		plan(1);
}

static void
run_without_plan(void *arg)
{
	(void)arg;
	header();
	note("note");
	printf("# check_plan() = %d\n", check_plan());
	footer();
}

/* Where the harness itself reports a failure, its place varies. */
static void
print_stderr(const char *text)
{
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		const char *place = strstr(line, "src/unit/mod.rs at line ");
		int length = (int)strcspn(line, "\n");
		if (place != NULL && place < line + length)
			printf("%.*sthe harness\n", (int)(place - line), line);
		else
			printf("%.*s\n", length, line);
	}
}

static void
show(const char *title, void (*run)(void *))
{
	static struct child_result result;
	child_run(run, NULL, &result);
	printf("%s: status %d\n--- stdout\n%s--- stderr\n", title, WEXITSTATUS(result.status),
	       result.out);
	print_stderr(result.err);
	printf("---\n");
}

int
main(void)
{
	show("transcript", run_transcript);
	show("nested", run_nested);
	show("wrong number", run_wrong_number);
	show("evaluation", run_evaluation);
	show("fail_if", run_fail_if);
	show("fail_unless", run_fail_unless);
	show("fail", run_fail);
	show("too deep", run_too_deep);
	show("without a plan", run_without_plan);
	return 0;
}
