/* SPDX-License-Identifier: BSD-2-Clause */
/* Log rotation (spec diag.md 9.8): files are reopened in the background, under their old
 * descriptors; destroying a logger waits for that. */
#include "memory.h"
#include "fiber.h"
#include "say.h"
#include "unit.h"
#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static int
lines_with(const char *path, const char *part)
{
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return -1;
	char line[1024];
	int n = 0;
	while (fgets(line, sizeof(line), file) != NULL)
		n += strstr(line, part) != NULL;
	fclose(file);
	return n;
}

static bool
is_file(int fd, const char *path)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino;
}

/* Lets the loop run until there is no rotation under way. */
static bool
wait_for_rotation(struct log *log)
{
	for (int i = 0; i < 1000 && log->rotating_threads > 0; i++)
		fiber_sleep(0.01);
	return log->rotating_threads == 0;
}

static struct log logs[3];

/* What the library says about a failure, without the path, which varies. */
static char said[256];

static void
keep_what_is_said(int level, const char *file, int line, const char *error,
		  const char *format, ...)
{
	(void)file, (void)line;
	char text[1024];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	char *path = strchr(text, '/');
	char *name = strrchr(text, '/');
	snprintf(said, sizeof(said), "%d %.*s%s: %s", level,
		 (int)(path != NULL ? path - text : 0), text, name, error);
}

static void
test_rotate(void)
{
	header();
	plan(16);
	static const char *const names[] = { "a.log", "b.log", "c.log" };
	for (int i = 0; i < 3; i++) {
		fail_unless(log_create(&logs[i], names[i], i == 1) == 0);
		log_say(&logs[i], S_INFO, NULL, 0, NULL, "before");
	}
	int fd = logs[0].fd;
	rename("a.log", "a.old");
	rename("b.log", "b.old");
	errno = EPERM;
	say_logrotate(NULL, NULL, 0);
	is(errno, EPERM, "errno stays");
	is(logs[0].rotating_threads, 1, "under way");
	ok(wait_for_rotation(&logs[0]) && wait_for_rotation(&logs[1]) &&
	   wait_for_rotation(&logs[2]), "done");
	is(logs[0].fd, fd, "the same descriptor");
	ok(is_file(fd, "a.log"), "is another file");
	log_say(&logs[0], S_INFO, NULL, 0, NULL, "after");
	is(lines_with("a.log", "after"), 1, "and logs there");
	is(lines_with("a.log", "I> log file has been reopened\n"), 1, "which says so");
	is(lines_with("a.old", "before"), 1, "what was logged before stays");
	is(lines_with("a.old", "reopened"), 0, "where it was");
	ok(fcntl(logs[1].fd, F_GETFL) & O_NONBLOCK, "still non-blocking");
	ok(!(fcntl(logs[0].fd, F_GETFL) & O_NONBLOCK), "or not");
	is(lines_with("c.log", "before") + lines_with("c.log", "reopened"), 2,
	   "a file that nobody has moved is appended to");

	/* Several at a time, and destruction in the middle of it. */
	for (int i = 0; i < 5; i++)
		say_logrotate(NULL, NULL, 0);
	is(logs[2].rotating_threads, 5, "five at a time");
	log_destroy(&logs[2]);
	ok(logs[2].rotating_threads == 0 && lines_with("c.log", "reopened") == 6,
	   "destroying waits for all");

	/* Cannot be reopened: goes on where it was. */
	wait_for_rotation(&logs[0]);
	wait_for_rotation(&logs[1]);
	mkdir("d", 0777);
	fail_unless(log_create(&logs[2], "d/d.log", false) == 0);
	rename("d/d.log", "d.old");
	rmdir("d");
	sayfunc_t saved = _say;
	_say = keep_what_is_said;
	say_logrotate(NULL, NULL, 0);
	wait_for_rotation(&logs[2]);
	_say = saved;
	is(strcmp(said, "1 SystemError logrotate can't open /d.log: No such file or directory"),
	   0, "%s", said);
	log_say(&logs[2], S_INFO, NULL, 0, NULL, "goes on");
	is(lines_with("d.old", "goes on"), 1, "where it was");
	for (int i = 0; i < 3; i++)
		log_destroy(&logs[i]);
	check_plan();
	footer();
}

/* As a program uses it: the standard logger, in the background, and SIGHUP. */
static void
test_signal(void)
{
	header();
	plan(4);
	fflush(stdout);
	int saved[] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	say_logger_init("standard.log", S_INFO, 0, "plain", 1);
	rename("standard.log", "standard.old");
	struct ev_signal hup;
	ev_signal_init(&hup, say_logrotate, SIGHUP);
	ev_signal_start(loop(), &hup);
	kill(getpid(), SIGHUP);
	for (int i = 0; i < 1000 && lines_with("standard.log", "reopened") != 1; i++)
		fiber_sleep(0.01);
	ev_signal_stop(loop(), &hup);
	bool redirected[] = { is_file(STDOUT_FILENO, "standard.log"),
			      is_file(STDERR_FILENO, "standard.log") };
	say_info("after");
	say_logger_free();
	dup2(saved[0], STDOUT_FILENO);
	dup2(saved[1], STDERR_FILENO);
	ok(redirected[0], "stdout goes to the new file");
	ok(redirected[1], "and stderr");
	is(lines_with("standard.log", "after"), 1, "and the log");
	is(lines_with("standard.old", "after"), 0, "not to the old one");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	test_rotate();
	test_signal();
	return 0;
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	fiber_wakeup(fiber_new("main", main_f));
	/* Ends by itself: nothing of a rotation keeps the loop busy. */
	ev_run(loop(), 0);
	printf("# the loop has ended\n");
	fiber_free();
	memory_free();
	return 0;
}
