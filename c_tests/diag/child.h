/* SPDX-License-Identifier: BSD-2-Clause */
/* Running a part of a test in a child process, to see its output and how it ends. */
#ifndef C_TESTS_DIAG_CHILD_H
#define C_TESTS_DIAG_CHILD_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct child_result {
	/** As of wait(2). */
	int status;
	/** What it wrote to its stdout and stderr, cut to fit. */
	char out[8192];
	char err[8192];
};

static inline void
child_read_all(int fd, char *buf, size_t size)
{
	size_t length = 0;
	ssize_t n;
	while ((n = read(fd, buf + length, size - 1 - length)) > 0)
		length += n;
	buf[length] = '\0';
	close(fd);
}

/** Runs `f(arg)` in a child, which exits with 0 if that returns. What it writes must fit
 * into a pipe. */
static inline void
child_run(void (*f)(void *), void *arg, struct child_result *result)
{
	int out[2], err[2];
	if (pipe(out) != 0 || pipe(err) != 0)
		exit(2);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		close(err[0]);
		close(err[1]);
		f(arg);
		exit(0);
	}
	close(out[1]);
	close(err[1]);
	child_read_all(out[0], result->out, sizeof(result->out));
	child_read_all(err[0], result->err, sizeof(result->err));
	if (pid < 0 || waitpid(pid, &result->status, 0) != pid)
		exit(2);
}

static inline int
child_exited_with(const struct child_result *result, int code)
{
	return WIFEXITED(result->status) && WEXITSTATUS(result->status) == code;
}

#endif
