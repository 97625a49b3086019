/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fio.h: files, by calls that go on after signals and parts.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>

#include "trivia/util.h"
#include "fio.h"
#include "unit.h"

static void
test_files(void)
{
	plan(14);
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	char cwd[PATH_MAX], path[PATH_MAX + 8], text[16] = "";
	fail_if(getcwd(cwd, sizeof(cwd)) == NULL);
	snprintf(path, sizeof(path), "%s/file", cwd);
	errno = EXDEV;
	is(strcmp(fio_filename(fd), path), 0, "the name of a file");
	is(strcmp(fio_filename(-1), ""), 0, "or of none");
	is(errno, EXDEV, "errno stays");
	is(fio_writen(fd, "hello, world", 12), 0, "writen");
	is(fio_lseek(fd, 1, SEEK_SET), 1, "lseek");
	is(fio_read(fd, text, 4), 4, "read");
	is(strcmp(text, "ello"), 0, "what was written");
	is(fio_read(fd, text, 15), 7, "as much as there is");
	is(fio_read(fd, text, 15), 0, "at the end nothing");
	is(fio_pread(fd, text, 15, 7), 5, "pread");
	is(fio_pread(fd, text, 0, 7), 0, "of nothing");
	is(fio_truncate(fd, 3), 0, "truncate");
	is(fio_lseek(fd, 0, SEEK_END), 3, "cut");
	is(fio_writen(fd, "", 0), 0, "nothing is written");
	close(fd);
	unlink("file");
	check_plan();
}

/** Reads what comes, with pauses. */
static void *
read_slowly(void *arg)
{
	int fd = *(int *)arg;
	char *bytes = malloc(10000);
	size_t total = 0;
	ssize_t n;
	while ((n = read(fd, bytes, 10000)) > 0) {
		total += n;
		usleep(10);
	}
	free(bytes);
	return (void *)total;
}

/** How often the signal came. */
static volatile sig_atomic_t signals;

static void
note_signal(int number)
{
	(void)number;
	signals++;
}

static pthread_t main_thread;
static volatile bool stop;

static void *
interrupt(void *arg)
{
	(void)arg;
	while (!stop) {
		pthread_kill(main_thread, SIGUSR1);
		usleep(100);
	}
	return NULL;
}

static void
test_vectors(void)
{
	plan(4);
	/* Without SA_RESTART system calls end with EINTR, or with a part. */
	struct sigaction action = { .sa_handler = note_signal };
	sigaction(SIGUSR1, &action, NULL);
	main_thread = pthread_self();
	pthread_t reader, interrupter;
	enum { VECTORS = 3000, SIZE = 2000 };
	static char bytes[SIZE];
	static struct iovec iov[VECTORS];
	size_t expected = 0;
	for (int i = 0; i < VECTORS; i++) {
		iov[i] = (struct iovec){ bytes, i % 7 == 0 ? 0 : SIZE - i % 11 };
		expected += iov[i].iov_len;
	}
	int ends[2];
	fail_if(pipe(ends) != 0);
	pthread_create(&reader, NULL, read_slowly, &ends[0]);
	pthread_create(&interrupter, NULL, interrupt, NULL);
	is((size_t)fio_writevn(ends[1], iov, VECTORS), expected,
	   "all vectors, more than one call takes, in spite of signals");
	is(fio_writen(ends[1], bytes, SIZE), 0, "and a buffer");
	ok(signals > 0, "there were some");
	is(fio_writevn(ends[1], iov, 0), 0, "no vectors are no bytes");
	stop = true;
	pthread_join(interrupter, NULL);
	close(ends[1]);
	void *total;
	pthread_join(reader, &total);
	fail_unless((size_t)total == expected + SIZE);
	close(ends[0]);
	check_plan();
}

static void
test_batch(void)
{
	plan(11);
	struct fio_batch *batch = fio_batch_new();
	int room = fio_batch_unused(batch);
	is(fio_batch_size(batch), 0, "a new batch is empty");
	ok(room >= 1024, "with room for many vectors");
	static char bytes[300];
	struct iovec iov[3] = { { bytes, 100 }, { bytes, 0 }, { bytes, 300 } };
	is(fio_batch_add(batch, iov, 3), 400, "vectors are added");
	ok(fio_batch_size(batch) == 400 && fio_batch_unused(batch) == room - 3, "and counted");
	while (fio_batch_unused(batch) >= 3)
		fio_batch_add(batch, iov, 3);
	size_t size = fio_batch_size(batch);
	is(fio_batch_add(batch, iov, 3), 0, "they do not fit");
	is(fio_batch_size(batch), size, "then nothing is added");

	int ends[2];
	fail_if(pipe2(ends, O_NONBLOCK) != 0);
	fail_if(fcntl(ends[1], F_SETPIPE_SZ, 4096) < 0);
	size_t written = 0;
	int parts = 0;
	while (fio_batch_size(batch) > 0) {
		ssize_t n = fio_batch_write(batch, ends[1]);
		if (n < 0)
			break;
		written += n;
		parts += fio_batch_size(batch) > 0;
		char drain[4096];
		while (read(ends[0], drain, sizeof(drain)) > 0)
			;
	}
	is(written, size, "all is written");
	ok(parts > 10, "in parts");
	ok(fio_batch_unused(batch) == room && fio_batch_write(batch, ends[1]) == 0,
	   "then it is empty");
	fio_batch_add(batch, iov, 3);
	fio_batch_reset(batch);
	ok(fio_batch_unused(batch) == room && fio_batch_size(batch) == 0, "or by a reset");
	fio_batch_delete(batch);
	close(ends[0]);
	close(ends[1]);

	/* What fails is in the log: not in this test's output. */
	int saved = dup(STDERR_FILENO), log = open("log", O_CREAT | O_RDWR, 0600);
	dup2(log, STDERR_FILENO);
	int full = open("/dev/full", O_WRONLY);
	int result = fio_writen(full, "x", 1);
	int error = errno;
	dup2(saved, STDERR_FILENO);
	char text[256] = "";
	fail_if(pread(log, text, sizeof(text) - 1, 0) < 0);
	ok(result == -1 && error == ENOSPC && strstr(text, "/dev/full") != NULL,
	   "a failure is logged with the name of the file");
	close(full);
	close(log);
	unlink("log");
	check_plan();
}

int
main(void)
{
	plan(3);
	test_files();
	test_vectors();
	test_batch();
	return check_plan();
}
