/* SPDX-License-Identifier: BSD-2-Clause */
/* Broken rules of what modules may use, and of the main cord's buffer. */
#include "../mistakes.h"
#include "cord_buf.h"
#include "cordage/cord.h"
#include "cordage/post.h"

MISTAKE(join_not_joinable, fiber_join_timeout(fiber_new("victim", yield_once_f), 1))

static void
join_oneself(void)
{
	fiber_set_joinable(fiber(), true);
	fiber_set_name(fiber(), "victim");
	fiber_join_timeout(fiber(), 1);
}

static int
join_f(va_list ap)
{
	return fiber_join_timeout(va_arg(ap, struct fiber *), 1000);
}

static void
join_by_two(void)
{
	struct fiber *f = fiber_new("victim", yield_once_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	fiber_start(fiber_new("first", join_f), f);
	fiber_join_timeout(f, 1000);
}

static void
join_on_scheduler(void)
{
	struct fiber *f = fiber_new("victim", yield_once_f);
	fiber_set_joinable(f, true);
	fiber_join_timeout(f, 1);
}

static void
set_ctx_of_recycled(void)
{
	struct fiber *f = fiber_new("victim", return_0_f);
	fiber_start(f);
	fiber_set_ctx(f, f);
}

MISTAKE(name_it_null, fiber_set_name_n(NULL, NULL, 1))
MISTAKE(no_cord_name, fiber_name(NULL))
MISTAKE(no_cord_get_ctx, fiber_get_ctx(NULL))

static void *
sleep_f(void *arg)
{
	(void)arg;
	usleep(200000);
	return NULL;
}

static struct cord slow;

static void
cojoin_on_scheduler(void)
{
	cord_start(&slow, "slow", sleep_f, NULL);
	cordage_cord_cojoin(&slow, 1);
}

static int
cojoin_f(va_list ap)
{
	(void)ap;
	return cordage_cord_cojoin(&slow, 1000);
}

static void
cojoin_by_two(void)
{
	cord_start(&slow, "victim", sleep_f, NULL);
	fiber_start(fiber_new("first", cojoin_f));
	cordage_cord_cojoin(&slow, 1000);
}

static void
post_nothing(void)
{
	cordage_post(cord(), NULL);
}

static void
yield_in_work(struct cordage_work *work)
{
	(void)work;
	fiber_sleep(1);
}

static void
wait_in_work(void)
{
	static struct cordage_work work;
	work.run = yield_in_work;
	cordage_post(cord(), &work);
	fiber_sleep(1);
}

static struct ibuf *taken;

MISTAKE(take_without_cord, cord_ibuf_take())

static void *
take_f(void *arg)
{
	cord_ibuf_take();
	return arg;
}

static void
take_in_another_cord(void)
{
	cord_start(&slow, "victim", take_f, NULL);
	cord_join(&slow);
}

static void
put_twice(void)
{
	taken = cord_ibuf_take();
	cord_ibuf_put(taken);
	cord_ibuf_put(taken);
}

static void
drop_after_yield(void)
{
	fiber_set_name(fiber(), "victim");
	taken = cord_ibuf_take();
	fiber_sleep(0);
	cord_ibuf_drop(taken);
}

static int
put_foreign_f(va_list ap)
{
	(void)ap;
	cord_ibuf_put(taken);
	return 0;
}

static void
put_foreign(void)
{
	/* The scheduler has it, which does not lose it by running fibers. */
	taken = cord_ibuf_take();
	fiber_wakeup(fiber_new("victim", put_foreign_f));
	ev_run(loop(), 0);
}

static const struct mistake mistakes[] = {
	{ IN_FIBER, join_not_joinable, "fiber_join_timeout", "victim" },
	{ IN_FIBER, join_oneself, "fiber_join_timeout", "victim" },
	{ IN_FIBER, join_by_two, "fiber_join_timeout", "victim" },
	{ ON_SCHEDULER, join_on_scheduler, "fiber_join_timeout", "" },
	{ IN_FIBER, set_ctx_of_recycled, "fiber_set_ctx", "" },
	{ IN_FIBER, name_it_null, "fiber_set_name_n", "" },
	{ IN_THREAD, no_cord_name, "fiber_name", "" },
	{ IN_THREAD, no_cord_get_ctx, "fiber_get_ctx", "" },
	{ ON_SCHEDULER, cojoin_on_scheduler, "cordage_cord_cojoin", "" },
	{ IN_FIBER, cojoin_by_two, "cordage_cord_cojoin", "victim" },
	{ IN_FIBER, post_nothing, "cordage_post", "" },
	{ IN_FIBER, wait_in_work, "fiber_sleep", "" },
	{ IN_THREAD, take_without_cord, "cord_ibuf_take", "" },
	{ IN_FIBER, take_in_another_cord, "cord_ibuf_take", "victim" },
	{ IN_FIBER, put_twice, "cord_ibuf_put", "" },
	{ IN_FIBER, drop_after_yield, "cord_ibuf_drop", "victim" },
	{ ON_SCHEDULER, put_foreign, "cord_ibuf_put", "victim" },
};

int
main(void)
{
	header();
	check_mistakes(mistakes, lengthof(mistakes));
	footer();
	return check_plan();
}
