/* SPDX-License-Identifier: BSD-2-Clause */
/* Work for a cord from other threads (cordage/post.h). */
#include "../main_fiber.h"
#include "../child.h"
#include "cordage/cord.h"
#include "cordage/limits.h"
#include "cordage/post.h"
#include "fiber_cond.h"

enum { MANY = 1000 };

/** A piece of work that notes what became of it. */
struct note {
	struct cordage_work work;
	/** Filled by the poster. */
	int number;
	/** In the order in which it was run, or dropped, from 1; 0: not yet. */
	int run, dropped;
	/** Where it was. */
	struct fiber *fiber;
	struct cord *cord;
};

static int turn;

static void
note_place(struct note *n)
{
	n->fiber = fiber();
	n->cord = cord();
}

static void
note_run(struct cordage_work *work)
{
	struct note *n = (struct note *)work;
	note_place(n);
	n->run = ++turn;
}

static void
note_drop(struct cordage_work *work)
{
	struct note *n = (struct note *)work;
	note_place(n);
	n->dropped = ++turn;
}

static void
note_init(struct note *n, int number)
{
	memset(n, 0, sizeof(*n));
	n->work.run = note_run;
	n->work.drop = note_drop;
	n->number = number;
}

/** Posts to the main cord from a thread that is none. */
struct poster {
	struct cord *cord;
	int (*post)(struct cord *cord, struct cordage_work *work);
	struct note *notes;
	int count, refused;
};

static void *
post_f(void *arg)
{
	struct poster *p = (struct poster *)arg;
	for (int i = 0; i < p->count; i++) {
		note_init(&p->notes[i], i + 1);
		p->refused += p->post(p->cord, &p->notes[i].work) != 0;
	}
	return NULL;
}

/** Posts `count` notes and waits for the thread, but not for the notes. */
static int
post_many(struct cord *cord, int (*post)(struct cord *, struct cordage_work *),
	  struct note *notes, int count)
{
	struct poster poster = { cord, post, notes, count, 0 };
	pthread_t thread;
	turn = 0;
	fail_if(pthread_create(&thread, NULL, post_f, &poster) != 0);
	pthread_join(thread, NULL);
	return poster.refused;
}

static struct note notes[MANY];

/** Whether all were run, or all were dropped, in their order. */
static bool
in_order(int count, bool dropped)
{
	for (int i = 0; i < count; i++) {
		if (notes[i].run != (dropped ? 0 : i + 1) ||
		    notes[i].dropped != (dropped ? i + 1 : 0))
			return false;
	}
	return true;
}

static void
test_scheduler(void)
{
	header();
	plan(5);
	is(post_many(cord(), cordage_post, notes, MANY), 0, "a plain thread posts");
	is(turn, 0, "which runs nothing by itself");
	fiber_sleep(0);
	ok(in_order(MANY, false), "the loop runs it all, in order");
	ok(notes[0].fiber == &cord()->sched && notes[MANY - 1].fiber == &cord()->sched,
	   "on the scheduler");
	turn = 0;
	note_init(notes, 1);
	cordage_post(cord(), &notes[0].work);
	ok(turn == 0 && (fiber_sleep(0), turn) == 1, "the cord itself posts");
	check_plan();
	footer();
}

static int yielded;

static void
yield_run(struct cordage_work *work)
{
	note_run(work);
	/* Its memory is ours already; the name shows whose fiber it is. */
	yielded += strcmp(fiber_name(NULL), "post") == 0 && fiber_get_ctx(NULL) == NULL;
	fiber_sleep(0.01);
	yielded += !fiber_is_cancelled();
}

static void
test_fiber(void)
{
	header();
	plan(5);
	is(post_many(cord(), cordage_post_fiber, notes, 100), 0, "a plain thread posts");
	fiber_sleep(0);
	ok(in_order(100, false), "fibers run it in order");
	ok(notes[0].fiber != &cord()->sched && notes[0].fiber != fiber(), "fibers of their own");
	turn = 0;
	for (int i = 0; i < 10; i++) {
		note_init(&notes[i], i);
		notes[i].work.run = yield_run;
		cordage_post_fiber(cord(), &notes[i].work);
	}
	fiber_sleep(0);
	ok(in_order(10, false) && yielded == 10, "which may wait");
	fiber_sleep(0.05);
	is(yielded, 20, "and go on");
	check_plan();
	footer();
}

