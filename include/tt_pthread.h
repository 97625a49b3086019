/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * POSIX threads with their errors looked at.
 *
 * tt_pthread_X takes what pthread_X takes. Its value is 0; when pthread_X fails, the
 * code is logged together with the name of the enclosing function, put into errno,
 * and, in Debug, an assertion fails; the value is then -1. The exceptions are said
 * below: they yield the raw code. Origin: spec diag.md 11; pthreads(7).
 */
#ifndef TARANTOOL_PTHREAD_H_INCLUDED
#define TARANTOOL_PTHREAD_H_INCLUDED

#include "trivia/config.h"
#include "trivia/util.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "say.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* A libc header that came first, without _GNU_SOURCE, has hidden these two. */
#ifndef __USE_GNU
extern int
pthread_setname_np(pthread_t thread, const char *name);
extern int
pthread_getattr_np(pthread_t thread, pthread_attr_t *attr);
#endif

/** 0, or -1 for a failure, which is reported. */
static inline int
tt_pthread_check_(int code, const char *function, const char *file, int line)
{
	if (likely(code == 0))
		return 0;
	say_file_line(S_SYSERROR, file, line, strerror(errno), "%s error %d",
		      function, code);
	errno = code;
	assert(code == 0);
	return -1;
}

/** The code itself; reported if it is neither 0 nor the one to be expected. */
static inline int
tt_pthread_expect_(int code, int expected, const char *function, const char *file,
		   int line)
{
	if (unlikely(code != 0 && code != expected)) {
		say_file_line(S_ERROR, file, line, NULL, "%s error %d", function, code);
		assert(code == 0 || code == expected);
	}
	return code;
}

#define tt_pthread_check(call) \
	tt_pthread_check_((call), __func__, __FILE__, __LINE__)
#define tt_pthread_expect(call, expected) \
	tt_pthread_expect_((call), (expected), __func__, __FILE__, __LINE__)

/* {{{ Mutex */

/** In Debug, without attributes: one that finds wrong use. */
static inline int
tt_pthread_mutex_init_(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
{
#ifndef NDEBUG
	if (attr == NULL) {
		pthread_mutexattr_t checking;
		int code = pthread_mutexattr_init(&checking);
		if (code != 0)
			return code;
		pthread_mutexattr_settype(&checking, PTHREAD_MUTEX_ERRORCHECK);
		code = pthread_mutex_init(mutex, &checking);
		pthread_mutexattr_destroy(&checking);
		return code;
	}
#endif
	return pthread_mutex_init(mutex, attr);
}

#define tt_pthread_mutex_init(mutex, attr) \
	tt_pthread_check(tt_pthread_mutex_init_((mutex), (attr)))
#define tt_pthread_mutex_destroy(mutex) \
	tt_pthread_check(pthread_mutex_destroy(mutex))
#define tt_pthread_mutex_lock(mutex) ({					\
	say_debug("%s: locking %s", __func__, #mutex);			\
	tt_pthread_check(pthread_mutex_lock(mutex));			\
})
/** The raw code; EBUSY is no error. */
#define tt_pthread_mutex_trylock(mutex) \
	tt_pthread_expect(pthread_mutex_trylock(mutex), EBUSY)
#define tt_pthread_mutex_unlock(mutex) ({				\
	say_debug("%s: unlocking %s", __func__, #mutex);		\
	tt_pthread_check(pthread_mutex_unlock(mutex));			\
})

#define tt_pthread_mutexattr_init(attr) \
	tt_pthread_check(pthread_mutexattr_init(attr))
#define tt_pthread_mutexattr_destroy(attr) \
	tt_pthread_check(pthread_mutexattr_destroy(attr))
#define tt_pthread_mutexattr_gettype(attr, type) \
	tt_pthread_check(pthread_mutexattr_gettype((attr), (type)))
#define tt_pthread_mutexattr_settype(attr, type) \
	tt_pthread_check(pthread_mutexattr_settype((attr), (type)))

/* }}} */

/* {{{ Read-write lock */

#define tt_pthread_rwlock_init(rwlock, attr) \
	tt_pthread_check(pthread_rwlock_init((rwlock), (attr)))
#define tt_pthread_rwlock_destroy(rwlock) \
	tt_pthread_check(pthread_rwlock_destroy(rwlock))
#define tt_pthread_rwlock_rdlock(rwlock) ({				\
	say_debug("%s: locking %s", __func__, #rwlock);			\
	tt_pthread_check(pthread_rwlock_rdlock(rwlock));		\
})
/** The raw code; EBUSY is no error. */
#define tt_pthread_rwlock_tryrdlock(rwlock) \
	tt_pthread_expect(pthread_rwlock_tryrdlock(rwlock), EBUSY)
