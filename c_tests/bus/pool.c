/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pool of fibers (spec ipc.md 6, 17): how it grows, who gets work, when fibers end, and
 * what is left when the pool is destroyed. Producer and consumer are one cord.
 */
#include "bus.h"
#include "fiber_pool.h"

static struct fiber_pool pool;
static struct cpipe to_pool;

/** Writes its name in small letters as it starts and in capitals as it ends. */
struct job {
	struct cmsg msg;
	char name;
	bool waits;
	struct fiber *worker;
};

static void
record_letter(char c)
{
	char text[] = { c, '\0' };
	record(text);
}

static void
run_f(struct cmsg *msg)
{
	struct job *job = (struct job *)msg;
	job->worker = fiber();
	record_letter(job->name);
	if (job->waits)
		fiber_yield();
	record_letter(job->name - 'a' + 'A');
}

static const struct cmsg_hop run_route[] = { { run_f, NULL } };

static struct job jobs[26];

static struct job *
send_job(char name, bool waits)
{
	struct job *job = &jobs[name - 'a'];
	job->name = name;
	job->waits = waits;
	job->worker = NULL;
	cmsg_init(&job->msg, run_route);
	cpipe_push(&to_pool, &job->msg);
	return job;
}

/** Whether that is all that happens now. */
static bool
happens(const char *expected)
{
	settle();
	return journal_is(expected);
}

static int
count_idle(void)
{
	int count = 0;
	struct fiber *f;
	rlist_foreach_entry(f, &pool.idle, state)
		count++;
	return count;
}

static char last_warning[256];

static void
keep_warning(int level, const char *file, int line, const char *error, const char *format, ...)
{
	(void)file;
	(void)line;
	(void)error;
	if (level != S_WARN)
		return;
	va_list ap;
	va_start(ap, format);
	vsnprintf(last_warning, sizeof(last_warning), format, ap);
	va_end(ap);
}

static void
test_growth(void)
{
	header();
	plan(13);
	fiber_pool_create(&pool, "pool", 3, 1000);
	cpipe_create(&to_pool, "pool");
	ok(pool.size == 0 && pool.max_size == 3 && rlist_empty(&pool.idle), "a pool is empty");
	ok(pool.consumer == loop() && to_pool.endpoint == &pool.endpoint, "with an endpoint");
	struct job *a = send_job('a', false), *b = send_job('b', false);
	ok(happens("aAbB"), "messages that do not wait run one after the other");
	ok(a->worker == b->worker && pool.size == 1, "in the same fiber");
	ok(strcmp(fiber_name(a->worker), cord_name(cord())) == 0, "named after the cord");
	is(count_idle(), 1, "which stays");

	struct job *c = send_job('c', true), *d = send_job('d', true), *e = send_job('e', true);
	ok(happens("cde"), "messages that wait have fibers of their own");
	ok(c->worker == a->worker && pool.size == 3 && count_idle() == 0, "the idle one first");
	sayfunc_t say = _say;
	_say = keep_warning;
	send_job('f', false);
	send_job('g', true);
	send_job('h', false);
	ok(happens(""), "when there are enough, others have to wait");
	_say = say;
	ok(strcmp(last_warning, "fiber pool size 3 reached on endpoint pool") == 0,
	   "and the log says so");
	fiber_wakeup(d->worker);
	ok(happens("DfFg"), "until somebody is done");
	fiber_wakeup(e->worker);
	fiber_wakeup(c->worker);
	fiber_wakeup(jobs['g' - 'a'].worker);
	ok(happens("EhHCG"), "in the order of arrival");
	is(count_idle(), 3, "all fibers stay");
	footer();
	check_plan();
}

static void
test_reuse(void)
{
	header();
	plan(5);
	struct fiber *newest = rlist_first_entry(&pool.idle, struct fiber, state);
	struct job *a = send_job('a', true);
	ok(happens("a") && a->worker == newest, "who worked last works next");
	fiber_wakeup(a->worker);
	ok(happens("A"), "and so on");
	/* One fiber takes the batch; as it waits, another goes on at once. */
	struct job *b = send_job('b', true), *c = send_job('c', true);
	send_job('d', false);
	ok(happens("bcdD") && b->worker == newest && c->worker != newest, "a batch that waits");
	is(pool.size, 3, "needs no new fibers");
	fiber_wakeup(b->worker);
	fiber_wakeup(c->worker);
	ok(happens("BC"), "while there are idle ones");
	footer();
	check_plan();
}

/* {{{ What a message leaves behind */

static int stopped;

static void
stop_f(struct trigger *trigger, void *event)
{
	stopped += event == fiber();
	trigger_clear(trigger);
}

static void
add_on_stop_f(struct cmsg *msg)
{
	(void)msg;
	static struct trigger trigger;
	trigger_create(&trigger, stop_f, NULL, NULL);
	trigger_add(&fiber()->on_stop, &trigger);
}

static void
test_on_stop(void)
{
	header();
	plan(3);
	static const struct cmsg_hop route[] = { { add_on_stop_f, NULL } };
	static struct cmsg msg;
	for (int i = 1; i <= 2; i++) {
		cmsg_init(&msg, route);
		cpipe_push(&to_pool, &msg);
		happens("");
		is(stopped, i, "on_stop triggers run behind each message");
	}
	ok(pool.size == 3 && count_idle() == 3, "though no fiber ends");
	footer();
	check_plan();
}

