/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens to a lock when a thread is cancelled: Rust frames must not have anything to
 * clean up. */

#include <pthread.h>

static void
unlock(void *mutex)
{
	pthread_mutex_unlock((pthread_mutex_t *)mutex);
}

/* pthread_cond_wait(), and no mutex that stays locked for ever. */
void
cordage_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	pthread_cleanup_push(unlock, mutex);
	pthread_cond_wait(cond, mutex);
	pthread_cleanup_pop(0);
}
