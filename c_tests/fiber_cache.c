/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of finished fibers: default ones are cached and reused, custom ones
 * deleted (spec fiber.md 9, 10.1, 10.4, 10.5).
 */
#include "main_fiber.h"

static const struct fiber_attr custom = {
	64 << 10, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK
};

/** Leaves whatever a life can leave behind. */
static int
leave_traces_f(va_list ap)
{
	struct trigger *on_yield = va_arg(ap, struct trigger *);
	struct fiber *f = fiber();
	trigger_add(&f->on_yield, on_yield);
	f->storage.session = (struct session *)f;
	f->storage.credentials = (struct credentials *)f;
	f->storage.txn = (struct txn *)f;
	f->storage.lua.stack = (struct lua_State *)f;
	f->storage.lua.ref = 7;
	f->storage.net.sync = 9;
	region_alloc(&f->gc, 100000);
	diag_set(IllegalParams, "a trace");
	fiber_cancel(f);
	return 3;
}

static int destroyed_triggers;

static void
count_destroyed(struct trigger *t)
{
	(void)t;
	destroyed_triggers++;
}

static void
never_run(struct trigger *t, void *event)
{
	(void)t;
	(void)event;
	abort();
}

static void
test_reuse(void)
{
	header();
	plan(14);
	struct trigger trigger;
	trigger_create(&trigger, never_run, NULL, count_destroyed);
	struct fiber *f = fiber_new("traces", leave_traces_f);
	void *stack = f->stack, *watermark = f->stack_watermark;
	struct slab *slab = f->stack_slab;
	uint32_t fid = f->fid;
	size_t fibers = live_fibers();
	fiber_start(f, &trigger);
	is(live_fibers(), fibers, "a finished fiber is kept");
	ok(rlist_first_entry(&cord()->dead, struct fiber, link) == f, "in the cache");
	ok(f->fid == 0 && f->f == NULL && *f->name == '\0' && f->wait_pad == NULL,
	   "without id, function, name and wait pad");
	ok(rlist_empty(&f->on_yield) && rlist_empty(&f->on_stop) && destroyed_triggers == 0,
	   "its triggers are dropped, not destroyed");
	char zeros[sizeof(f->storage)] = { 0 };
	is(memcmp(&f->storage, zeros, sizeof(zeros)), 0, "its storage is cleared");
	is(region_total(&f->gc), 0, "its region is freed");
	ok(diag_is_empty(&f->diag), "its error is gone");

	size_t bytes = slab_bytes();
	int csw = f->csw;
	struct fiber *g = fiber_new("reused", return_0_f);
	ok(g == f, "the next fiber takes its struct");
	ok(g->stack == stack && g->stack_slab == slab && g->stack_watermark == watermark,
	   "and its stack");
	ok(live_fibers() == fibers && slab_bytes() == bytes, "nothing is allocated");
	is(g->flags, FIBER_DEFAULT_FLAGS, "it is not cancelled");
	ok(diag_is_empty(&g->diag), "it has no error");
	is(g->csw, csw, "its switches are counted on");
	is(g->fid, fid + 1, "its id is new");
	fiber_start(g);
	check_plan();
	footer();
}

static void
test_cache_order(void)
{
	header();
	plan(5);
	struct fiber *f[3];
	for (int i = 0; i < 3; i++)
		f[i] = fiber_new("f", return_0_f);
	for (int i = 0; i < 3; i++)
		fiber_start(f[i]);
	struct fiber_attr attr = { 1 << 20, FIBER_DEFAULT_FLAGS };
	struct fiber *reused[3] = {
		fiber_new("r", return_0_f), fiber_new("r", return_0_f),
		fiber_new_ex("r", &attr, return_0_f),
	};
	ok(reused[0] == f[2] && reused[1] == f[1], "the last one cached is the first out");
	ok(reused[2] == f[0] && f[0]->stack_size == 516096,
	   "a size in the attributes does not matter without the custom flag");
	ok(rlist_empty(&cord()->dead), "the cache is empty");
	struct fiber *big = fiber_new_ex("big", &attr, return_0_f);
	is(big->stack_size, 1040384, "then it does");
	for (int i = 0; i < 3; i++)
		fiber_start(reused[i]);
	fiber_start(big);
	ok(fiber_new("r", return_0_f) == big, "and the fiber is cached all the same");
	fiber_start(big);
	check_plan();
	footer();
}