#define tt_pthread_rwlock_wrlock(rwlock) ({				\
	say_debug("%s: locking %s", __func__, #rwlock);			\
	tt_pthread_check(pthread_rwlock_wrlock(rwlock));		\
})
/** The raw code; EBUSY is no error. */
#define tt_pthread_rwlock_trywrlock(rwlock) \
	tt_pthread_expect(pthread_rwlock_trywrlock(rwlock), EBUSY)
#define tt_pthread_rwlock_unlock(rwlock) ({				\
	say_debug("%s: unlocking %s", __func__, #rwlock);		\
	tt_pthread_check(pthread_rwlock_unlock(rwlock));		\
})

#define tt_pthread_rwlockattr_init(attr) \
	tt_pthread_check(pthread_rwlockattr_init(attr))
#define tt_pthread_rwlockattr_destroy(attr) \
	tt_pthread_check(pthread_rwlockattr_destroy(attr))
#define tt_pthread_rwlockattr_gettype(attr, type) \
	tt_pthread_check(pthread_rwlockattr_getkind_np((attr), (type)))
#define tt_pthread_rwlockattr_settype(attr, type) \
	tt_pthread_check(pthread_rwlockattr_setkind_np((attr), (type)))

/* }}} */

/* {{{ Condition variable */

#define tt_pthread_condattr_init(attr) \
	tt_pthread_check(pthread_condattr_init(attr))
#define tt_pthread_condattr_destroy(attr) \
	tt_pthread_check(pthread_condattr_destroy(attr))

#define tt_pthread_cond_init(cond, attr) \
	tt_pthread_check(pthread_cond_init((cond), (attr)))
#define tt_pthread_cond_destroy(cond) \
	tt_pthread_check(pthread_cond_destroy(cond))
#define tt_pthread_cond_signal(cond) \
	tt_pthread_check(pthread_cond_signal(cond))
#define tt_pthread_cond_broadcast(cond) \
	tt_pthread_check(pthread_cond_broadcast(cond))
#define tt_pthread_cond_wait(cond, mutex) \
	tt_pthread_check(pthread_cond_wait((cond), (mutex)))
/** The raw code; ETIMEDOUT is no error. */
#define tt_pthread_cond_timedwait(cond, mutex, timeout) \
	tt_pthread_expect(pthread_cond_timedwait((cond), (mutex), (timeout)), ETIMEDOUT)

/* }}} */

/* {{{ Threads */

/** The new thread starts with all signals blocked: signals are for the threads that ask
 * for them. */
static inline int
tt_pthread_create_(pthread_t *thread, const pthread_attr_t *attr,
		   void *(*run)(void *), void *arg)
{
	sigset_t all, saved;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	int code = pthread_create(thread, attr, run, arg);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return code;
}

#define tt_pthread_create(thread, attr, run, arg) \
	tt_pthread_check(tt_pthread_create_((thread), (attr), (run), (arg)))
#define tt_pthread_join(thread, ret) \
	tt_pthread_check(pthread_join((thread), (ret)))
/** The raw code; ESRCH is no error. */
#define tt_pthread_cancel(thread) \
	tt_pthread_expect(pthread_cancel(thread), ESRCH)
#define tt_pthread_setcancelstate(state, oldstate) \
	tt_pthread_check(pthread_setcancelstate((state), (oldstate)))
#define tt_pthread_once(control, function) \
	tt_pthread_check(pthread_once((control), (function)))
#define tt_pthread_atfork(prepare, parent, child) \
	tt_pthread_check(pthread_atfork((prepare), (parent), (child)))

#define tt_pthread_key_create(key, dtor) \
	tt_pthread_check(pthread_key_create((key), (dtor)))
#define tt_pthread_key_delete(key) \
	tt_pthread_check(pthread_key_delete(key))
#define tt_pthread_setspecific(key, value) \
	tt_pthread_check(pthread_setspecific((key), (value)))
#define tt_pthread_getspecific(key) pthread_getspecific(key)

/** Names the calling thread; the kernel keeps 15 characters. */
static inline void
tt_pthread_setname(const char *name)
{
	char buf[16];
	size_t length = strnlen(name, sizeof(buf) - 1);
	memcpy(buf, name, length);
	buf[length] = '\0';
	pthread_setname_np(pthread_self(), buf);
}

/** The lowest address and the size of a thread's stack. */
static inline void
tt_pthread_attr_getstack(pthread_t thread, void **stackaddr, size_t *stacksize)
{
	pthread_attr_t attr;
	if (tt_pthread_check(pthread_getattr_np(thread, &attr)) != 0)
		return;
	pthread_attr_getstack(&attr, stackaddr, stacksize);
	pthread_attr_destroy(&attr);
}

/* }}} */

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_PTHREAD_H_INCLUDED */
