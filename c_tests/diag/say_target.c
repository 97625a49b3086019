/* SPDX-License-Identifier: BSD-2-Clause */
/* Where logs go (spec diag.md 9.4, 9.6, 9.7): target strings, files, syslog servers, commands,
 * stderr; and the copies of FATAL records. */
#include "memory.h"
#include "fiber.h"
#include "say.h"
#include "unit.h"
#include "child.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* {{{ Parsing */

static void
show_error(void)
{
	struct error *e = diag_last_error(diag_get());
	printf("%s\n", e != NULL ? e->errmsg : "no error");
	diag_clear(diag_get());
}

static void
show_type(const char *target)
{
	static const char *const names[] = { "boot", "stderr", "file", "pipe", "syslog" };
	const char *rest = target;
	enum say_logger_type type;
	int rc = say_parse_logger_type(&rest, &type);
	printf("[%s]: ", target);
	if (rc == 0)
		printf("%s [%s]\n", names[type], rest);
	else
		printf("%d [%s] %s\n", rc, rest,
		       diag_is_empty(diag_get()) ? "no error" : "an error");
}

static void
show_syslog_options(const char *text)
{
	static const char *const types[] = { "default", "unix", "remote" };
	struct say_syslog_opts opts;
	int rc = say_parse_syslog_opts(text, &opts);
	printf("[%s]: ", text);
	if (rc == 0)
		printf("%s %s, %s, %d\n", types[opts.server_type],
		       opts.server_path ? opts.server_path : "-",
		       opts.identity ? opts.identity : "-", opts.facility);
	else
		show_error();
	say_free_syslog_opts(&opts);
	fail_unless(opts.copy == NULL);
}

static void
test_parse(void)
{
	header();
	show_type("");
	show_type("/dev/null");
	show_type("file");
	show_type("file:relative/path");
	show_type("file:a:b");
	show_type("|cat");
	show_type("|");
	show_type("pipe:gzip > log.gz");
	show_type("syslog:");
	show_type("syslog:server=unix:/dev/log");
	show_type("syslogx:");
	show_type("unknown:example");
	show_type("C:\\path");

	show_syslog_options("");
	show_syslog_options("identity=me,facility=kern");
	show_syslog_options("server=unix:/a/b,identity=x");
	show_syslog_options("server=log.example:10514");
	show_syslog_options("server=127.0.0.1,identity=");
	show_syslog_options("facility=LOCAL0");
	show_syslog_options("identity=a=b");
	show_syslog_options("identity=a,,facility=kern");
	show_syslog_options("identity");
	show_syslog_options("colour=red");
	show_syslog_options("identity=a,colour");
	show_syslog_options("identity=a,identity=b");
	show_syslog_options("server=a,server=b");
	show_syslog_options("facility=kern,facility=kern");
	show_syslog_options("facility=local8");

	static const char *const targets[] = {
		"log", "|cat", "syslog:identity=x", "syslog:colour=red", "ftp:log",
	};
	for (size_t i = 0; i < lengthof(targets); i++) {
		int rc = say_check_init_str(targets[i]);
		printf("[%s]: %d ", targets[i], rc);
		show_error();
	}

	extern enum syslog_facility
	say_syslog_facility_by_name(const char *facility);
	static const char *const names[] = {
		"kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp",
		"clock", "authpriv", "ftp", "ntp", "audit", "alert", "cron", "local0",
		"local7", "LOCAL7", "none", "",
	};
	for (size_t i = 0; i < lengthof(names); i++)
		printf("%s=%d ", names[i], say_syslog_facility_by_name(names[i]));
	printf("\n%d %d %d\n", say_format_by_name("plain"), say_format_by_name("JSON"),
	       say_format_by_name("xml"));
	footer();
}

/* }}} */

/* {{{ Files and stderr */

