/* SPDX-License-Identifier: BSD-2-Clause */
/* Name, id and switches of a fiber by its pointer (module/fiber.h). */
#include "../main_fiber.h"

static bool
is_named(struct fiber *f, const char *name)
{
	return strcmp(fiber_name(f), name) == 0 && fiber_name(f) == f->name;
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(15);
	struct fiber *f = fiber_new("victim", yield_once_f);
	ok(is_named(f, "victim"), "the name it was made with");
	ok(fiber_name(NULL) == fiber()->name && is_named(fiber(), "main"), "NULL is the current fiber");
	fiber_set_name_n(f, "renamed and more", 7);
	ok(is_named(f, "renamed"), "a name without a NUL at its end");
	fiber_set_name_n(f, "12345678901234567890123456789012345", 35);
	ok(is_named(f, "12345678901234567890123456789012"), "cut to 32 characters");
	fiber_set_name_n(f, "12345678901234567890123456789012", 32);
	ok(is_named(f, "12345678901234567890123456789012"), "all 32 of them");
	fiber_set_name_n(f, "a\0b", 3);
	ok(is_named(f, "a"), "cut at a NUL");
	fiber_set_name_n(f, NULL, 0);
	ok(is_named(f, ""), "an empty name");
	fiber_set_name_n(NULL, "myself", 6);
	ok(is_named(fiber(), "myself"), "NULL is the current fiber");

	ok(fiber_id(f) == f->fid && fiber_id(f) > 100, "the id");
	ok(fiber_find(fiber_id(f)) == f, "by which it is found");
	ok(fiber_id(NULL) == fiber()->fid, "NULL is the current fiber");

	is(fiber_csw(f), 0, "never switched to");
	fiber_start(f);
	uint64_t own = fiber_csw(NULL);
	fiber_wakeup(f);
	fiber_sleep(0);
	is(fiber_csw(f), 2, "switched to twice");
	is(fiber_csw(NULL), own + 1, "NULL is the current fiber");
	ok(fiber_id(f) == 0 && is_named(f, ""), "recycled, it has no name and no id");
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}