static int timers;

static void
on_timer(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	timers++;
}

static void
repost(struct cordage_work *work)
{
	struct note *n = (struct note *)work;
	if (--n->number > 0)
		cordage_post(cord(), work);
}

static void
wake_data(struct cordage_work *work)
{
	fiber_wakeup(((struct note *)work)->fiber);
}

static void *
post_later_f(void *arg)
{
	struct note *n = (struct note *)arg;
	usleep(20000);
	cordage_post(n->cord, &n->work);
	return NULL;
}

static void
test_loop(void)
{
	header();
	plan(3);
	struct note n;
	note_init(&n, 1000);
	n.work.run = repost;
	struct ev_timer timer;
	ev_timer_init(&timer, on_timer, 0, 1e-6);
	ev_timer_start(loop(), &timer);
	cordage_post(cord(), &n.work);
	while (n.number > 0)
		fiber_sleep(0);
	ev_timer_stop(loop(), &timer);
	ok(timers > 100, "work that posts itself lets others run");

	note_init(&n, 0);
	n.work.run = wake_data;
	n.fiber = fiber();
	n.cord = cord();
	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, post_later_f, &n) != 0);
	ok(!fiber_yield_timeout(1000), "a loop that sleeps is woken");
	pthread_join(thread, NULL);

	struct fiber_cond arrived;
	fiber_cond_create(&arrived);
	note_init(&n, 1);
	cordage_post(cord(), &n.work);
	is(fiber_cond_wait_timeout(&arrived, 0.001), -1, "it signals nobody by itself");
	diag_clear(diag_get());
	check_plan();
	footer();
}

/** Posted to, a cord without anything else to wait for. */
static void *
run_loop_f(void *arg)
{
	ev_run(loop(), 0);
	*(bool *)arg = true;
	return NULL;
}

static void
test_keeps_no_loop(void)
{
	header();
	plan(1);
	bool ended = false;
	struct cord other;
	memset(&other, 0, sizeof(other));
	cord_start(&other, "idle", run_loop_f, &ended);
	cord_join(&other);
	ok(ended, "a loop without watchers ends, whatever may be posted");
	check_plan();
	footer();
}

static int go;

static void *
hold_f(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		usleep(100);
	return NULL;
}

static void
wait_for_end(struct cord *cord)
{
	while (__atomic_load_n(&cord->on_exit, __ATOMIC_SEQ_CST) == NULL)
		usleep(100);
}

/** A cord whose loop never comes to it. */
static void
start_held(struct cord *cord)
{
	__atomic_store_n(&go, 0, __ATOMIC_RELEASE);
	memset(cord, 0, sizeof(*cord));
	fail_if(cord_start(cord, "held", hold_f, NULL) != 0);
}

static void *
by_hand_f(void *arg)
{
	static struct cord by_hand;
	by_hand.loop = NULL;
	cord_create(&by_hand, "by hand");
	struct note n;
	note_init(&n, 1);
	*(int *)arg = cordage_post(&by_hand, &n.work);
	cord_destroy(&by_hand);
	return NULL;
}

static void
test_end(void)
{
	header();
	plan(7);
	struct cord other;
	start_held(&other);
	is(post_many(&other, cordage_post, notes, 100), 0, "a cord that will not run it");
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	wait_for_end(&other);
	ok(in_order(100, true), "drops it when it ends, in order");
	ok(notes[0].cord == &other && notes[99].fiber == &other.sched, "in its own thread");
	struct note n;
	note_init(&n, 1);
	n.work.drop = NULL;
	is(cordage_post(&other, &n.work), -1, "and takes no more");
	is(cordage_post_fiber(&other, &n.work), -1, "of either kind");
	cord_join(&other);

	start_held(&other);
	cordage_post(&other, &n.work);
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	is(cord_join(&other), 0, "who does not care gives no drop function");

	int result = 0;
	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, by_hand_f, &result) != 0);
	pthread_join(thread, NULL);
	is(result, -1, "a cord without a loop takes none");
	check_plan();
	footer();
}

