/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread of the module's own that looks at the clock and writes to the log (watchdog). */
#include <module.h>

#include <pthread.h>
#include <unistd.h>

#include "../checks.h"

static uint64_t last_seen;
static int barks, stop;

static void *
watch_f(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		uint64_t seen = __atomic_load_n(&last_seen, __ATOMIC_ACQUIRE);
		if (clock_monotonic64() - seen > 30000000 && barks++ == 0)
			say_error("watchdog: nothing happens in %s", "the cord");
		usleep(1000);
	}
	say_info("watchdog: stopped");
	return NULL;
}

static void
pet(void)
{
	__atomic_store_n(&last_seen, clock_monotonic64(), __ATOMIC_RELEASE);
}

static int
watches(void)
{
	pthread_t thread;
	pet();
	if (pthread_create(&thread, NULL, watch_f, NULL) != 0)
		return 0;
	/* The cord does not come to it. */
	double before = clock_monotonic();
	usleep(200000);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	return barks > 0 && clock_monotonic() - before >= 0.2 && clock_realtime() > 0 &&
		clock_process() >= 0 && clock_thread64() > 0;
}

static int
writes_what_is_enabled(void)
{
	int evaluated = 0;
	say_debug("not enabled: %d", ++evaluated);
	say_verbose("not enabled: %d", ++evaluated);
	errno = ENOENT;
	say_syserror("a system call failed, %d", ++evaluated);
	say_warn("a warning");
	say(S_CRIT, "the reason", "critical");
	return evaluated == 1 && errno == ENOENT && log_level == S_INFO &&
		say_log_level_is_enabled(S_INFO) && !say_log_level_is_enabled(S_VERBOSE);
}

CHECKS(
	{ "watches from a thread without a cord", watches },
	{ "writes what is enabled", writes_what_is_enabled }
);
