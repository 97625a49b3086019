/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that is cancelled in the middle of writing a record (write(2) is a cancellation
 * point) unwinds: through the log, to its destructors. */
#include "say.h"
#include "tt_pthread.h"
#include "unit.h"

#include <fcntl.h>

static struct log pipe_log;
static int unwound;

struct Frame {
	~Frame() { unwound++; }
};

/* What a pipe holds is soon used up. */
static void *
fill_pipe(void *)
{
	Frame frame;
	for (;;)
		log_say(&pipe_log, S_INFO, NULL, 0, NULL, "%1000d", 1);
	return NULL;
}

static void *
fill_stderr(void *)
{
	Frame frame;
	for (;;)
		say_info("%1000d", 1);
	return NULL;
}

static void
cancel(void *(*f)(void *), const char *name)
{
	unwound = 0;
	pthread_t thread;
	tt_pthread_create(&thread, NULL, f, NULL);
	usleep(50000);
	tt_pthread_cancel(thread);
	void *result = NULL;
	tt_pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED && unwound == 1, "%s", name);
}

int
main()
{
	header();
	plan(2);
	int ends[2];
	fail_unless(pipe(ends) == 0);
	fail_unless(log_create(&pipe_log, NULL, false) == 0);
	log_set_format(&pipe_log, say_format_plain);
	pipe_log.fd = ends[1];
	cancel(fill_pipe, "in a logger");

	int saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	cancel(fill_stderr, "in _say");
	dup2(saved, STDERR_FILENO);
	int rc = check_plan();
	footer();
	return rc;
}