static void
test_custom(void)
{
	header();
	plan(12);
	size_t fibers = live_fibers(), bytes = slab_bytes();
	struct fiber *cached = rlist_first_entry(&cord()->dead, struct fiber, link);
	struct fiber *a = fiber_new_ex("a", &custom, return_0_f);
	ok(a != cached && live_fibers() == fibers + 1, "a custom fiber is always new");
	is(slab_bytes(), bytes + (64 << 10), "so is its stack");
	fiber_start(a);
	ok(cord()->garbage == a, "one that ends by itself is garbage");
	ok(live_fibers() == fibers + 1, "and still there");
	ok(!rlist_empty(&cord()->alive) && a->fid == 0, "without an id");
	cord_collect_garbage(cord());
	ok(cord()->garbage == NULL && live_fibers() == fibers && slab_bytes() == bytes,
	   "until somebody collects it");

	struct fiber *b = fiber_new_ex("b", &custom, return_0_f);
	struct fiber *c = fiber_new_ex("c", &custom, return_0_f);
	fiber_start(b);
	fiber_start(c);
	ok(cord()->garbage == c && live_fibers() == fibers + 1,
	   "the next one that ends collects it");
	struct fiber *d = fiber_new("d", return_0_f);
	ok(cord()->garbage == NULL && live_fibers() == fibers && slab_bytes() == bytes,
	   "and so does the creation of any fiber");
	fiber_start(d);

	struct fiber *joined = fiber_new_ex("joined", &custom, yield_once_f);
	fiber_set_joinable(joined, true);
	fiber_start(joined);
	fiber_wakeup(joined);
	fiber_join(joined);
	ok(cord()->garbage == NULL && live_fibers() == fibers && slab_bytes() == bytes,
	   "one that is joined is deleted at once");

	struct fiber *e = fiber_new_ex("e", &custom, return_0_f);
	joined = fiber_new_ex("joined", &custom, return_0_f);
	fiber_set_joinable(joined, true);
	fiber_start(e);
	fiber_start(joined);
	ok(cord()->garbage == e && live_fibers() == fibers + 2, "both at once");
	fiber_join(joined);
	ok(cord()->garbage == NULL && live_fibers() == fibers && slab_bytes() == bytes,
	   "the join collects the other one, too");
	cord_collect_garbage(cord());
	is(live_fibers(), fibers, "there may be nothing to collect");
	check_plan();
	footer();
}

struct visit {
	struct fiber *fibers[8];
	int count;
	int stop_after;
};

static int
visit_cb(struct fiber *f, void *ctx)
{
	struct visit *v = (struct visit *)ctx;
	v->fibers[v->count++] = f;
	return v->count == v->stop_after ? 42 : 0;
}

static void
test_stat(void)
{
	header();
	plan(6);
	struct visit v = { .count = 0 };
	struct fiber *dead = fiber_new("dead", return_0_f);
	struct fiber *a = fiber_new_ex("a", &custom, yield_once_f);
	struct fiber *b = fiber_new_ex("b", &custom, yield_once_f);
	fiber_start(a);
	fiber_start(dead);
	struct fiber *again = fiber_new("again", return_0_f);
	ok(again == dead, "a fiber older than the others is reused");
	fiber_set_joinable(again, true);
	fiber_start(again);
	is(fiber_stat(visit_cb, &v), 0, "all fibers are visited");
	ok(v.count == 4 && v.fibers[0] == again && v.fibers[1] == b && v.fibers[2] == a &&
	   v.fibers[3] == fiber(), "newest life first, with those that wait to be joined");

	v.count = 0;
	v.stop_after = 2;
	ok(fiber_stat(visit_cb, &v) == 42 && v.count == 2, "a result that is not 0 ends it");

	fiber_join(again);
	fiber_wakeup(a);
	fiber_reschedule();
	v = (struct visit) { .count = 0 };
	ok(cord()->garbage == a && fiber_stat(visit_cb, &v) == 0, "with garbage about");
	ok(v.count == 2 && v.fibers[0] == b && v.fibers[1] == fiber(),
	   "neither it nor cached fibers are visited");
	fiber_start(b);
	fiber_wakeup(b);
	fiber_reschedule();
	cord_collect_garbage(cord());
	check_plan();
	footer();
}

static void
test_find(void)
{
	header();
	plan(6);
	ok(fiber_find(fiber()->fid) == fiber(), "a fiber is found by its id");
	ok(fiber_find(1) == NULL && fiber_find(0) == NULL, "the scheduler is not");
	struct fiber *f = fiber_new("f", return_0_f);
	uint32_t fid = f->fid;
	ok(fiber_find(fid) == f && fiber_find(fid + 1) == NULL, "nor one not there yet");
	fiber_set_joinable(f, true);
	fiber_start(f);
	ok(fiber_find(fid) == f, "a dead fiber is, until it is joined");
	fiber_join(f);
	ok(fiber_find(fid) == NULL, "not when it is recycled");

	/* Enough to make any table grow and shrink. */
	enum { COUNT = 500 };
	static struct fiber *many[COUNT];
	static const struct fiber_attr attr = {
		16384, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK | FIBER_IS_JOINABLE
	};
	int found = 0;
	for (int i = 0; i < COUNT; i++)
		many[i] = fiber_new_ex("many", &attr, return_0_f);
	for (int i = 0; i < COUNT; i++)
		found += fiber_find(many[i]->fid) == many[i];
	for (int i = 0; i < COUNT; i += 2) {
		uint32_t gone = many[i]->fid;
		fiber_start(many[i]);
		fiber_join(many[i]);
		found += fiber_find(gone) == NULL;
	}
	for (int i = 1; i < COUNT; i += 2)
		found += fiber_find(many[i]->fid) == many[i];
	for (int i = 1; i < COUNT; i += 2) {
		fiber_start(many[i]);
		fiber_join(many[i]);
	}
	is(found, 2 * COUNT, "one among many");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	test_reuse();
	test_cache_order();
	test_custom();
	test_stat();
	test_find();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
