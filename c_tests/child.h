/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of a test that need a process of their own: they end it, change its limits
 * or its environment, or need a library that is not initialised yet.
 */
#ifndef CORDAGE_TEST_CHILD_H_INCLUDED
#define CORDAGE_TEST_CHILD_H_INCLUDED

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trivia/util.h"

enum {
	/** Seconds after which a child is killed by SIGALRM. */
	CHILD_TIME_LIMIT = 60,
};

/** How a child ended, and what it wrote on stderr. */
struct child_end {
	/** Exit status, or minus the number of the signal. */
	int status;
	char text[4096];
};

static inline int
child_status(int wait_status)
{
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -WTERMSIG(wait_status);
}

/** Runs body(arg) in a child, whose output is ours; returns its exit status. */
MAYBE_UNUSED static int
run_in_child(int (*body)(const void *arg), const void *arg)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(CHILD_TIME_LIMIT);
		exit(body(arg));
	}
	int status = -1;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return child_status(status);
}

/** The same, with the child's stderr kept. */
MAYBE_UNUSED static void
watch_child(int (*body)(const void *arg), const void *arg, struct child_end *end)
{
	int pipe_end[2];
	end->status = -1;
	end->text[0] = '\0';
	if (pipe(pipe_end) != 0)
		return;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(CHILD_TIME_LIMIT);
		dup2(pipe_end[1], STDERR_FILENO);
		close(pipe_end[0]);
		close(pipe_end[1]);
		exit(body(arg));
	}
	close(pipe_end[1]);
	size_t length = 0;
	ssize_t got;
	while (length < sizeof(end->text) - 1 &&
	       (got = read(pipe_end[0], end->text + length,
			   sizeof(end->text) - 1 - length)) > 0)
		length += got;
	end->text[length] = '\0';
	close(pipe_end[0]);
	int status;
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		end->status = child_status(status);
}

/** Whether a byte can be read: the kernel tells without a fault. */
MAYBE_UNUSED static bool
is_readable(const void *addr)
{
	int pipe_end[2];
	if (pipe(pipe_end) != 0)
		abort();
	bool readable = write(pipe_end[1], addr, 1) == 1;
	if (!readable && errno != EFAULT)
		abort();
	close(pipe_end[0]);
	close(pipe_end[1]);
	return readable;
}

#endif /* CORDAGE_TEST_CHILD_H_INCLUDED */
