/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SAFE_* for threads (spec ltp.md 18). TBROK if a call returns an error; all yield
 * what the call returned.
 */
#ifndef LTP_TST_SAFE_PTHREAD_H
#define LTP_TST_SAFE_PTHREAD_H

#include "tst_common.h"

#include <pthread.h>
#include <time.h>

TST_BEGIN_DECLS

int safe_pthread_create(const char *file, const int lineno, pthread_t *thread_id,
			const pthread_attr_t *attr, void *(*thread_fn)(void *),
			void *arg);
int safe_pthread_join(const char *file, const int lineno, pthread_t thread_id,
		      void **retval);
int safe_pthread_cancel(const char *file, const int lineno, pthread_t thread_id);
int safe_pthread_kill(const char *file, const int lineno, pthread_t thread_id, int sig);
int safe_pthread_mutexattr_init(const char *file, const int lineno,
				pthread_mutexattr_t *attr);
int safe_pthread_mutexattr_destroy(const char *file, const int lineno,
				   pthread_mutexattr_t *attr);
int safe_pthread_mutexattr_settype(const char *file, const int lineno,
				   pthread_mutexattr_t *attr, int type);
int safe_pthread_mutex_init(const char *file, const int lineno,
			    pthread_mutex_t *mutex, const pthread_mutexattr_t *attr);
int safe_pthread_mutex_destroy(const char *file, const int lineno,
			       pthread_mutex_t *mutex);
int safe_pthread_mutex_lock(const char *file, const int lineno,
			    pthread_mutex_t *mutex);
int safe_pthread_mutex_trylock(const char *file, const int lineno,
			       pthread_mutex_t *mutex);
int safe_pthread_mutex_timedlock(const char *file, const int lineno,
				 pthread_mutex_t *mutex,
				 const struct timespec *abstime);
int safe_pthread_mutex_unlock(const char *file, const int lineno,
			      pthread_mutex_t *mutex);

#define SAFE_PTHREAD_CREATE(thread_id, attr, thread_fn, arg) \
	safe_pthread_create(__FILE__, __LINE__, (thread_id), (attr), (thread_fn), (arg))
#define SAFE_PTHREAD_JOIN(thread_id, retval) \
	safe_pthread_join(__FILE__, __LINE__, (thread_id), (retval))
#define SAFE_PTHREAD_CANCEL(thread_id) \
	safe_pthread_cancel(__FILE__, __LINE__, (thread_id))
#define SAFE_PTHREAD_KILL(thread_id, sig) \
	safe_pthread_kill(__FILE__, __LINE__, (thread_id), (sig))

#define SAFE_PTHREAD_MUTEXATTR_INIT(attr) \
	safe_pthread_mutexattr_init(__FILE__, __LINE__, (attr))
#define SAFE_PTHREAD_MUTEXATTR_DESTROY(attr) \
	safe_pthread_mutexattr_destroy(__FILE__, __LINE__, (attr))
#define SAFE_PTHREAD_MUTEXATTR_SETTYPE(attr, type) \
	safe_pthread_mutexattr_settype(__FILE__, __LINE__, (attr), (type))
#define SAFE_PTHREAD_MUTEX_INIT(mutex, attr) \
	safe_pthread_mutex_init(__FILE__, __LINE__, (mutex), (attr))
#define SAFE_PTHREAD_MUTEX_DESTROY(mutex) \
	safe_pthread_mutex_destroy(__FILE__, __LINE__, (mutex))
#define SAFE_PTHREAD_MUTEX_LOCK(mutex) \
	safe_pthread_mutex_lock(__FILE__, __LINE__, (mutex))
/* EBUSY is an answer, not an error. */
#define SAFE_PTHREAD_MUTEX_TRYLOCK(mutex) \
	safe_pthread_mutex_trylock(__FILE__, __LINE__, (mutex))
/* ETIMEDOUT is an answer, not an error. */
#define SAFE_PTHREAD_MUTEX_TIMEDLOCK(mutex, abstime) \
	safe_pthread_mutex_timedlock(__FILE__, __LINE__, (mutex), (abstime))
#define SAFE_PTHREAD_MUTEX_UNLOCK(mutex) \
	safe_pthread_mutex_unlock(__FILE__, __LINE__, (mutex))

/* glibc declares barriers from POSIX.1-2001 on, which -std=c99 alone hides. */
#ifdef PTHREAD_BARRIER_SERIAL_THREAD
int safe_pthread_barrier_init(const char *file, const int lineno,
			      pthread_barrier_t *barrier,
			      const pthread_barrierattr_t *attr, unsigned int count);
int safe_pthread_barrier_wait(const char *file, const int lineno,
			      pthread_barrier_t *barrier);
int safe_pthread_barrier_destroy(const char *file, const int lineno,
				 pthread_barrier_t *barrier);

#define SAFE_PTHREAD_BARRIER_INIT(barrier, attr, count) \
	safe_pthread_barrier_init(__FILE__, __LINE__, (barrier), (attr), (count))
#define SAFE_PTHREAD_BARRIER_WAIT(barrier) \
	safe_pthread_barrier_wait(__FILE__, __LINE__, (barrier))
#define SAFE_PTHREAD_BARRIER_DESTROY(barrier) \
	safe_pthread_barrier_destroy(__FILE__, __LINE__, (barrier))
#endif

/* Defines void name(void), which runs fn once per process. */
#define TST_DECLARE_ONCE_FN(name, fn) \
	void name(void) \
	{ \
		static pthread_once_t tst_once_ = PTHREAD_ONCE_INIT; \
		pthread_once(&tst_once_, fn); \
	}

TST_END_DECLS

#endif