static void
test_file(void)
{
	header();
	plan(14);
	struct log log;
	is(log_create(&log, "file.log", true), 0, "a file");
	ok(log.type == SAY_LOGGER_FILE && log.level == S_INFO && log.nonblock, "fields");
	char path[1024];
	fail_unless(getcwd(path, sizeof(path)) != NULL);
	strcat(path, "/file.log");
	is(strcmp(log.path, path), 0, "its path is absolute");
	struct stat st;
	fail_unless(fstat(log.fd, &st) == 0);
	is(st.st_mode & 0777, 0640 & ~umask(0), "its mode");
	int flags = fcntl(log.fd, F_GETFL);
	is(flags & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_WRONLY | O_APPEND | O_NONBLOCK,
	   "its flags");
	is(log_say(&log, S_INFO, NULL, 0, NULL, "12%d", 3) > 4, true, "a record");
	int fd = log.fd;
	log_destroy(&log);
	ok(fcntl(fd, F_GETFD) == -1 && errno == EBADF, "closed");
	ok(log.type == SAY_LOGGER_BOOT && log.fd == -1, "what is left");

	errno = 0;
	is(log_create(&log, "file:no/such/directory/file.log", false), -1, "no directory");
	is(errno, ENOENT, "errno");
	struct error *e = diag_last_error(diag_get());
	strcpy(path + strlen(path) - strlen("file.log"), "no/such/directory/file.log");
	ok(strncmp(e->errmsg, "can't open log file: ", 21) == 0 &&
	   strcmp(e->errmsg + 21, path) == 0, "the error tells the path");
	diag_clear(diag_get());
	is(log_create(&log, "ftp:log", false), -1, "no such type");
	show_error();

	is(log_create(&log, NULL, false), 0, "stderr");
	ok(log.type == SAY_LOGGER_STDERR && log.fd == 2 && log.format_func == NULL,
	   "has no format yet");
	log_set_format(&log, say_format_plain);
	log.fd = -1;
	log_destroy(&log);
	check_plan();
	footer();
}

/* Ten threads, without cords, which the reference's test serialises, too. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct log logs[10];

static void *
create_log(void *arg)
{
	struct log *log = arg;
	char name[32];
	snprintf(name, sizeof(name), "thread%d.log", (int)(log - logs));
	pthread_mutex_lock(&mutex);
	int rc = log_create(log, name, false);
	pthread_mutex_unlock(&mutex);
	return rc == 0 ? arg : NULL;
}

static void
test_threads(void)
{
	header();
	plan(1);
	pthread_t threads[lengthof(logs)];
	size_t created = 0;
	for (size_t i = 0; i < lengthof(logs); i++)
		tt_pthread_create(&threads[i], NULL, create_log, &logs[i]);
	for (size_t i = 0; i < lengthof(logs); i++) {
		void *result;
		tt_pthread_join(threads[i], &result);
		created += result != NULL;
	}
	for (size_t i = 0; i < lengthof(logs); i++)
		log_destroy(&logs[i]);
	is(created, lengthof(logs), "loggers created by threads without a cord");
	check_plan();
	footer();
}

/* }}} */

/* {{{ Syslog */

