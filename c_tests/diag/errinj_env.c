/* SPDX-License-Identifier: BSD-2-Clause */
/* The injection table: that header and library agree, the macros, setting from the environment
 * (spec diag.md 8). */
#include "errinj.h"
#include "unit.h"
#include "child.h"

/* {{{ The header's list against the library's table */

struct row {
	const char *name;
	enum errinj_type type;
	struct errinj state;
};

#define ROW(name, type, state) { #name, type, { #name, type, state } },
static const struct row rows[] = { ERRINJ_LIST(ROW) };

static int
count_errinj(struct errinj *e, void *ctx)
{
	int *count = ctx;
	if (e != &errinjs[*count])
		return -1;
	++*count;
	return 0;
}

static int
stop_at_third(struct errinj *e, void *ctx)
{
	(void)ctx;
	return e == &errinjs[2] ? 7 : 0;
}

static void
test_table(void)
{
	header();
	plan(10);
	is(errinj_id_MAX, 70, "so many injections");
	is(lengthof(rows), 70, "in the list, too");
	int equal = 0;
	for (int i = 0; i < errinj_id_MAX; i++) {
		const struct errinj *e = &errinjs[i];
		equal += strcmp(e->name, rows[i].name) == 0 && e->type == rows[i].type &&
			 memcmp(&e->iparam, &rows[i].state.iparam,
				e->type == ERRINJ_BOOL ? 1 : 8) == 0;
	}
	is(equal, errinj_id_MAX, "names, types and defaults agree");
	is(sizeof(struct errinj), 24, "size of one");

	char name[] = "ERRINJ_FIBER_MPROTECT";
	is(errinj_by_name(name), &errinjs[ERRINJ_FIBER_MPROTECT], "by name");
	name[0] = 'e';
	is(errinj_by_name(name), NULL, "exactly by name");
	is(errinj_by_name(name + strlen("ERRINJ_")), NULL, "with its prefix");

	int count = 0;
	is(errinj_foreach(count_errinj, &count), 0, "walked over");
	is(count, errinj_id_MAX, "in order");
	is(errinj_foreach(stop_at_third, NULL), 7, "the walk can be stopped");
	check_plan();
	footer();
}

/* }}} */

/* {{{ Macros */

static int
inject_return(void)
{
	ERROR_INJECT_RETURN(ERRINJ_TESTING);
	return 0;
}

static void
test_macros(void)
{
	header();
#ifndef NDEBUG
	const int is_debug = 1;
#else
	const int is_debug = 0;
#endif
	plan(9);
	struct errinj *e = errinj(ERRINJ_TESTING, ERRINJ_BOOL);
	is(e, is_debug ? &errinjs[ERRINJ_TESTING] : NULL, "errinj");
	int runs = 0;
	ERROR_INJECT(ERRINJ_TESTING, runs++);
	is(runs, 0, "off");
	errinjs[ERRINJ_TESTING].bparam = true;
	ERROR_INJECT(ERRINJ_TESTING, { runs++; });
	is(runs, is_debug, "on");
	is(inject_return(), -is_debug, "a return");
	ERROR_INJECT_WHILE(ERRINJ_TESTING, errinjs[ERRINJ_TESTING].bparam = ++runs < 5);
	is(runs, is_debug ? 5 : 0, "again and again");
	errinjs[ERRINJ_TESTING].bparam = false;
	is(inject_return(), 0, "off again");

	runs = 0;
	int64_t *countdown = &errinjs[ERRINJ_WAL_FALLOCATE].iparam;
	*countdown = 2;
	for (int i = 0; i < 5; i++)
		ERROR_INJECT_COUNTDOWN(ERRINJ_WAL_FALLOCATE, runs = i);
	is(runs, is_debug ? 2 : 0, "the third time");
	is(*countdown, is_debug ? -3 : 2, "and on it counts");
	*countdown = -1;
	runs = 0;
	ERROR_INJECT_COUNTDOWN(ERRINJ_WAL_FALLOCATE, runs++);
	is(runs, 0, "never");
	*countdown = 0;
	check_plan();
	footer();
}

/* }}} */

/* {{{ Environment */

struct setting {
	const char *name;
	const char *value;
};

/* The injection's state afterwards. */
static void
set_from_environment(void *arg)
{
	struct setting *setting = arg;
	setenv(setting->name, setting->value, 1);
	errinj_set_with_environment_vars();
	struct errinj *e = errinj_by_name((char *)setting->name);
	switch (e->type) {
	case ERRINJ_BOOL:
		printf("%s", e->bparam ? "true" : "false");
		break;
	case ERRINJ_INT:
		printf("%lld", (long long)e->iparam);
		break;
	case ERRINJ_DOUBLE:
		printf("%g", e->dparam);
		break;
	}
}

static void
check_environment(const char *name, const char *value)
{
	struct setting setting = { name, value };
	static struct child_result result;
	child_run(set_from_environment, &setting, &result);
	printf("%s=%s: %s%sstatus %d\n", name, value, result.out,
	       result.err[0] == '\0' ? ", " : result.err, WEXITSTATUS(result.status));
}

static void
test_environment(void)
{
	header();
	const char *flag = "ERRINJ_WAL_IO";
	check_environment(flag, "true");
	check_environment(flag, "TRUE");
	check_environment(flag, "False");
	check_environment(flag, "");
	check_environment(flag, "1");
	check_environment(flag, " true");
	const char *integer = "ERRINJ_FIBER_MPROTECT";
	check_environment(integer, "3");
	check_environment(integer, " -12");
	check_environment(integer, "+5");
	check_environment(integer, "");
	check_environment(integer, "99999999999999999999");
	check_environment(integer, "0x5");
	check_environment(integer, "5 ");
	check_environment(integer, "five");
	const char *real = "ERRINJ_RELAY_TIMEOUT";
	check_environment(real, "1.5e1");
	check_environment(real, "-0.25");
	check_environment(real, "1,5");
	footer();
}

/* }}} */

int
main(void)
{
	test_table();
	test_macros();
	test_environment();
	return 0;
}
