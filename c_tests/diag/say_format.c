/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats of the log (spec diag.md 9.5), written to a file and read back. Time and process
 * id are checked and left out of what is printed. */
#include "memory.h"
#include "fiber.h"
#include "say.h"
#include "tt_pthread.h"
#include "unit.h"

#include <time.h>

static struct log file_log;
static FILE *reader;

/* The next line of the log, or NULL. */
static char *
read_line(void)
{
	static char line[32768];
	clearerr(reader);
	return fgets(line, sizeof(line), reader);
}

/* The part of `line` that does not vary: what `prefix`, a strptime format with a '#' for a number
 * of milliseconds and a '$' for the process id, does not match. */
static const char *
invariant(const char *line, const char *prefix)
{
	struct tm tm;
	memset(&tm, 0, sizeof(tm));
	time_t now = time(NULL);
	localtime_r(&now, &tm);
	char format[64];
	const char *rest = line;
	while (rest != NULL && *prefix != '\0') {
		size_t length = strcspn(prefix, "#$");
		snprintf(format, sizeof(format), "%.*s", (int)length, prefix);
		prefix += length;
		rest = strptime(rest, format, &tm);
		if (rest == NULL || *prefix == '\0')
			break;
		char *end = NULL;
		long number = strtol(rest, &end, 10);
		if (*prefix == '#' ? end != rest + 3 : number != getpid())
			return "bad number";
		rest = end;
		prefix++;
	}
	if (rest == NULL)
		return "bad prefix";
	tm.tm_isdst = -1;
	double age = difftime(now, mktime(&tm));
	return age >= -60 && age <= 60 ? rest : "bad time";
}

#define PLAIN "%Y-%m-%d %H:%M:%S.# [$]"

/* Prints what was logged since the last time. */
static void
show(const char *prefix)
{
	for (char *line; (line = read_line()) != NULL;)
		printf("%s", invariant(line, prefix));
}

/* The process id in the middle of a JSON record. */
static void
show_json(void)
{
	char pid[32];
	snprintf(pid, sizeof(pid), "\"pid\": %d ", (int)getpid());
	for (char *line; (line = read_line()) != NULL;) {
		char *found = strstr(line, pid);
		if (found == NULL) {
			printf("no process id: %s", line);
			continue;
		}
		*found = '\0';
		const char *prefix = "{\"time\": \"%Y-%m-%dT%H:%M:%S.#%z\", ";
		printf("%s\"pid\": PID %s", invariant(line, prefix), found + strlen(pid));
	}
}

static void
say_all_levels(void)
{
	for (int level = S_FATAL; level <= S_DEBUG; level++) {
		const char *error = level == S_SYSERROR ? "Some error" : NULL;
		log_say(&file_log, level, "dir/sub/file.c", 42, error, "plain %d", 7);
	}
}

static void
test_plain(void)
{
	header();
	log_set_format(&file_log, say_format_plain);
	say_all_levels();
	log_say(&file_log, S_WARN, NULL, 42, NULL, "no file");
	log_say(&file_log, S_WARN, "dir/", 1, NULL, "directory");
	log_say(&file_log, S_WARN, "file.c", 1, "why", "%s", "with a reason");
	log_set_level(&file_log, S_DEBUG);
	log_say(&file_log, S_DEBUG, NULL, 0, NULL, "debug");
	log_say(&file_log, S_VERBOSE, NULL, 0, NULL, "verbose");
	log_set_level(&file_log, S_INFO);
	show(PLAIN);
	footer();
}

static void
test_json(void)
{
	header();
	log_set_format(&file_log, say_format_json);
	say_all_levels();
	log_say(&file_log, S_INFO, NULL, 0, NULL, "no file");
	log_say(&file_log, S_INFO, NULL, 0, "a \"reason\"\n", "quote \" slash / backslash \\");
	log_say(&file_log, S_INFO, NULL, 0, NULL, "control \x01\x1f\x7f tab \t utf8 \xc3\xa9");
	log_say(&file_log, S_INFO, "x.c", 3, NULL, "json", "{\"a\": 1}");
	log_say(&file_log, S_INFO, NULL, 0, "error", "json", " {\"a\": {\"b\": \"}\"}} ");
	log_say(&file_log, S_INFO, NULL, 0, NULL, "json", "{}");
	log_say(&file_log, S_INFO, NULL, 0, NULL, "json", "no object");
	log_say(&file_log, S_INFO, NULL, 0, NULL, "%s", "{\"a\": 1}");
	show_json();
	footer();
}

/* How much of a long message is kept. */
static void
test_long(void)
{
	header();
	plan(4);
	static char text[20000];
	memset(text, 'x', sizeof(text) - 1);
	int length = log_say(&file_log, S_INFO, NULL, 0, NULL, "%s", text);
	char *line = read_line();
	fail_unless(line != NULL);
	is((int)strlen(line), length, "a JSON record fits");
	is(strspn(strchr(line, 'x'), "x"), 1023, "its message is cut");
	log_set_format(&file_log, say_format_plain);
	length = log_say(&file_log, S_INFO, NULL, 0, NULL, "%s", text);
	line = read_line();
	fail_unless(line != NULL);
	ok(length > 20000 && strlen(line) == 16383 && line[16382] == 'x',
	   "a plain record is cut, and its length told");
	is(log_say(&file_log, S_DEBUG, NULL, 0, NULL, "no"), 0, "nothing is written");
	check_plan();
	footer();
}

