/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool itself, under libeio's names (spec ipc.md 8.3): how many threads there are, in
 * which order they work, how results come back, what a fork does.
 */
#include "fixture.h"

static struct gate gate = GATE_INITIALIZER;

enum { MANY = 32 };
static struct fiber *fibers[MANY];

static void
occupy(int count)
{
	gate_close(&gate);
	for (int i = 0; i < count; i++)
		fibers[i] = start("busy", gate_wait_f, &gate);
}

static void
release(int count)
{
	gate_open(&gate);
	for (int i = 0; i < count; i++)
		fiber_join(fibers[i]);
}

static ssize_t
nothing_f(va_list ap)
{
	(void)ap;
	return 0;
}

static void
test_demand(void)
{
	plan(8);
	is(eio_nthreads(), 0, "no thread before there is work");
	coio_call(nothing_f);
	coio_call(nothing_f);
	is(eio_nthreads(), 1, "one for one thing after the other");
	occupy(3);
	gate_await(&gate, 3);
	is(eio_nthreads(), 3, "as many as there are things to do");
	is(eio_nreqs(), 3, "requests under way");
	release(3);
	occupy(MANY);
	gate_await(&gate, 4);
	is(eio_nthreads(), 4, "but not more than 4");
	is(eio_nready(), MANY - 4, "the others wait");
	release(MANY);
	is(eio_nreqs(), 0, "all is done");
	is(eio_npending(), 0, "and polled");
	check_plan();
}

static void
test_limits(void)
{
	plan(7);
	eio_set_min_parallel(9);
	occupy(MANY);
	gate_await(&gate, 9);
	is(eio_nthreads(), 9, "a larger minimum allows more");
	eio_set_min_parallel(2);
	fiber_sleep(0.01);
	is(eio_nthreads(), 9, "a smaller one means nothing");
	release(MANY);
	eio_set_max_parallel(20);
	is(eio_nthreads(), 9, "nor does a larger maximum");
	eio_set_max_parallel(3);
	is(eio_nthreads(), 3, "a smaller maximum waits until those too many have left");
	occupy(MANY);
	gate_await(&gate, 3);
	fiber_sleep(0.01);
	ok(gate_arrived(&gate) == 3 && eio_nthreads() == 3, "and lets no more work");
	eio_set_min_parallel(5);
	gate_await(&gate, 5);
	is(eio_nthreads(), 5, "more are started for what waits already");
	release(MANY);
	is(eio_nreqs(), 0, "all is done");
	eio_set_max_parallel(4);
	check_plan();
}

static void
test_idle(void)
{
	plan(4);
	eio_set_max_idle(1);
	eio_set_idle_timeout(1);
	occupy(4);
	gate_await(&gate, 4);
	release(4);
	double start = clock_seconds();
	is(eio_nthreads(), 4, "idle threads stay for a while");
	ok(eventually(eio_nthreads() == 1), "all but a few leave");
	ok(clock_seconds() - start > 0.5, "not before the time");
	fiber_sleep(0.1);
	is(eio_nthreads(), 1, "the few stay");
	eio_set_max_idle(4);
	eio_set_idle_timeout(10);
	check_plan();
}

static int order[16], ordered;
static int polled, poll_result;

static void
note_execution(eio_req *req)
{
	int number = (int)(size_t)req->data;
	order[ordered++] = number;
	req->result = number * 10;
	errno = number;
}

static int
note_result(eio_req *req)
{
	polled += EIO_RESULT(req) == EIO_ERRNO(req) * 10;
	return poll_result;
}

static void
pass_gate(eio_req *req)
{
	(void)req;
	gate_pass(&gate);
}

/** One thread, kept busy while requests are queued. */
static void
block_pool(void)
{
	gate_close(&gate);
	eio_set_max_parallel(1);
	eio_custom(pass_gate, EIO_PRI_MAX, NULL, NULL);
	gate_await(&gate, 1);
	ordered = polled = 0;
}

static void
test_order(void)
{
	plan(6);
	block_pool();
	static const int priorities[] = { 0, -4, 4, 0, 2, 4, -100, 100 };
	eio_req *reqs[8];
	for (int i = 0; i < 8; i++)
		reqs[i] = eio_custom(note_execution, priorities[i], note_result,
				     (void *)(size_t)i);
	is(reqs[7]->pri, EIO_PRI_MAX, "priorities are cut");
	eio_cancel(reqs[3]);
	is(eio_nready(), 8, "all wait");
	gate_open(&gate);
	ok(eventually(eio_nreqs() == 0), "all are done");
	static const int expected[] = { 2, 5, 7, 4, 0, 1, 6 };
	is(ordered, 7, "all but the one that was cancelled");
	is(memcmp(order, expected, sizeof(expected)), 0,
	   "those of higher priority first, in their order among themselves");
	is(polled, 7, "each callback is called with its result and errno");
	check_plan();
}