/* }}} */

/* {{{ Fibers that end */

static void
cancel_f(struct cmsg *msg)
{
	(void)msg;
	record("!");
	fiber_cancel(fiber());
}

static void
test_cancel(void)
{
	header();
	plan(4);
	static const struct cmsg_hop route[] = { { cancel_f, NULL } };
	static struct cmsg msg;
	fiber_cancel(rlist_first_entry(&pool.idle, struct fiber, state));
	ok(happens("") && pool.size == 2 && count_idle() == 2, "an idle fiber may be cancelled");
	/* One that cancels itself leaves the rest of the batch to others. */
	fiber_pool_set_max_size(&pool, 1);
	cmsg_init(&msg, route);
	send_job('a', false);
	cpipe_push(&to_pool, &msg);
	send_job('b', false);
	ok(happens("aA!bB"), "or cancel itself; its work is done by others");
	is(pool.size, 1, "it has ended");
	fiber_pool_set_max_size(&pool, 3);
	cbus_stop_loop(&to_pool);
	happens("");
	is(pool.size, 0, "a stop ends one fiber");
	footer();
	check_plan();
}

static void
wait_until_size(int size)
{
	for (int i = 0; i < 1000 && pool.size > size; i++)
		pause_ms(10);
}

static void
test_idle_timeout(void)
{
	header();
	plan(6);
	fiber_pool_create(&pool, "pool", 10, 0.5);
	cpipe_create(&to_pool, "pool");
	for (char name = 'a'; name <= 'd'; name++)
		send_job(name, true);
	happens("abcd");
	pause_ms(1000);
	is(pool.size, 4, "who works does not end");
	double begin = fiber_clock();
	for (char name = 'a'; name <= 'd'; name++)
		fiber_wakeup(jobs[name - 'a'].worker);
	ok(happens("ABCD") && pool.size == 4, "nor who is just done");
	wait_until_size(0);
	double elapsed = fiber_clock() - begin;
	is(pool.size, 0, "but in the end all do");
	/* A tick that comes late brings the next one closer. */
	ok(elapsed >= 1.4, "one for each tick");

	/* Often enough used, a fiber stays. */
	send_job('a', false);
	happens("aA");
	struct fiber *worker = jobs[0].worker;
	int same = 0;
	for (int i = 0; i < 20; i++) {
		pause_ms(10);
		send_job('a', false);
		same += happens("aA") && jobs[0].worker == worker;
	}
	ok(same >= 1, "a fiber that is used stays");
	wait_until_size(0);
	is(pool.size, 0, "only as long as it is used");
	footer();
	check_plan();
}

/* }}} */

/* {{{ The end of a pool */

static int
destroy_f(va_list ap)
{
	(void)ap;
	fiber_pool_destroy(&pool);
	return 0;
}

static void
test_destroy(void)
{
	header();
	plan(9);
	cpipe_destroy(&to_pool);
	fiber_pool_destroy(&pool);
	ok(true, "a pool without fibers is destroyed");

	fiber_pool_create(&pool, "pool", 10, 1000);
	cpipe_create(&to_pool, "pool");
	send_job('a', true);
	send_job('b', true);
	happens("ab");
	fiber_wakeup(jobs[0].worker);
	fiber_wakeup(jobs[1].worker);
	happens("AB");
	cpipe_destroy(&to_pool);
	fiber_pool_destroy(&pool);
	ok(true, "one with idle fibers, too");

	fiber_pool_create(&pool, "pool", 2, 1000);
	cpipe_create(&to_pool, "pool");
	send_job('a', true);
	send_job('b', true);
	happens("ab");
	_say = keep_warning;
	send_job('c', true);
	send_job('d', false);
	struct fiber *destroyer = fiber_new("destroyer", destroy_f);
	fiber_set_joinable(destroyer, true);
	fiber_start(destroyer);
	happens("");
	ok(!fiber_is_dead(destroyer), "one with a pipe waits");
	send_job('e', false);
	cpipe_destroy(&to_pool);
	happens("");
	ok(!fiber_is_dead(destroyer), "one with work, too");
	fiber_cancel(destroyer);
	fiber_wakeup(jobs[1].worker);
	ok(happens("Bc") && !fiber_is_dead(destroyer), "whatever happens");
	fiber_wakeup(jobs[0].worker);
	ok(happens("AdDeE") && !fiber_is_dead(destroyer), "until all is done");
	fiber_wakeup(jobs[2].worker);
	is(fiber_join(destroyer), 0, "then it is destroyed");
	ok(happens("C"), "and nothing is lost");

	/* The timer is gone with it. */
	fiber_pool_create(&pool, "pool", 2, 0.001);
	fiber_pool_destroy(&pool);
	memset(&pool, 0xee, sizeof(pool));
	pause_ms(20);
	ok(true, "nothing of it is left in the loop");
	footer();
	check_plan();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(6);
	test_growth();
	test_reuse();
	test_on_stop();
	test_cancel();
	cpipe_destroy(&to_pool);
	fiber_pool_destroy(&pool);
	test_idle_timeout();
	test_destroy();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}