static int
listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(address.sun_path, path);
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	fail_unless(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* Prints a datagram without its time and process id, which are checked. */
static void
show_datagram(int fd)
{
	char text[1024], time_format[] = "%h %e %T ";
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
	if (n < 0) {
		printf("nothing\n");
		return;
	}
	text[n] = '\0';
	char pid[32];
	snprintf(pid, sizeof(pid), "[%d]:", (int)getpid());
	char *rest = strchr(text, '>') + 1, *tail = strstr(text, pid);
	struct tm tm = { 0 };
	const char *name = strptime(rest, time_format, &tm);
	if (name == NULL || tail == NULL) {
		printf("bad: %s", text);
		return;
	}
	printf("%.*s ... %.*s[PID]:%s", (int)(rest - text), text, (int)(tail - name), name,
	       tail + strlen(pid));
}

static void
test_syslog(void)
{
	header();
	int server = listen_unix("syslog.sock");
	struct log log;
	fail_unless(log_create(&log, "syslog:server=unix:syslog.sock,identity=id,"
			       "facility=local7", false) == 0);
	printf("%d %s %d %d\n", log.type == SAY_LOGGER_SYSLOG, log.syslog_ident,
	       log.syslog_facility, log.syslog_server_type);
	for (int level = S_SYSERROR; level <= S_DEBUG; level++) {
		log_set_level(&log, level);
		log_say(&log, level, "dir/p2.cc", 53, NULL, "lev %d", level);
		show_datagram(server);
	}
	/* The server starts anew: the first write fails, the second connection gets through. */
	int fd = log.fd;
	close(server);
	server = listen_unix("syslog.sock");
	log_say(&log, S_INFO, NULL, 0, "why", "again");
	show_datagram(server);
	printf("the same descriptor: %s\n", log.fd == fd ? "yes" : "no");
	/* It is gone: the record is lost. */
	close(server);
	unlink("syslog.sock");
	errno = 0;
	log_say(&log, S_INFO, NULL, 0, NULL, "lost");
	printf("errno %d\n", errno);
	server = listen_unix("syslog.sock");
	log_say(&log, S_INFO, NULL, 0, NULL, "back");
	show_datagram(server);
	log_destroy(&log);
	close(server);
	unlink("syslog.sock");

	/* Nobody there: not created, but usable with another descriptor. */
	int rc = log_create(&log, "syslog:server=unix:syslog.sock", false);
	printf("%d ", rc);
	show_error();
	printf("%s %d\n", log.syslog_ident, log.syslog_facility);
	int ends[2];
	fail_unless(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
	log.fd = ends[1];
	log_say(&log, S_WARN, NULL, 0, NULL, "through a descriptor of our own");
	show_datagram(ends[0]);
	log_destroy(&log);
	close(ends[0]);

	rc = log_create(&log, "syslog:colour=red", false);
	printf("%d ", rc);
	show_error();
	footer();
}

static void
test_syslog_udp(void)
{
	header();
	int server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in address = { .sin_family = AF_INET };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t length = sizeof(address);
	fail_unless(bind(server, (struct sockaddr *)&address, length) == 0);
	fail_unless(getsockname(server, (struct sockaddr *)&address, &length) == 0);
	char target[64];
	snprintf(target, sizeof(target), "syslog:server=127.0.0.1:%d,facility=kern",
		 ntohs(address.sin_port));
	struct log log;
	fail_unless(log_create(&log, target, true) == 0);
	log_say(&log, S_INFO, NULL, 0, NULL, "over udp");
	show_datagram(server);
	log_destroy(&log);
	close(server);
	footer();
}

/* }}} */

/* {{{ The default logger, in children */

static void
log_to_stderr(void *arg)
{
	(void)arg;
	say_logger_init(NULL, S_INFO, 0, "json", 0);
	say_info("json to stderr");
	say_logger_free();
}

static void
log_to_command(void *arg)
{
	(void)arg;
	/* The command, in a group of its own, ends when its input does. */
	say_logger_init("|sed 's/.*I>/I>/' >command.log; touch command.done", S_INFO, 0,
			"plain", 0);
	say_info("to a command");
	printf("%s", log_pid > 0 && getpgid(log_pid) == log_pid ? "its own group" : "?");
	say_logger_free();
	for (int i = 0; i < 500 && access("command.done", F_OK) != 0; i++)
		usleep(10000);
}

static void
log_to_nowhere(void *arg)
{
	(void)arg;
	say_logger_init("no/such/directory/log", S_INFO, 0, "plain", 0);
}

static void
log_in_background(void *arg)
{
	(void)arg;
	printf("buffered before\n");
	say_logger_init("background.log", S_INFO, 0, "plain", 1);
	printf("stdout\n");
	fflush(stdout);
	fprintf(stderr, "stderr\n");
	say_info("the log");
}

static void
log_to_stderr_in_background(void *arg)
{
	(void)arg;
	say_logger_init(NULL, S_INFO, 0, "plain", 1);
	printf("not seen\n");
	say_info("not seen");
}

static void
log_fatal_to_file(void *arg)
{
	(void)arg;
	say_logger_init("fatal.log", S_INFO, 0, "plain", 0);
	panic("fatal in a file");
}

static void
log_fatal_to_syslog(void *arg)
{
	(void)arg;
	say_logger_init("syslog:server=unix:fatal.sock", S_INFO, 0, "plain", 0);
	say_set_log_format(SF_JSON);
	panic("fatal in syslog");
}

/** As a unit test does: neither the default logger nor connected. */
static void
log_fatal_to_own_syslog(void *arg)
{
	(void)arg;
	struct log log;
	(void)log_create(&log, "syslog:server=unix:none,facility=local0", false);
	log.fd = open("own.log", O_WRONLY | O_CREAT, 0600);
	log_say(&log, S_FATAL, NULL, 0, NULL, "fatal of its own");
	log_destroy(&log);
}

static void
wrong_format(void *arg)
{
	(void)arg;
	say_logger_init(NULL, S_INFO, 0, "xml", 0);
}

static void
json_for_syslog(void *arg)
{
	struct log *log = arg;
	log_set_format(log, say_format_json);
}

/* How many lines of a text contain `part`. */
static int
count(const char *text, const char *part)
{
	int n = 0;
	for (const char *found = text; (found = strstr(found, part)) != NULL; n++)
		found += strlen(part);
	return n;
}

static char *
contents(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY);
	fail_unless(fd >= 0);
	child_read_all(fd, text, sizeof(text));
	return text;
}

static void
test_standard(void)
{
	header();
	plan(20);
	static struct child_result result;
	child_run(log_to_stderr, NULL, &result);
	is(count(result.err, "\"message\": \"json to stderr\""), 1, "stderr");

	child_run(log_to_command, NULL, &result);
	is(strcmp(result.err, "started logging into a pipe, SIGHUP log rotation disabled\n"),
	   0, "a command announces itself");
	is(strcmp(contents("command.log"), "I> to a command\n"), 0, "and gets the record");
	is(strcmp(result.out, "its own group"), 0, "in a process group of its own");

	child_run(log_to_nowhere, NULL, &result);
	ok(child_exited_with(&result, 1), "no directory");
	is(count(result.err, "SystemError can't open log file: "), 1, "the reason");
	is(count(result.err, "failed to initialize logging subsystem\n"), 1, "the end");

	child_run(log_in_background, NULL, &result);
	ok(strcmp(result.out, "buffered before\n") == 0 && *result.err == '\0', "background");
	char *text = contents("background.log");
	ok(count(text, "stdout\n") == 1 && count(text, "stderr\n") == 1 &&
	   count(text, "I> the log\n") == 1, "everything is in the log");
	child_run(log_to_stderr_in_background, NULL, &result);
	ok(*result.out == '\0' && *result.err == '\0', "background of stderr is nowhere");

	child_run(log_fatal_to_file, NULL, &result);
	ok(child_exited_with(&result, 1) && count(result.err, "F> fatal in a file\n") == 1,
	   "FATAL is copied to stderr");
	is(count(contents("fatal.log"), "F> fatal in a file\n"), 1, "and is in the file");

	int server = listen_unix("fatal.sock");
	child_run(log_fatal_to_syslog, NULL, &result);
	is(count(result.err, "started logging into a syslog"), 1, "syslog announces itself");
	is(count(result.err, "F> fatal in syslog\n"), 2, "FATAL of syslog is there twice");
	char datagram[1024];
	ssize_t n = recv(server, datagram, sizeof(datagram) - 1, 0);
	datagram[n > 0 ? n : 0] = '\0';
	is(count(datagram, "json log format is not supported when output is 'syslog'"), 1,
	   "syslog has no other format");
	n = recv(server, datagram, sizeof(datagram) - 1, 0);
	datagram[n > 0 ? n : 0] = '\0';
	is(count(datagram, "F> fatal in syslog\n"), 1, "FATAL is in syslog");
	close(server);

	child_run(log_fatal_to_own_syslog, NULL, &result);
	text = contents("own.log");
	ok(strncmp(text, "<131>", 5) == 0 && count(text, "F> fatal of its own\n") == 1,
	   "FATAL of another logger is in its syslog");
	is(strcmp(result.err, ""), 0, "and not copied to stderr, where the default one logs");

	child_run(wrong_format, NULL, &result);
	ok(child_exited_with(&result, 1) &&
	   strcmp(result.err, "say_logger_init: no log format 'xml': plain or json\n") == 0,
	   "no such format");

	struct log log;
	(void)log_create(&log, "syslog:server=unix:none", false);
	diag_clear(diag_get());
	child_run(json_for_syslog, &log, &result);
	ok(child_exited_with(&result, 1), "syslog takes no other format");
	log_destroy(&log);
	check_plan();
	footer();
}

/* }}} */

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	test_parse();
	test_file();
	test_threads();
	test_syslog();
	test_syslog_udp();
	test_standard();
	fiber_free();
	memory_free();
	return 0;
}