static int
sleep_f(va_list ap)
{
	(void)ap;
	fiber_sleep(1000);
	return 0;
}

static int reached;

static void
block(struct cordage_work *work)
{
	note_run(work);
	__atomic_store_n(&reached, 1, __ATOMIC_RELEASE);
	pause();
}

/** Cancelled in the first of ten, on the scheduler or in a fiber. */
static bool
rest_is_dropped(int (*post)(struct cord *, struct cordage_work *))
{
	struct cord other;
	reached = turn = 0;
	start_held(&other);
	cord_cancel_and_join(&other);
	memset(&other, 0, sizeof(other));
	fail_if(cord_costart(&other, "cancelled", sleep_f, NULL) != 0);
	for (int i = 0; i < 10; i++) {
		note_init(&notes[i], i);
		notes[i].work.run = block;
		fail_if(post(&other, &notes[i].work) != 0);
	}
	while (!__atomic_load_n(&reached, __ATOMIC_ACQUIRE))
		usleep(100);
	cord_cancel_and_join(&other);
	bool right = notes[0].run == 1 && notes[0].dropped == 0;
	for (int i = 1; i < 10; i++)
		right &= notes[i].run == 0 && notes[i].dropped == i + 1 &&
			notes[i].fiber == &other.sched;
	return right;
}

static void
test_cancelled(void)
{
	header();
	plan(2);
	ok(rest_is_dropped(cordage_post), "a cancelled cord drops the rest");
	ok(rest_is_dropped(cordage_post_fiber), "on whatever stack it was");
	check_plan();
	footer();
}

/** Cancels itself where it has nothing to lose but the lock of the inbox. */
static void *
post_cancelled_f(void *arg)
{
	struct note *n = (struct note *)arg;
	/* Until the loop is in its system call: only then does a post make one. */
	usleep(5000);
	pthread_cancel(pthread_self());
	n->number = cordage_post(n->cord, &n->work);
	pthread_testcancel();
	return NULL;
}

static void
test_cancelled_poster(void)
{
	header();
	plan(3);
	struct note n;
	note_init(&n, -1);
	n.cord = cord();
	turn = 0;
	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, post_cancelled_f, &n) != 0);
	fiber_sleep(0.05);
	void *result = NULL;
	pthread_join(thread, &result);
	ok(n.number == 0 && result == PTHREAD_CANCELED, "a post is no cancellation point");
	fiber_sleep(0);
	is(n.run, 1, "a cancelled thread has posted all the same");
	note_init(&n, 1);
	cordage_post(cord(), &n.work);
	fiber_sleep(0);
	is(n.run, 2, "and others can");
	check_plan();
	footer();
}

static void
test_no_fiber(void)
{
	header();
	plan(2);
	cordage_fiber_set_max(cordage_fiber_count());
	struct note n;
	note_init(&n, 1);
	turn = 0;
	is(cordage_post_fiber(cord(), &n.work), 0, "accepted");
	fiber_sleep(0);
	ok(n.run == 0 && n.dropped == 1, "dropped for want of a fiber, which is logged");
	cordage_fiber_set_max(SIZE_MAX);
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(8);
	test_scheduler();
	test_fiber();
	test_loop();
	test_keeps_no_loop();
	test_end();
	test_cancelled();
	test_cancelled_poster();
	test_no_fiber();
	footer();
	return check_plan();
}

/** Left to fiber_free(). */
static int
leave_work(const void *arg)
{
	(void)arg;
	memory_init();
	fiber_init(fiber_c_invoke);
	for (int i = 0; i < 3; i++) {
		note_init(&notes[i], i);
		cordage_post(cord(), &notes[i].work);
	}
	struct cord *main_cord = cord();
	fiber_free();
	struct note late;
	note_init(&late, 3);
	return in_order(3, true) && cordage_post(main_cord, &late.work) == -1 ? 0 : 1;
}

int
main(void)
{
	if (run_in_child(leave_work, NULL) != 0)
		printf("fiber_free() does not drop what is left\n");
	return run_main_fiber(test_f, fiber_c_invoke);
}