static int
custom(struct log *log, char *buf, int len, int level, const char *filename, int line,
       const char *error, const char *format, va_list ap)
{
	int total = 0;
	SNPRINT(total, snprintf, buf, len, "%s %d ", log == &file_log ? "ours" : "?", level);
	if (filename != NULL && line > 0)
		SNPRINT(total, snprintf, buf, len, "%s ",
			strcmp(filename, __FILE__) == 0 ? "here" : "elsewhere");
	SNPRINT(total, snprintf, buf, len, "<");
	SNPRINT(total, vsnprintf, buf, len, format, ap);
	SNPRINT(total, snprintf, buf, len, "> %s\n", error != NULL ? error : "-");
	return total;
}

static int
custom_fails(struct log *log, char *buf, int len, int level, const char *filename,
	     int line, const char *error, const char *format, va_list ap)
{
	(void)log, (void)buf, (void)len, (void)level, (void)filename, (void)line, (void)error,
	(void)format, (void)ap;
	return -1;
}

/* The macros, through a format that shows what they pass. */
static void
test_custom(void)
{
	header();
	log_set_format(&file_log, custom);
	printf("# %d\n", log_say(&file_log, S_INFO, NULL, 0, NULL, "%s", "text"));
	log_set_level(&file_log, S_DEBUG);
	errno = ENOENT;
	log_say_syserror(&file_log, "syserror");
	log_say_error(&file_log, "error %d", 1);
	log_say_crit(&file_log, "crit");
	log_say_warn(&file_log, "warn");
	log_say_info(&file_log, "info");
	log_say_verbose(&file_log, "verbose");
	log_say_debug(&file_log, "debug");
	log_set_level(&file_log, S_WARN);
	log_say_info(&file_log, "dropped");
	log_say_level(&file_log, S_WARN, "why", "%s", "level");
	log_set_level(&file_log, S_INFO);
	for (char *line; (line = read_line()) != NULL;)
		printf("%s", line);
	log_set_format(&file_log, custom_fails);
	printf("# %d\n", log_say(&file_log, S_INFO, NULL, 0, NULL, "%s", "text"));
	fail_if(read_line() != NULL);
	footer();
}

/* A thread without a cord. */
static void *
say_from_thread(void *arg)
{
	log_set_format(&file_log, say_format_plain);
	log_say(&file_log, S_WARN, "file.c", 1, "why", "from a thread");
	show(PLAIN);
	log_set_format(&file_log, say_format_json);
	log_say(&file_log, S_WARN, "file.c", 1, "why", "from a thread");
	show_json();
	return arg;
}

static void
test_thread(void)
{
	header();
	pthread_t thread;
	tt_pthread_create(&thread, NULL, say_from_thread, NULL);
	tt_pthread_join(thread, NULL);
	footer();
}

static int
fiber_f(va_list ap)
{
	(void)ap;
	printf("# fiber %u\n", fiber()->fid);
	test_plain();
	test_json();
	test_thread();
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

/* The default logger. */
static void
test_standard(void)
{
	header();
	say_logger_init("standard.log", S_WARN, 0, "plain", 0);
	FILE *saved = reader;
	reader = fopen("standard.log", "r");
	printf("# level %d\n", log_level);
	say_file_line(S_WARN, "x.c", 1, NULL, "warn");
	say_info("info");
	say_set_log_level(S_INFO);
	say_info("info again");
	show(PLAIN);
	say_set_log_format(SF_JSON);
	printf("# format %d\n", log_format);
	say_file_line(S_INFO, "x.c", 2, NULL, "as json");
	show_json();
	say_set_log_format(SF_PLAIN);
	say_info("plain again");
	show(PLAIN);
	say_logger_free();
	fclose(reader);

	/* A closed logger writes to descriptor 2; its format stays. */
	fail_unless(freopen("stderr.log", "w", stderr) != NULL);
	say_info("after the end");
	reader = fopen("stderr.log", "r");
	show(PLAIN);
	fclose(reader);
	reader = saved;
	footer();
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	fail_unless(log_create(&file_log, "file:format.log", false) == 0);
	reader = fopen("format.log", "r");
	fail_unless(reader != NULL);

	/* The copies of FATAL records on descriptor 2 are for another test. */
	int stderr_copy = dup(STDERR_FILENO);
	fail_unless(freopen("/dev/null", "w", stderr) != NULL);
	test_plain();
	test_json();
	test_long();
	test_custom();
	fiber_wakeup(fiber_new("my fiber", fiber_f));
	ev_run(loop(), 0);
	test_standard();
	dup2(stderr_copy, STDERR_FILENO);

	fclose(reader);
	log_destroy(&file_log);
	fiber_free();
	memory_free();
	return 0;
}
