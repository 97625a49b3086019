/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a wait on a channel ends without a message (spec ipc.md 3.4, 3.5, 18): timeout, cancel,
 * closing, and a channel that is gone before the waiter has run.
 */
#include "main_fiber.h"
#include "fiber_channel.h"

#define V(n) ((void *)(uintptr_t)(n))

/** One wait on a channel, and how it ended. */
struct wait {
	struct fiber_channel *ch;
	double timeout;
	bool reads;
	void *value;
	int result;
	char error[32];
	double seconds;
	struct fiber *fiber;
};

static int
wait_f(va_list ap)
{
	struct wait *w = va_arg(ap, struct wait *);
	double start = fiber_clock();
	w->result = w->reads ? fiber_channel_get_timeout(w->ch, &w->value, w->timeout) :
		fiber_channel_put_timeout(w->ch, w->value, w->timeout);
	w->seconds = fiber_clock() - start;
	struct error *e = diag_last_error(diag_get());
	strcpy(w->error, e == NULL ? "" : e->type->name);
	return 0;
}

static void
start(struct wait *w, struct fiber_channel *ch, bool reads, double timeout)
{
	*w = (struct wait) { ch, timeout, reads, V(42), 1, "", 0, fiber_new("waits", wait_f) };
	fiber_set_joinable(w->fiber, true);
	fiber_start(w->fiber, w);
}

/** Waits for its end; whether it failed that way. */
static bool
failed(struct wait *w, const char *error)
{
	fiber_join(w->fiber);
	return w->result == -1 && strcmp(w->error, error) == 0 && w->value == V(42);
}

static bool
delivered(struct wait *w, int value)
{
	fiber_join(w->fiber);
	return w->result == 0 && w->value == V(value);
}

static void
wake(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	fiber_wakeup((struct fiber *)timer->data);
}

