/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Latches (spec ipc.md 4): first come, first served, whatever happens to those in the
 * queue.
 */
#include "main_fiber.h"
#include "latch.h"

static struct latch latch = LATCH_INITIALIZER(latch);

static char journal[64];

static bool
journal_is(const char *expected)
{
	bool equal = strcmp(journal, expected) == 0;
	if (!equal)
		fprintf(stderr, "# journal: '%s', expected: '%s'\n", journal, expected);
	journal[0] = '\0';
	return equal;
}

/** Takes the latch, keeps it until woken, gives it back. Small letters: given up. */
static int
lock_f(va_list ap)
{
	int name = va_arg(ap, int);
	double timeout = va_arg(ap, double);
	bool locked = latch_lock_timeout(&latch, timeout) == 0;
	char letter[] = { (char)(locked ? name : name - 'A' + 'a'), '\0' };
	strcat(journal, letter);
	if (!locked)
		return diag_is_empty(diag_get()) ? 0 : -1;
	bool right = latch_owner(&latch) == fiber();
	fiber_yield();
	latch_unlock(&latch);
	return right ? 0 : -1;
}

static struct fiber *
start(char name, double timeout)
{
	char text[] = { name, '\0' };
	struct fiber *f = fiber_new(text, lock_f);
	fiber_set_joinable(f, true);
	fiber_start(f, name, timeout);
	return f;
}

static int
finish(struct fiber *f)
{
	fiber_wakeup(f);
	return fiber_join(f);
}

static void
test_order(void)
{
	header();
	plan(10);
	ok(latch_owner(&latch) == NULL, "a latch is free");
	is(latch_trylock(&latch), 0, "it can be taken");
	ok(latch_owner(&latch) == fiber(), "and has an owner");
	struct fiber *a = start('A', TIMEOUT_INFINITY);
	struct fiber *b = start('B', TIMEOUT_INFINITY);
	struct fiber *c = start('C', TIMEOUT_INFINITY);
	ok(journal_is(""), "others wait");
	int csw = fiber()->csw;
	latch_unlock(&latch);
	ok(latch_owner(&latch) == a && journal_is("") && fiber()->csw == csw,
	   "an unlock passes it to who waits longest, without a yield");
	is(latch_trylock(&latch), 1, "nobody overtakes");
	fiber_sleep(0);
	ok(journal_is("A"), "the new owner runs");
	is(finish(a), 0, "and passes it on");
	fiber_sleep(0);
	ok(journal_is("B") && finish(b) == 0 && finish(c) == 0 && journal_is("C"), "in their order");
	ok(latch_owner(&latch) == NULL && rlist_empty(&latch.queue), "up to the last");
	check_plan();
	footer();
}

static void
test_timeout(void)
{
	header();
	plan(6);
	latch_lock(&latch);
	struct fiber *a = start('A', 0.0);
	ok(fiber_is_dead(a) && journal_is("a") && fiber_join(a) == 0,
	   "a timeout of 0 does not yield");
	a = start('A', -1.0);
	ok(fiber_is_dead(a) && journal_is("a") && fiber_join(a) == 0, "nor does a negative one");
	a = start('A', 100);
	struct fiber *b = start('B', 0.01);
	struct fiber *c = start('C', 100);
	double begin = fiber_clock();
	is(fiber_join(b), 0, "a timeout in the middle of the queue is no error");
	ok(journal_is("b") && fiber_clock() - begin >= 0.01, "it comes in its time");
	latch_unlock(&latch);
	fiber_sleep(0);
	is(finish(a) + finish(c), 0, "the others get the latch");
	ok(journal_is("AC"), "in their order");
	check_plan();
	footer();
}

static void
wake(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	fiber_wakeup((struct fiber *)timer->data);
}

static void
test_wakeups(void)
{
	header();
	plan(9);
	latch_lock(&latch);
	struct fiber *a = start('A', TIMEOUT_INFINITY);
	struct fiber *b = start('B', TIMEOUT_INFINITY);
	is(a->flags & FIBER_IS_CANCELLABLE, 0, "a wait cannot be cancelled");
	fiber_cancel(a);
	fiber_wakeup(a);
	fiber_sleep(0);
	ok(journal_is("") && rlist_first_entry(&latch.queue, struct fiber, state) == a,
	   "a cancelled fiber keeps its place, even when it is woken");
	latch_unlock(&latch);
	fiber_sleep(0);
	ok(journal_is("A") && (a->flags & FIBER_IS_CANCELLED) != 0 &&
	   (a->flags & FIBER_IS_CANCELLABLE) != 0, "it gets the latch, and can be cancelled again");
	is(finish(a) + finish(b), 0, "and the next one");
	journal_is("B");

	/* Woken by chance, off the queue, while the owner unlocks. */
	latch_lock(&latch);
	a = start('A', 100);
	fiber_wakeup(a);
	latch_unlock(&latch);
	ok(latch_owner(&latch) == NULL, "nobody is in the queue at that moment");
	fiber_sleep(0);
	ok(journal_is("A") && finish(a) == 0, "the fiber takes the latch as it runs");
	ok(latch_owner(&latch) == NULL, "and gives it back");

	/* Wakeups by chance do not shorten a wait. */
	latch_lock(&latch);
	double begin = fiber_clock();
	a = start('A', 0.1);
	ev_timer timer;
	ev_timer_init(&timer, wake, 0.005, 0.005);
	timer.data = a;
	ev_timer_start(loop(), &timer);
	fiber_join(a);
	ev_timer_stop(loop(), &timer);
	ok(journal_is("a") && fiber_clock() - begin >= 0.1, "many wakeups do not shorten a wait");
	latch_unlock(&latch);
	ok(latch_owner(&latch) == NULL, "it is free again");
	check_plan();
	footer();
}

static void
test_box_latch(void)
{
	header();
	plan(5);
	box_latch_t *box = box_latch_new();
	is(box_latch_trylock(box), 0, "a latch on the heap is taken");
	ok(latch_owner(&box->l) == fiber(), "by us");
	box_latch_unlock(box);
	box_latch_lock(box);
	ok(latch_owner(&box->l) == fiber(), "again");
	box_latch_unlock(box);
	ok(latch_owner(&box->l) == NULL, "and given back");
	box_latch_delete(box);
	box_latch_delete(NULL);

	struct latch local;
	memset(&local, 0xee, sizeof(local));
	latch_create(&local);
	ok(latch_owner(&local) == NULL && latch_trylock(&local) == 0, "one in memory of the caller");
	latch_unlock(&local);
	latch_destroy(&local);
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	test_order();
	test_timeout();
	test_wakeups();
	test_box_latch();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
