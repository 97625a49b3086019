/* SPDX-License-Identifier: BSD-2-Clause */
/* The main cord's buffer (spec ipc.md 14). */
#include "../main_fiber.h"
#include "cord_buf.h"
#include "small/ibuf.h"

static void
test_take(void)
{
	header();
	plan(9);
	size_t before = slab_bytes();
	struct ibuf *ibuf = cord_ibuf_take();
	ok(ibuf->slabc == &cord()->slabc && ibuf->start_capacity == 16384 &&
	   ibuf_capacity(ibuf) == 0, "a new buffer");
	memcpy(ibuf_alloc(ibuf, 10), "0123456789", 10);
	is(ibuf_capacity(ibuf), 32720, "its first memory");
	ok(!rlist_empty(&fiber()->on_yield) && !rlist_empty(&fiber()->on_stop), "is watched");
	cord_ibuf_put(ibuf);
	ok(rlist_empty(&fiber()->on_yield) && rlist_empty(&fiber()->on_stop),
	   "is not when it is given back");

	struct ibuf *again = cord_ibuf_take();
	ok(again == ibuf && ibuf_used(again) == 0 && ibuf_pos(again) == 0 &&
	   ibuf_capacity(again) == 32720, "taken again it is empty, and has its memory");
	ibuf_alloc(again, 100);
	again->rpos += 10;
	cord_ibuf_drop(again);
	is(slab_bytes(), before, "dropped it has not");
	ibuf = cord_ibuf_take();
	ok(ibuf == again && ibuf_capacity(ibuf) == 0 && ibuf->start_capacity == 16384,
	   "but is still the next one");
	cord_ibuf_drop(ibuf);

	fiber_gc();
	ibuf = cord_ibuf_take();
	struct ibuf *second = cord_ibuf_take();
	ibuf_alloc(ibuf, 10);
	ibuf_alloc(second, 100000);
	ok(ibuf != second, "two at once are two");
	cord_ibuf_put(ibuf);
	cord_ibuf_put(second);
	ok(slab_bytes() - before == 32768, "of which one is kept, the one that came first");
	cord_ibuf_drop(cord_ibuf_take());
	check_plan();
	footer();
}

static int
take_f(va_list ap)
{
	struct ibuf **seen = va_arg(ap, struct ibuf **);
	int how_many = va_arg(ap, int);
	bool yields = va_arg(ap, int);
	while (how_many-- > 0) {
		*seen = cord_ibuf_take();
		ibuf_alloc(*seen, 1000);
	}
	if (yields)
		fiber_yield();
	/* Whatever it did before: it has none now. */
	fail_if(yields && (!rlist_empty(&fiber()->on_yield) || !rlist_empty(&fiber()->on_stop)));
	return 0;
}

static void
test_automatic(void)
{
	header();
	plan(8);
	struct ibuf *mine = cord_ibuf_take(), *seen;
	struct fiber *f = fiber_new("ends", take_f);
	cord_ibuf_put(mine);
	fiber_start(f, &seen, 1, false);
	ok(seen == mine && fiber_is_dead(f), "a fiber that ends with a buffer");
	struct ibuf *again = cord_ibuf_take();
	ok(again == seen && ibuf_capacity(again) > 0, "has given it back");
	cord_ibuf_put(again);

	f = fiber_new("yields", take_f);
	fiber_start(f, &seen, 1, true);
	again = cord_ibuf_take();
	ok(again == seen && !fiber_is_dead(f), "one that yields, too");
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(rlist_empty(&fiber()->on_yield) && fiber_is_dead(f), "so did this one, then");
	again = cord_ibuf_take();
	ok(again == seen, "the same buffer");

	/* To call is to lose control, too. */
	fiber_start(fiber_new("ends", take_f), &seen, 0, false);
	ok(rlist_empty(&fiber()->on_yield), "starting a fiber gives it back");

	size_t before = slab_bytes();
	fiber_start(fiber_new("several", take_f), &seen, 5, false);
	is(slab_bytes(), before, "of several, one is kept");
	f = fiber_new("several", take_f);
	fiber_start(f, &seen, 5, true);
	fiber_wakeup(f);
	fiber_sleep(0);
	is(slab_bytes(), before, "in this way, too");
	check_plan();
	footer();
}

/** As the fiber pool does it after each message. */
static void
test_on_stop(void)
{
	header();
	plan(2);
	struct ibuf *ibuf = cord_ibuf_take();
	fiber_on_stop(fiber());
	ok(rlist_empty(&fiber()->on_stop) && rlist_empty(&fiber()->on_yield),
	   "given back at the end of a request");
	ok(cord_ibuf_take() == ibuf, "for the next one");
	cord_ibuf_put(ibuf);
	check_plan();
	footer();
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	test_take();
	test_automatic();
	test_on_stop();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}