/** How often a turn of the loop polled something. */
static int turns, polled_before;

static void
count_turn(ev_loop *loop, ev_check *check, int events)
{
	(void)loop;
	(void)check;
	(void)events;
	turns += polled != polled_before;
	polled_before = polled;
}

static void
test_poll_limits(void)
{
	plan(5);
	ev_check check;
	ev_check_init(&check, count_turn);
	ev_check_start(loop(), &check);
	for (int limited = 0; limited < 2; limited++) {
		block_pool();
		for (int i = 0; i < 10; i++)
			eio_custom(note_execution, 0, note_result, (void *)(size_t)i);
		gate_open(&gate);
		/* The loop does not turn before all of them are done. */
		while (eio_npending() < 11)
			usleep(100);
		turns = polled_before = 0;
		if (limited)
			eio_set_max_poll_reqs(3);
		ok(eventually(polled == 10), "all are polled");
		fiber_sleep(0);
		ok(limited ? turns >= 3 : turns == 1,
		   limited ? "in several turns of the loop, with a limit" :
			     "in one turn of the loop, without a limit");
	}
	eio_set_max_poll_reqs(0);
	/* A callback that does not return 0 ends a poll. What is left is polled when something
	 * new comes. */
	block_pool();
	poll_result = 7;
	for (int i = 0; i < 3; i++)
		eio_custom(note_execution, 0, note_result, (void *)(size_t)i);
	gate_open(&gate);
	while (eio_npending() < 4)
		usleep(100);
	int results[4];
	for (int i = 0; i < 4; i++)
		results[i] = eio_poll();
	ok(results[0] == 7 && results[1] == 7 && results[2] == 7 && results[3] == 0,
	   "eio_poll returns what a callback does");
	poll_result = 0;
	ev_check_stop(loop(), &check);
	check_plan();
}

static ssize_t results[32];
static int result_errors[32], result_count;

static int
store_result(eio_req *req)
{
	size_t i = (size_t)req->data;
	results[i] = req->result;
	result_errors[i] = req->errorno;
	result_count++;
	return 0;
}

/** Waits for the one that was submitted last. */
static ssize_t
result_of(eio_req *req)
{
	size_t i = (size_t)req->data;
	int count = result_count;
	fail_unless(eventually(result_count > count));
	errno = result_errors[i];
	return results[i];
}

#define CB EIO_PRI_DEFAULT, store_result, (void *)1

static void
test_calls(void)
{
	plan(20);
	char path[] = "eio", text[8] = "";
	eio_req *req = eio_open(path, O_CREAT | O_RDWR, 0600, CB);
	strcpy(path, "xxx");
	int fd = result_of(req);
	ok(fd >= 0, "open: paths are copied");
	is(result_of(eio_write(fd, "hello", 5, -1, CB)), 5, "write");
	is(result_of(eio_write(fd, "J", 1, 0, CB)), 1, "write somewhere");
	is(result_of(eio_read(fd, text, 3, 0, CB)), 3, "read");
	is(strcmp(text, "Jel"), 0, "what was written");
	is(result_of(eio_ftruncate(fd, 4, CB)), 0, "ftruncate");
	is(result_of(eio_truncate("eio", 3, CB)), 0, "truncate");
	is(result_of(eio_fsync(fd, CB)), 0, "fsync");
	is(result_of(eio_fdatasync(fd, CB)), 0, "fdatasync");
	is(result_of(eio_sync(CB)), 0, "sync");
	is(result_of(eio_close(fd, CB)), 0, "close");
	ok(result_of(eio_close(fd, CB)) == -1 && errno == EBADF, "close again");
	is(result_of(eio_chmod("eio", 0400, CB)), 0, "chmod");
	is(result_of(eio_chown("eio", getuid(), getgid(), CB)), 0, "chown");
	is(result_of(eio_link("eio", "link", CB)), 0, "link");
	ok(result_of(eio_symlink("eio", "link", CB)) == -1 && errno == EEXIST, "symlink");
	is(result_of(eio_rename("link", "eio2", CB)), 0, "rename");
	ok(result_of(eio_mkdir("dir", 0700, CB)) == 0 && result_of(eio_rmdir("dir", CB)) == 0,
	   "mkdir and rmdir");
	struct stat st;
	ok(stat("eio2", &st) == 0 && st.st_size == 3 && (st.st_mode & 0777) == 0400,
	   "all of it happened");
	ok(result_of(eio_unlink("eio", CB)) == 0 && result_of(eio_unlink("eio2", CB)) == 0 &&
	   result_of(eio_unlink("eio", CB)) == -1 && errno == ENOENT, "unlink");
	check_plan();
}

/** A thread without a cord and a loop: the pool tells it with a semaphore of its own. */
struct plain {
	struct gate wanted;
	int want, done;
	int result;
};

