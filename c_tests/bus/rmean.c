/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rolling means (spec ipc.md 15.1): the arithmetic, with seconds that pass by hand, and the
 * timer.
 */
#include "../main_fiber.h"
#include "rmean.h"

static const char *names[] = { "one", NULL, "three" };

/** Makes a counter's values as given, rolls them, and compares. */
static bool
rolls(int64_t now, double dt, const int64_t expected[6])
{
	int64_t value[] = { now, 10, 20, 30, 40, 50 };
	rmean_roll(value, dt);
	return memcmp(value, expected, sizeof(value)) == 0;
}

static void
test_roll(void)
{
	header();
	plan(8);
	ok(rolls(7, 1, (int64_t[]){ 0, 7, 10, 20, 30, 40 }), "a second moves all by one place");
	ok(rolls(7, 0.5, (int64_t[]){ 0, 14, 10, 20, 30, 40 }), "so does half a one, at twice the rate");
	ok(rolls(7, 0.95, (int64_t[]){ 0, 7, 10, 20, 30, 40 }), "the rate is a whole number");
	ok(rolls(7, 1.9, (int64_t[]){ 0, 3, 3, 20, 30, 40 }), "nearly two seconds fill two places");
	ok(rolls(9, 3, (int64_t[]){ 0, 3, 3, 3, 30, 40 }), "three fill three, the rest moves by one");
	ok(rolls(10, 5, (int64_t[]){ 0, 2, 2, 2, 2, 2 }), "five fill all");
	ok(rolls(1000, 100, (int64_t[]){ 0, 10, 10, 10, 10, 10 }), "more do not more");
	ok(rolls(-9, 2, (int64_t[]){ 0, -4, -4, 20, 30, 40 }), "events may be negative");
	footer();
	check_plan();
}

static void
pass_second(struct rmean *rmean)
{
	for (unsigned i = 0; i < rmean->stats_n; i++)
		rmean_roll(rmean->stats[i].value, 1);
}

static int
show(const char *name, int rps, int64_t total, void *ctx)
{
	char *text = (char *)ctx;
	sprintf(text + strlen(text), "%s %d %d ", name, rps, (int)total);
	return strcmp(name, "three") == 0 ? 33 : 0;
}

static void
test_mean(void)
{
	header();
	plan(11);
	struct rmean *rmean = rmean_new(names, 3);
	ok(rmean->stats_n == 3 && rmean->stats[0].name == names[0], "counters have their names");
	ok(rmean_mean(rmean, 0) == 0 && rmean_total(rmean, 0) == 0, "and begin at 0");
	ok(ev_is_active(&rmean->timer), "they age by themselves");
	for (int second = 0; second < 3; second++) {
		for (int i = 0; i < 20; i++)
			rmean_collect(rmean, 0, 5);
		pass_second(rmean);
	}
	is(rmean_mean(rmean, 0), 60, "100 a second for 3 seconds are 60 over 5");
	for (int second = 0; second < 7; second++) {
		rmean_collect(rmean, 0, 100);
		pass_second(rmean);
	}
	is(rmean_mean(rmean, 0), 100, "and 100 after 10");
	for (int second = 0; second < 5; second++) {
		rmean_collect(rmean, 2, second * 5 + 5);
		pass_second(rmean);
	}
	is(rmean_mean(rmean, 2), 15, "5, 10, 15, 20 and 25 are 15");
	rmean_collect(rmean, 2, 1000);
	is(rmean_mean(rmean, 2), 15, "the second that is not over does not count");
	ok(rmean_total(rmean, 0) == 1000 && rmean_total(rmean, 2) == 1075, "totals do");
	char text[64] = "";
	is(rmean_foreach(rmean, show, text), 33, "a visit ends with what is not 0");
	is(strcmp(text, "one 0 1000 three 15 1075 "), 0, "and leaves out who has no name");
	rmean_cleanup(rmean);
	ok(rmean_mean(rmean, 2) == 0 && rmean_total(rmean, 2) == 0 && rmean->stats[2].value[0] == 0,
	   "all can be forgotten");
	rmean_delete(rmean);
	footer();
	check_plan();
}

static void
test_timer(void)
{
	header();
	plan(4);
	struct rmean *rmean = rmean_new(names, 2);
	rmean_collect(rmean, 0, 5000);
	rmean_collect(rmean, 1, 5000);
	while (rmean->stats[0].value[0] != 0)
		fiber_sleep(0.1);
	/* A late tick fills more places, with less. */
	int64_t mean = rmean_mean(rmean, 0);
	ok(mean > 500 && mean <= 1010, "a second passes");
	is(rmean->stats[1].value[0], 5000, "but not for who has no name");
	is(rmean_total(rmean, 0), 5000, "the total stays");
	rmean_delete(rmean);
	ok(rmean_new(names, SIZE_MAX / 64) == NULL, "too many counters");
	footer();
	check_plan();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	test_roll();
	test_mean();
	test_timer();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