static void
test_timeout(void)
{
	header();
	plan(7);
	struct fiber_channel *ch = fiber_channel_new(1);
	struct wait w;
	start(&w, ch, true, 0.01);
	ok(failed(&w, "TimedOut") && w.seconds >= 0.01, "a get waits for its time");
	fiber_channel_put(ch, V(1));
	start(&w, ch, false, 0.01);
	ok(failed(&w, "TimedOut") && w.seconds >= 0.01, "so does a put");
	ok(!fiber_channel_has_writers(ch) && fiber_channel_count(ch) == 1, "nothing of it is left");
	start(&w, ch, false, -1);
	ok(fiber_is_dead(w.fiber) && failed(&w, "TimedOut"),
	   "a negative timeout does not wait");

	/* Woken every few milliseconds, it waits as long as it should. */
	ev_timer timer;
	ev_timer_init(&timer, wake, 0.005, 0.005);
	start(&w, ch, false, 0.1);
	timer.data = w.fiber;
	ev_timer_start(loop(), &timer);
	ok(failed(&w, "TimedOut"), "wakeups by chance do not end a wait");
	ok(w.seconds >= 0.1, "nor make it shorter");
	void *value;
	fiber_channel_get(ch, &value);
	start(&w, ch, true, 100);
	timer.data = w.fiber;
	fiber_sleep(0.02);
	fiber_channel_put(ch, V(5));
	ev_timer_stop(loop(), &timer);
	ok(delivered(&w, 5), "then a message comes");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

static int
cancelled_f(va_list ap)
{
	struct fiber_channel *ch = va_arg(ap, struct fiber_channel *);
	void *value;
	fiber_cancel(fiber());
	bool right = fiber_channel_put(ch, V(1)) == 0 && fiber_channel_get(ch, &value) == 0 &&
		value == V(1);
	int csw = fiber()->csw;
	right = right && fiber_channel_get(ch, &value) == -1 &&
		last_error_is("FiberIsCancelled", "fiber is cancelled") && fiber()->csw == csw;
	return right ? 0 : 1;
}

static void
test_cancel(void)
{
	header();
	plan(7);
	struct fiber_channel *ch = fiber_channel_new(1);
	struct wait w;
	start(&w, ch, true, 100);
	fiber_cancel(w.fiber);
	ok(failed(&w, "FiberIsCancelled"), "a cancel ends a get");
	fiber_channel_put(ch, V(1));
	start(&w, ch, false, 100);
	fiber_cancel(w.fiber);
	ok(failed(&w, "FiberIsCancelled"), "and a put");
	void *value;
	fiber_channel_get(ch, &value);
	struct fiber *f = fiber_new("cancelled", cancelled_f);
	fiber_set_joinable(f, true);
	fiber_start(f, ch);
	is(fiber_join(f), 0, "a cancelled fiber can do what needs no wait");

	/* The message is handed over first: it must not be lost. */
	start(&w, ch, true, 100);
	fiber_channel_put(ch, V(6));
	fiber_cancel(w.fiber);
	ok(delivered(&w, 6), "a cancel comes too late after a message");
	start(&w, ch, true, 100);
	fiber_cancel(w.fiber);
	fiber_channel_put(ch, V(7));
	ok(delivered(&w, 7), "a message comes in time before the fiber runs");
	fiber_channel_put(ch, V(8));
	start(&w, ch, false, 100);
	fiber_cancel(w.fiber);
	fiber_channel_get(ch, &value);
	fiber_join(w.fiber);
	ok(w.result == 0 && fiber_channel_count(ch) == 1, "so does room for one");
	fiber_channel_get(ch, &value);
	start(&w, ch, true, 0.001);
	usleep(2000);
	fiber_channel_put(ch, V(9));
	ok(delivered(&w, 9), "and a message when the time is up");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

/* {{{ Closing */

static struct fiber_channel *closing;
static uint32_t counts[4];
static int destroyed;
static bool open_meanwhile = true;

static void
note_destroyed(struct ipc_msg *msg)
{
	(void)msg;
	open_meanwhile = open_meanwhile && !fiber_channel_is_closed(closing);
	counts[destroyed++] = fiber_channel_count(closing);
}

static void
test_close(void)
{
	header();
	plan(11);
	struct wait w[3];
	struct fiber_channel *ch = closing = fiber_channel_new(3);
	struct ipc_msg messages[3] = { { note_destroyed }, { note_destroyed }, { note_destroyed } };
	for (int i = 0; i < 3; i++)
		fiber_channel_put_msg_timeout(ch, &messages[i], 0);
	for (int i = 0; i < 3; i++)
		start(&w[i], ch, false, 100);
	int csw = fiber()->csw;
	fiber_channel_close(ch);
	ok(destroyed == 3 && open_meanwhile, "what is in the buffer is destroyed, while it is open");
	ok(counts[0] == 2 && counts[1] == 1 && counts[2] == 0, "one by one");
	ok(fiber_channel_is_closed(ch) && fiber()->csw == csw, "then it is closed, without a yield");
	ok(failed(&w[0], "ChannelIsClosed") && failed(&w[1], "ChannelIsClosed") &&
	   failed(&w[2], "ChannelIsClosed"), "writers fail");
	fiber_channel_close(ch);
	is(destroyed, 3, "closing again is nothing");
	void *value = V(42);
	diag_clear(diag_get());
	ok(fiber_channel_put(ch, V(1)) == -1 &&
	   last_error_is("ChannelIsClosed", "channel is closed"), "a put fails");
	diag_clear(diag_get());
	ok(fiber_channel_get_timeout(ch, &value, 0) == -1 && value == V(42) &&
	   last_error_is("ChannelIsClosed", "channel is closed"), "a get fails, with any timeout");
	start(&w[0], ch, true, -1);
	ok(failed(&w[0], "ChannelIsClosed"), "also a negative one");
	fiber_channel_delete(ch);

	ch = closing = fiber_channel_new(0);
	for (int i = 0; i < 3; i++)
		start(&w[i], ch, true, 100);
	struct fiber *first = rlist_first_entry(&ch->waiters, struct fiber, state);
	fiber_channel_close(ch);
	ok(rlist_empty(&ch->waiters) &&
	   rlist_first_entry(&cord()->ready, struct fiber, state) == first,
	   "all who wait are woken, in their order");
	ok(failed(&w[0], "ChannelIsClosed") && failed(&w[1], "ChannelIsClosed") &&
	   failed(&w[2], "ChannelIsClosed"), "readers fail, too");
	fiber_channel_delete(ch);

	/* Cancelled before: the closing is what counts. */
	ch = fiber_channel_new(1);
	start(&w[0], ch, true, 100);
	fiber_channel_close(ch);
	fiber_cancel(w[0].fiber);
	ok(failed(&w[0], "ChannelIsClosed"), "a cancel after it changes nothing");
	fiber_channel_delete(ch);
	diag_clear(diag_get());
	check_plan();
	footer();
}

/* }}} */

/* {{{ The channel is gone before the waiter has run */

/** Keeps the memory out of circulation, with nothing sensible in it, until free(). */
static void *overwritten;

static void
delete_and_overwrite(struct fiber_channel *ch)
{
	size_t size = fiber_channel_memsize(ch->size);
	fiber_channel_delete(ch);
	/* What malloc() gives out next is what was just freed. */
	overwritten = memset(xmalloc(size), 0xff, size);
}

static struct fiber *deleter;

static int
delete_f(va_list ap)
{
	struct fiber_channel *ch = va_arg(ap, struct fiber_channel *);
	fiber_yield();
	delete_and_overwrite(ch);
	return 0;
}

static void
wake_deleter(ev_loop *loop) EV_NOEXCEPT
{
	(void)loop;
	fiber_wakeup(deleter);
}

static void
do_nothing(ev_loop *loop) EV_NOEXCEPT
{
	(void)loop;
}

static void
test_deleted(void)
{
	header();
	plan(6);
	struct wait w, other;
	for (int reads = 0; reads < 2; reads++) {
		const char *who = reads ? "reader" : "writer";
		struct fiber_channel *ch = fiber_channel_new(0);
		start(&w, ch, reads, 100);
		start(&other, ch, reads, 100);
		fiber_wakeup(w.fiber);
		delete_and_overwrite(ch);
		ok(failed(&w, "ChannelIsClosed") && failed(&other, "ChannelIsClosed"),
		   "a %s woken by chance, then its channel is deleted", who);
		free(overwritten);

		ch = fiber_channel_new(0);
		start(&w, ch, reads, 100);
		fiber_cancel(w.fiber);
		delete_and_overwrite(ch);
		ok(failed(&w, "ChannelIsClosed"), "a cancelled %s", who);
		free(overwritten);

		/*
		 * Its timer fires, and the fiber that deletes the channel is ready
		 * already: woken after the poll, before libev looks at its timers.
		 */
		ch = fiber_channel_new(0);
		deleter = fiber_new("deleter", delete_f);
		fiber_start(deleter, ch);
		start(&w, ch, reads, 0.001);
		usleep(2000);
		ev_set_loop_release_cb(loop(), do_nothing, wake_deleter);
		fiber_join(w.fiber);
		ev_set_loop_release_cb(loop(), NULL, NULL);
		ok(w.result == -1 && strcmp(w.error, "ChannelIsClosed") == 0,
		   "a %s whose time is up", who);
		free(overwritten);
	}
	check_plan();
	footer();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	test_timeout();
	test_cancel();
	test_close();
	test_deleted();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
