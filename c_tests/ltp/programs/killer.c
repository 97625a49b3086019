/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * killer DIRECTORY KILLS: ends tests at random moments and compares the host before and
 * after. KILLS times the test process gets SIGKILL while it runs; besides, the library
 * process, which may be setting up or cleaning up, is asked to stop. DIRECTORY is what
 * host.h wants.
 */
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Every so many kills one signal to the library process. */
enum { KILLS_PER_STOP = 4 };

static const char *const tests[][5] = {
	{"victim", "-i", "1000000"},
	{"victim", "-i", "2"},
	{"hugemmap_race", "-n", "1000000"},
	{"hugemmap_race", "-n", "10"},
	{"hugemmap_race", "-f"},
};
enum { TESTS = sizeof(tests) / sizeof(*tests) };

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { STOPS = sizeof(stops) / sizeof(*stops) };

static unsigned int random_below(unsigned int limit)
{
	unsigned int value;

	if (getrandom(&value, sizeof(value), 0) != sizeof(value))
		abort();
	return value % limit;
}

/* What happened to one test. */
struct outcome {
	int signal;
	int delivered;
	unsigned int delay;     /* microseconds */
	int status;
	const char *output;
};

/* Makes a file that holds what the test prints. */
static int output_fd(void)
{
	int fd = memfd_create("output", 0);

	if (fd < 0) {
		perror("memfd_create");
		exit(99);
	}
	return fd;
}

static const char *read_output(int fd)
{
	static char text[65536];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	return text;
}

/* The only child of a library process is the test process; 0 if it has none. */
static pid_t child_of(pid_t library)
{
	char path[64];
	pid_t child = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)library,
		 (int)library);
	file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%d", &child) != 1)
			child = 0;
		fclose(file);
	}
	return child;
}

static int has_ended(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

/* A descriptor of the process to end, which cannot become somebody else; -1 if gone. */
static int open_target(pid_t library, int signal)
{
	pid_t target = library;

	if (signal == SIGKILL) {
		while (!(target = child_of(library))) {
			if (has_ended(library))
				return -1;
		}
	}
	return syscall(SYS_pidfd_open, target, 0);
}

/* Many moments just after the start, the others anywhere in the first 60 ms. */
static unsigned int random_delay(void)
{
	return random_below(random_below(3) ? 60000 : 2000);
}

static struct outcome end(const char *const *test, int signal)
{
	struct outcome outcome = {.signal = signal, .delay = random_delay()};
	int fd = output_fd();
	int target;
	pid_t library = fork();

	if (library < 0) {
		perror("fork");
		exit(99);
	}
	if (!library) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execvp(test[0], (char *const *)test);
		_exit(99);
	}
	target = open_target(library, signal);
	if (target >= 0) {
		usleep(outcome.delay);
		outcome.delivered =
			!syscall(SYS_pidfd_send_signal, target, signal, NULL, 0);
		close(target);
	}
	while (waitpid(library, &outcome.status, 0) < 0 && errno == EINTR)
		;
	outcome.output = read_output(fd);
	close(fd);
	return outcome;
}

/* Memory may be too scarce for the pool for a while. */
static int could_not_run(const struct outcome *outcome)
{
	return WIFEXITED(outcome->status) && WEXITSTATUS(outcome->status) == 32 &&
	       strstr(outcome->output, "TCONF: nr_hugepages");
}

/* Has the library process told the truth about what happened? */
static int is_reported(const struct outcome *outcome)
{
	/* A signal before its first instruction ends it, and then nothing was changed. */
	if (WIFSIGNALED(outcome->status))
		return outcome->signal != SIGKILL && !*outcome->output;
	if (!outcome->delivered || WEXITSTATUS(outcome->status) == 0)
		return WEXITSTATUS(outcome->status) == 0;
	/* The signal may also come when all is over but the clean-up. */
	return WEXITSTATUS(outcome->status) == 2 &&
	       (strstr(outcome->output, "TBROK: Test killed!") ||
		strstr(outcome->output, "TBROK: Interrupted by SIG"));
}

static char *snapshot(const char *work)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	host_print(out, work);
	fclose(out);
	return text;
}

/* What came of all tests. */
struct tally {
	int killed;
	int stopped;
	int idle;       /* could not run */
	int bad;
};

static void one(const char *work, int signal, struct tally *tally)
{
	const char *const *test = tests[random_below(TESTS)];
	char *before = snapshot(work);
	struct outcome outcome = end(test, signal);
	char *after = snapshot(work);
	int same = !strcmp(before, after);
	int idle = could_not_run(&outcome);

	tally->idle += idle;
	if (signal == SIGKILL && outcome.delivered && WEXITSTATUS(outcome.status) == 2)
		tally->killed++;
	if (!same || !(idle || is_reported(&outcome))) {
		tally->bad++;
		printf("%s %s %s: signal %d after %u us, status %x%s:\n%s",
		       test[0], test[1], test[2] ? test[2] : "", signal, outcome.delay,
		       outcome.status, same ? ", but no report" : "", outcome.output);
		if (!same)
			printf("before:\n%safter:\n%s", before, after);
	}
	free(before);
	free(after);
}

int main(int argc, char *argv[])
{
	int wanted = argc == 3 ? atoi(argv[2]) : 0;
	struct tally tally = {.killed = 0};

	if (wanted < 1)
		return 99;
	while (tally.killed < wanted && tally.bad < 5 && tally.idle <= wanted) {
		one(argv[1], SIGKILL, &tally);
		if (tally.killed / KILLS_PER_STOP > tally.stopped)
			one(argv[1], stops[tally.stopped++ % STOPS], &tally);
	}
	if (tally.bad)
		return 1;
	if (tally.killed < wanted) {
		printf("not enough memory for huge pages\n");
		return 32;
	}
	printf("%d kills, %d stops: every time the host was as before\n", tally.killed,
	       tally.stopped);
	return 0;
}
