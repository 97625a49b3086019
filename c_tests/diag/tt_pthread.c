/* SPDX-License-Identifier: BSD-2-Clause */
/* pthreads with their errors looked at (spec diag.md 11). */
#include "memory.h"
#include "fiber.h"
#include "tt_pthread.h"
#include "unit.h"
#include "child.h"

#include <signal.h>

struct seen {
	sigset_t blocked;
	char name[32];
	void *stack;
	size_t stack_size;
	bool on_stack;
};

static void *
look_around(void *arg)
{
	struct seen *seen = arg;
	pthread_sigmask(SIG_BLOCK, NULL, &seen->blocked);
	tt_pthread_setname("a name of more than fifteen");
	pthread_getname_np(pthread_self(), seen->name, sizeof(seen->name));
	tt_pthread_attr_getstack(pthread_self(), &seen->stack, &seen->stack_size);
	seen->on_stack = (char *)&seen >= (char *)seen->stack &&
			 (char *)&seen < (char *)seen->stack + seen->stack_size;
	return arg;
}

static void *
wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void
test_threads(void)
{
	header();
	plan(11);
	struct seen seen;
	pthread_t thread;
	is(tt_pthread_create(&thread, NULL, look_around, &seen), 0, "create");
	void *result;
	is(tt_pthread_join(thread, &result), 0, "join");
	is(result, &seen, "result");
	ok(sigismember(&seen.blocked, SIGTERM) && sigismember(&seen.blocked, SIGCHLD),
	   "the thread starts with all signals blocked");
	sigset_t blocked;
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	ok(!sigismember(&blocked, SIGTERM), "its creator does not");
	is(strcmp(seen.name, "a name of more "), 0, "fifteen characters of a name");
	ok(seen.on_stack, "the bounds of the stack");

	tt_pthread_create(&thread, NULL, wait_for_ever, NULL);
	is(tt_pthread_cancel(thread), 0, "cancel");
	tt_pthread_join(thread, &result);
	is(result, PTHREAD_CANCELED, "cancelled");

	pthread_key_t key;
	tt_pthread_key_create(&key, NULL);
	tt_pthread_setspecific(key, &seen);
	is(tt_pthread_getspecific(key), &seen, "thread-specific data");
	tt_pthread_key_delete(key);
	int state;
	is(tt_pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state), 0, "cancel state");
	check_plan();
	footer();
}

static void
test_locks(void)
{
	header();
	plan(16);
	pthread_mutex_t mutex;
	is(tt_pthread_mutex_init(&mutex, NULL), 0, "a mutex");
	is(tt_pthread_mutex_lock(&mutex), 0, "locked");
	is(tt_pthread_mutex_trylock(&mutex), EBUSY, "is busy");
	is(tt_pthread_mutex_unlock(&mutex), 0, "unlocked");
	is(tt_pthread_mutex_trylock(&mutex), 0, "is free");
	pthread_cond_t cond;
	is(tt_pthread_cond_init(&cond, NULL), 0, "a condition");
	struct timespec past = { 1, 0 };
	is(tt_pthread_cond_timedwait(&cond, &mutex, &past), ETIMEDOUT, "times out");
	is(tt_pthread_cond_signal(&cond) + tt_pthread_cond_broadcast(&cond), 0, "signalled");
	is(tt_pthread_cond_destroy(&cond), 0, "destroyed");
	tt_pthread_mutex_unlock(&mutex);
	is(tt_pthread_mutex_destroy(&mutex), 0, "the mutex, too");

	pthread_mutexattr_t attr;
	int type;
	tt_pthread_mutexattr_init(&attr);
	tt_pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	tt_pthread_mutexattr_gettype(&attr, &type);
	is(type, PTHREAD_MUTEX_RECURSIVE, "attributes");
	tt_pthread_mutex_init(&mutex, &attr);
	tt_pthread_mutexattr_destroy(&attr);
	tt_pthread_mutex_lock(&mutex);
	is(tt_pthread_mutex_trylock(&mutex), 0, "are heeded");

	pthread_rwlock_t rwlock;
	is(tt_pthread_rwlock_init(&rwlock, NULL), 0, "a read-write lock");
	tt_pthread_rwlock_rdlock(&rwlock);
	is(tt_pthread_rwlock_tryrdlock(&rwlock), 0, "two may read");
	is(tt_pthread_rwlock_trywrlock(&rwlock), EBUSY, "not write");
	tt_pthread_rwlock_unlock(&rwlock);
	tt_pthread_rwlock_unlock(&rwlock);
	tt_pthread_rwlock_wrlock(&rwlock);
	is(tt_pthread_rwlock_tryrdlock(&rwlock), EBUSY, "nor read while one writes");
	tt_pthread_rwlock_unlock(&rwlock);
	tt_pthread_rwlock_destroy(&rwlock);
	check_plan();
	footer();
}

/* The first line that is written to stderr, and the result, where that is reached. */
static void
unlock_unlocked(void *arg)
{
	(void)arg;
	pthread_mutexattr_t attr;
	pthread_mutex_t mutex;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&mutex, &attr);
	errno = 0;
	int rc = tt_pthread_mutex_unlock(&mutex);
	printf("%d %d", rc, errno == EPERM);
}

static void
lock_twice(void *arg)
{
	(void)arg;
	pthread_mutex_t mutex;
	tt_pthread_mutex_init(&mutex, NULL);
#ifdef NDEBUG
	/* Nothing would find it. */
	printf("-1 1");
	errno = 0;
	say_syserror("%s error %d", __func__, EDEADLK);
#else
	tt_pthread_mutex_lock(&mutex);
	errno = 0;
	tt_pthread_mutex_lock(&mutex);
#endif
}

static void
debug_lines(void *arg)
{
	(void)arg;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	say_set_log_level(S_DEBUG);
	tt_pthread_mutex_lock(&mutex);
	tt_pthread_mutex_unlock(&mutex);
}

/* In Debug an assertion follows the message, in Release the result. */
static void
check_failure(void (*f)(void *), const char *line)
{
	static struct child_result result;
	child_run(f, NULL, &result);
	bool as_expected = strncmp(result.err, line, strlen(line)) == 0;
#ifdef NDEBUG
	as_expected = as_expected && strcmp(result.out, "-1 1") == 0;
#else
	as_expected = as_expected && WIFSIGNALED(result.status) &&
		      WTERMSIG(result.status) == SIGABRT;
#endif
	ok(as_expected, "%.*s", (int)strcspn(line, "\n"), line);
}

static void
test_failures(void)
{
	header();
	plan(3);
	check_failure(unlock_unlocked, "unlock_unlocked error 1: Success\n");
	check_failure(lock_twice, "lock_twice error 35: Success\n");
	static struct child_result result;
	child_run(debug_lines, NULL, &result);
	is(strcmp(result.err, "debug_lines: locking &mutex\ndebug_lines: unlocking &mutex\n"),
	   0, "what happens to locks is logged");
	check_plan();
	footer();
}

int
main(void)
{
	test_threads();
	test_locks();
	test_failures();
	return 0;
}
