/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a fiber's creator and joiner see when the kernel refuses to guard a stack, to
 * take a hint about it, or to lift its guard (spec fiber.md 11.8, 12.1).
 *
 * The output is that of the reference's test of the same name, so the log lines and
 * the names of the checks are fixed; the checks themselves ask for more.
 */
#include "memory.h"
#include "fiber.h"
#include "unit.h"
#include "errinj.h"
#include "reflection.h"

static size_t
live_fibers(void)
{
	return mempool_count(&cord()->fiber_mempool);
}

static size_t
slab_bytes(void)
{
	return cord()->slabc.allocated.stats.used;
}

/** Whether the last error is a SystemError with exactly that message. */
static bool
last_error_is(const char *message)
{
	struct error *e = diag_last_error(diag_get());
	return e != NULL && strcmp(e->type->name, "SystemError") == 0 &&
	       strcmp(e->errmsg, message) == 0;
}

static int
return_at_once_f(va_list ap)
{
	(void)ap;
	return 0;
}

/** No guard, no fiber: everything that was taken for it is given back. */
static void
guard_cannot_be_set(struct fiber_attr *attr)
{
	size_t fibers = live_fibers(), bytes = slab_bytes();
	diag_clear(diag_get());
	errinj(ERRINJ_FIBER_MPROTECT, ERRINJ_INT)->iparam = PROT_NONE;
	struct fiber *f = fiber_new_ex("unguarded", attr, return_at_once_f);
	errinj(ERRINJ_FIBER_MPROTECT, ERRINJ_INT)->iparam = -1;

	ok(f == NULL && live_fibers() == fibers && slab_bytes() == bytes,
	   "mprotect: failed to setup fiber guard page");
	ok(last_error_is("fiber mprotect failed"), "mprotect: diag is armed after error");
}

/** A hint that fails costs nothing but a note in the diagnostics area. */
static void
hint_fails(struct fiber_attr *attr)
{
	size_t fibers = live_fibers(), bytes = slab_bytes();
	diag_clear(diag_get());
	errinj(ERRINJ_FIBER_MADVISE, ERRINJ_BOOL)->bparam = true;
	struct fiber *f = fiber_new_ex("resident", attr, return_at_once_f);
	errinj(ERRINJ_FIBER_MADVISE, ERRINJ_BOOL)->bparam = false;

	ok(live_fibers() == fibers + 1, "allocated new");
	ok(f != NULL, "madvise: non critical error on madvise hint");
	ok(last_error_is("fiber madvise failed"), "madvise: diag is armed after error");

	fiber_wakeup(f);
	fiber_sleep(0);
	cord_collect_garbage(cord());
	ok(live_fibers() == fibers && slab_bytes() == bytes, "fiber is deleted");
}

/** A slab with a dead page in it is never handed out again. */
static void
guard_cannot_be_lifted(struct fiber_attr *attr)
{
	size_t fibers = live_fibers(), bytes = slab_bytes();
	struct fiber *f = fiber_new_ex("stuck", attr, return_at_once_f);
	ok(f != NULL && f->stack_watermark == NULL && f->stack_size == 57344,
	   "fiber with custom stack");
	ok(live_fibers() == fibers + 1, "allocated new");
	char *slab = (char *)f->stack_slab;

	fiber_set_joinable(f, true);
	errinj(ERRINJ_FIBER_MPROTECT, ERRINJ_INT)->iparam = PROT_READ | PROT_WRITE;
	fiber_start(f);
	bool joined = fiber_join(f) == 0;
	size_t after = slab_bytes();

	/* While it lasts, no stack of that size comes from the dead slab. */
	bool reused = false;
	struct fiber *others[4];
	for (size_t i = 0; i < lengthof(others); i++) {
		others[i] = fiber_new_ex("other", attr, return_at_once_f);
		reused = reused || (char *)others[i]->stack_slab == slab;
	}
	errinj(ERRINJ_FIBER_MPROTECT, ERRINJ_INT)->iparam = -1;
	for (size_t i = 0; i < lengthof(others); i++)
		fiber_wakeup(others[i]);
	fiber_sleep(0);

	ok(joined && !reused && after == bytes + (64 << 10), "expected leak detected");
	cord_collect_garbage(cord());
	ok(live_fibers() == fibers, "fiber is deleted");
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(10);

	/* Twice the default: a custom size, so that no cached stack is reused. */
	struct fiber_attr *attr = fiber_attr_new();
	fiber_attr_setstacksize(attr, fiber_attr_getstacksize(NULL) * 2);
	guard_cannot_be_set(attr);
	hint_fails(attr);

	/* Filled by hand, as programs do. */
	attr->flags |= FIBER_CUSTOM_STACK;
	attr->stack_size = 64 << 10;
	guard_cannot_be_lifted(attr);
	fiber_attr_delete(attr);

	footer();
	ev_break(loop(), EVBREAK_ALL);
	return check_plan();
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	struct fiber *f = fiber_new("main", main_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	ev_run(loop(), 0);
	int failed = fiber_join(f);
	fiber_free();
	memory_free();
	return failed;
}