static void
plain_want(void *user)
{
	struct plain *plain = user;
	plain->want++;
	gate_open(&plain->wanted);
}

static void
plain_done(void *user)
{
	((struct plain *)user)->done++;
}

static int
plain_finish(eio_req *req)
{
	((struct plain *)req->data)->result += req->result;
	return 0;
}

static void
answer(eio_req *req)
{
	req->result = 42;
}

static void *
plain_f(void *arg)
{
	struct plain *plain = arg;
	if (eio_init(plain, plain_want, plain_done) != 0)
		return NULL;
	for (int i = 0; i < 3; i++) {
		gate_close(&plain->wanted);
		eio_custom(answer, 0, plain_finish, plain);
		gate_pass(&plain->wanted);
		eio_poll();
	}
	return NULL;
}

static void
test_plain_thread(void)
{
	plan(2);
	struct plain plain = { .wanted = GATE_INITIALIZER };
	pthread_t thread;
	pthread_create(&thread, NULL, plain_f, &plain);
	pthread_join(thread, NULL);
	is(plain.result, 3 * 42, "a plain thread polls for its own results");
	ok(plain.want == 3 && plain.done == 3, "and is told of all");
	check_plan();
}

static int
cord_calls_f(va_list ap)
{
	int *sum = va_arg(ap, int *);
	coio_enable();
	for (int i = 0; i < 100; i++) {
		coio_call(nothing_f);
		++*sum;
	}
	return 0;
}

static void
test_cords(void)
{
	plan(2);
	enum { CORDS = 3 };
	struct cord cords[CORDS];
	int sums[CORDS] = { 0 }, right = 0;
	for (int i = 0; i < CORDS; i++)
		fail_if(cord_costart(&cords[i], "calls", cord_calls_f, &sums[i]) != 0);
	for (int i = 0; i < CORDS; i++)
		right += cord_cojoin(&cords[i]) == 0 && sums[i] == 100;
	is(right, CORDS, "several cords share the pool");
	ok(eio_nthreads() <= 4, "and its limit");
	check_plan();
}

static int started, stopped;

static int
count_start(void *data)
{
	__atomic_add_fetch((int *)data, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static void
test_hooks(void)
{
	plan(3);
	/* These were told to make cords. */
	eio_set_max_parallel(0);
	eio_set_min_parallel(4);
	eio_set_thread_on_start(count_start, &started);
	eio_set_thread_on_stop(count_start, &stopped);
	occupy(4);
	gate_await(&gate, 4);
	is(started, 4, "threads call a hook when they start");
	release(4);
	eio_set_max_parallel(1);
	is(stopped, 3, "and one when they leave, before anybody hears of that");
	eio_set_max_parallel(0);
	is(stopped, 4, "all of them");
	eio_set_min_parallel(4);
	check_plan();
}

/** What a child finds out. Its end is not waited for: libev's default loop reaps it. */
static int
ask_child(int (*question)(void))
{
	int ends[2];
	char answer = -1;
	fail_if(pipe(ends) != 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(60);
		answer = question();
		_exit(write(ends[1], &answer, 1) != 1);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], &answer, 1);
	close(ends[0]);
	return pid > 0 && n == 1 ? answer : -1;
}

static int
threads_in_child(void)
{
	return eio_nthreads();
}

static ssize_t
fork_f(va_list ap)
{
	(void)ap;
	return ask_child(threads_in_child);
}

static int
call_in_child(void)
{
	/* The child has this fiber and no worker. The loop's descriptors are the parent's, so it
	 * has to be told. */
	ev_loop_fork(loop());
	int good = eio_nthreads() == 0;
	good += coio_call(nothing_f) == 0;
	good += eio_nthreads() == 1;
	return good;
}

static void
test_fork(void)
{
	plan(6);
	eio_set_max_parallel(2);
	for (int i = 0; i < 5; i++)
		eio_custom(answer, 0, store_result, (void *)2);
	result_count = 0;
	is(ask_child(call_in_child), 3, "in a child workers start again on demand");
	is(eio_nthreads(), 0, "a fork ends all workers");
	is(eio_npending(), 5, "after all that was queued is done");
	is(coio_call(nothing_f), 0, "in the parent they start again, too");
	is(result_count, 5, "and the results are there");
	is(coio_call(fork_f), 1, "a worker that forks is the only one of the child");
	eio_set_min_parallel(4);
	check_plan();
}

static int
test(void)
{
	plan(10);
	test_demand();
	test_limits();
	test_idle();
	test_order();
	eio_set_min_parallel(4);
	test_poll_limits();
	eio_set_min_parallel(4);
	test_calls();
	test_plain_thread();
	test_cords();
	test_hooks();
	test_fork();
	return check_plan();
}

int
main(void)
{
	return run_coio(test);
}
