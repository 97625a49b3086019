/* SPDX-License-Identifier: BSD-2-Clause */
/* The log before it is set up (spec diag.md 9.2 to 9.5): macros, levels, one write for each
 * record, panics. */
#include "fiber.h"
#include "say.h"
#include "unit.h"
#include "child.h"

#include <sys/socket.h>

/* What goes to descriptor 2 arrives here, write by write. */
static int records;

static void
capture_stderr(void)
{
	int ends[2];
	fail_unless(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) == 0);
	int size = 1 << 20;
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	records = ends[0];
}

/* The next record, as long as it is; "" if there is none. */
static const char *
next_record(void)
{
	static char record[32768];
	ssize_t n = recv(records, record, sizeof(record) - 1, 0);
	record[n > 0 ? n : 0] = '\0';
	return record;
}

static void
check_record(const char *expected)
{
	const char *record = next_record();
	char shown[200];
	snprintf(shown, sizeof(shown), "%s", expected);
	shown[strcspn(shown, "\n")] = '\0';
	ok(strcmp(record, expected) == 0, "%s", shown);
}

static void
check_silence(void)
{
	ok(*next_record() == '\0', "nothing else");
}

static int evaluated;

static int
evaluate(void)
{
	return ++evaluated;
}

static void
test_macros(void)
{
	header();
	plan(21);
	is(log_level, S_INFO, "level");
	is(log_format, SF_PLAIN, "format");
	is(log_pid, 0, "no process");

	say_error("error %d", 1);
	check_record("error 1\n");
	say_crit("crit");
	check_record("crit\n");
	say_warn("warn");
	check_record("warn\n");
	say_info("info %s%c", "text", '!');
	check_record("info text!\n");
	say_verbose("verbose %d", evaluate());
	say_debug("debug %d", evaluate());
	is(evaluated, 0, "what is not logged is not evaluated");
	check_silence();

	errno = ENOMEM;
	say_syserror("syserr");
	is(errno, ENOMEM, "errno stays");
	check_record("syserr: Cannot allocate memory\n");
	say(S_WARN, "because", "%s", "text");
	check_record("text: because\n");
	say_file_line(S_ERROR, "file", 1, NULL, "from a file");
	check_record("from a file\n");
	say_info("%s", "");
	check_record("\n");

	say_set_log_level(S_DEBUG);
	is(log_level, S_DEBUG, "level");
	ok(say_log_level_is_enabled(S_DEBUG), "is enabled");
	say_verbose("verbose");
	check_record("verbose\n");
	say_debug("debug");
	check_record("debug\n");
	say_set_log_level(S_ERROR);
	ok(!say_log_level_is_enabled(S_CRIT), "is not enabled");
	say_crit("crit");
	check_silence();
	say_set_log_level(S_INFO);

	say_set_log_format(SF_PLAIN);
	say_set_log_format(SF_JSON);
	check_record("json log format is not supported when output is 'stdout'\n");
	check_plan();
	footer();
}

static void
test_long_record(void)
{
	header();
	plan(4);
	static char text[20000];
	memset(text, 'x', sizeof(text) - 1);
	say_info("%s", text);
	const char *record = next_record();
	ok(strlen(record) == 16383 && strspn(record, "x") == 16383,
	   "a record that is too long is cut, newline and all");
	say_info("%.16382s", text);
	record = next_record();
	ok(strlen(record) == 16383 && record[16382] == '\n', "one that just fits is not");
	say_info("%.1500s", text);
	is(strlen(next_record()), 1501, "it is one write");
	check_silence();
	check_plan();
	footer();
}

static char said[256];

static void
say_differently(int level, const char *file, int line, const char *error,
		const char *format, ...)
{
	int n = snprintf(said, sizeof(said), "%d %s:%d %s ", level, file, line,
			 error != NULL ? error : "-");
	va_list ap;
	va_start(ap, format);
	vsnprintf(said + n, sizeof(said) - n, format, ap);
	va_end(ap);
}

static void
test_replacement(void)
{
	header();
	plan(5);
	sayfunc_t saved = _say;
	_say = say_differently;
	char expected[256];
	snprintf(expected, sizeof(expected), "5 %s:%d - info 1", __FILE__, __LINE__ + 1);
	say_info("info %d", 1);
	is(strcmp(said, expected), 0, "info");
	errno = EIO;
	snprintf(expected, sizeof(expected), "1 %s:%d Input/output error sys", __FILE__,
		 __LINE__ + 1);
	say_syserror("sys");
	is(strcmp(said, expected), 0, "syserror");
	/* What the library itself says goes through it, too. */
	say_set_log_format(SF_JSON);
	ok(strstr(said, "not supported") != NULL, "the library's own");
	say_debug("not enabled");
	ok(strstr(said, "not supported") != NULL, "the macros look at the level first");
	_say = saved;
	check_silence();
	check_plan();
	footer();
}

static void
at_exit(void)
{
	printf(" atexit");
}

static void
panic_here(void *kind)
{
	atexit(at_exit);
	printf("buffered");
	switch (*(int *)kind) {
	case 0:
		panic("boom %d", 2);
	case 1:
		errno = EIO;
		panic_syserror("boom %d", 1);
	case 2:
		panic_status(3, "status");
	}
}

static void
test_panic(void)
{
	header();
	for (int kind = 0; kind < 3; kind++) {
		static struct child_result result;
		child_run(panic_here, &kind, &result);
		printf("%sstatus %d, %s\n", result.err, WEXITSTATUS(result.status),
		       result.out);
	}
	footer();
}

int
main(void)
{
	capture_stderr();
	test_macros();
	test_long_record();
	test_replacement();
	test_panic();
	return 0;
}
