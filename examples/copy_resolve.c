/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies files and looks up names, all at a time, while a thousand fibers keep ticking: what
 * blocks runs in the thread pool, and blocks only the fiber that waits for it.
 *
 *     copy_resolve [-t FIBERS] [-w SECONDS] [-r NAME]... [SOURCE DEST]...
 *
 * -t  how many fibers tick (1000)
 * -w  how long to wait for a name (10)
 * -r  look up this name
 *
 * Exit status 0: everything was copied and found.
 */
#include "memory.h"
#include "fiber.h"
#include "coio_task.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/stat.h>

enum {
	BLOCK_SIZE = 256 * 1024,
	NAMES_MAX = 64,
};

static const double TICK = 0.001;

/* --------------------------------------------------------------------- Copying */

/** Copies one block: its size, 0 at the end, -1 with the error set. */
static ssize_t
copy_block(int from, int to, char *block, const char *source, const char *dest)
{
	ssize_t size = read(from, block, BLOCK_SIZE);
	if (size < 0)
		diag_set(SystemError, "can't read %s", source);
	for (ssize_t done = 0; done < size;) {
		ssize_t n = write(to, block + done, size - done);
		if (n < 0) {
			diag_set(SystemError, "can't write %s", dest);
			return -1;
		}
		done += n;
	}
	return size;
}

/**
 * In a worker, so it may block. What it returns, and the error that it sets, get to the fiber
 * that has called it. How many bytes were copied, or -1.
 */
static ssize_t
copy_f(va_list ap)
{
	const char *source = va_arg(ap, const char *);
	const char *dest = va_arg(ap, const char *);
	ssize_t total = -1;
	char *block = NULL;
	int to = -1, from = open(source, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (from < 0 || fstat(from, &st) != 0) {
		diag_set(SystemError, "can't open %s", source);
		goto end;
	}
	to = open(dest, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, st.st_mode & 0777);
	if (to < 0) {
		diag_set(SystemError, "can't create %s", dest);
		goto end;
	}
	block = malloc(BLOCK_SIZE);
	if (block == NULL) {
		diag_set(OutOfMemory, BLOCK_SIZE, "malloc", "block");
		goto end;
	}
	ssize_t size;
	total = 0;
	while ((size = copy_block(from, to, block, source, dest)) > 0)
		total += size;
	if (size < 0)
		total = -1;
end:
	free(block);
	if (from >= 0)
		close(from);
	if (to >= 0 && close(to) != 0 && total >= 0) {
		diag_set(SystemError, "can't write %s", dest);
		total = -1;
	}
	return total;
}

static int
copy_fiber_f(va_list ap)
{
	const char *source = va_arg(ap, const char *);
	const char *dest = va_arg(ap, const char *);
	/* Not 0 counts as a failure; the error area says whether it is one. */
	diag_clear(diag_get());
	ssize_t size = coio_call(copy_f, source, dest);
	if (size < 0)
		return -1;
	printf("copied %s to %s: %zd bytes\n", source, dest, size);
	return 0;
}

/* --------------------------------------------------------------------- Resolving */

static int
resolve_fiber_f(va_list ap)
{
	const char *name = va_arg(ap, const char *);
	double timeout = va_arg(ap, double);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	if (coio_getaddrinfo(name, NULL, &hints, &found, timeout) != 0)
		return -1;
	for (struct addrinfo *ai = found; ai != NULL; ai = ai->ai_next) {
		char text[INET6_ADDRSTRLEN];
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text, sizeof(text), NULL, 0,
				NI_NUMERICHOST) == 0)
			printf("%s is %s\n", name, text);
	}
	freeaddrinfo(found);
	return 0;
}

/* ----------------------------------------------------------------------- Ticking */

static uint64_t ticks;
/** The longest that a fiber had to wait for its turn, in seconds. */
static double longest;

static int
tick_f(va_list ap)
{
	(void)ap;
	double last = fiber_clock();
	while (!fiber_is_cancelled()) {
		fiber_sleep(TICK);
		double now = fiber_clock();
		if (now - last > longest)
			longest = now - last;
		last = now;
		ticks++;
	}
	return 0;
}

/* -------------------------------------------------------------------------- Main */

struct options {
	int tickers;
	double timeout;
	const char *names[NAMES_MAX];
	int name_count;
	/** Sources and destinations in turn. */
	char **paths;
	int path_count;
};

/** A fiber that can be joined; without memory for it the program ends. */
static struct fiber *
new_fiber(const char *name, fiber_func f)
{
	struct fiber *fiber = fiber_new(name, f);
	if (fiber == NULL) {
		diag_log();
		exit(EXIT_FAILURE);
	}
	fiber_set_joinable(fiber, true);
	return fiber;
}

static int
main_f(va_list ap)
{
	const struct options *options = va_arg(ap, const struct options *);
	int *failures = va_arg(ap, int *);
	/* This cord submits work to the pool. */
	coio_enable();

	struct fiber **tickers = calloc(options->tickers, sizeof(*tickers));
	int job_count = options->name_count + options->path_count / 2;
	struct fiber **jobs = calloc(job_count, sizeof(*jobs)), **job = jobs;
	if ((tickers == NULL && options->tickers > 0) || (jobs == NULL && job_count > 0))
		panic("no memory for fibers");
	for (int i = 0; i < options->tickers; i++) {
		tickers[i] = new_fiber("tick", tick_f);
		fiber_start(tickers[i]);
	}
	for (int i = 0; i < options->name_count; i++) {
		*job = new_fiber(options->names[i], resolve_fiber_f);
		fiber_start(*job++, options->names[i], options->timeout);
	}
	for (int i = 0; i < options->path_count; i += 2) {
		*job = new_fiber(options->paths[i], copy_fiber_f);
		fiber_start(*job++, options->paths[i], options->paths[i + 1]);
	}

	for (int i = 0; i < job_count; i++) {
		if (fiber_join(jobs[i]) != 0) {
			++*failures;
			diag_log();
		}
	}
	for (int i = 0; i < options->tickers; i++) {
		fiber_cancel(tickers[i]);
		fiber_join(tickers[i]);
	}
	printf("%d fibers have ticked %" PRIu64 " times; the longest pause was %.0f ms\n",
	       options->tickers, ticks, longest * 1000);
	free(tickers);
	free(jobs);
	/* The pool's watcher keeps the loop alive. */
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

static bool
parse(struct options *options, int argc, char **argv)
{
	int option;
	char *end;
	while ((option = getopt(argc, argv, "t:w:r:")) != -1) {
		errno = 0;
		switch (option) {
		case 't':
			options->tickers = strtol(optarg, &end, 10);
			if (*end != '\0' || errno != 0 || options->tickers < 0)
				return false;
			break;
		case 'w':
			options->timeout = strtod(optarg, &end);
			if (*end != '\0' || errno != 0 || !(options->timeout >= 0))
				return false;
			break;
		case 'r':
			if (options->name_count == NAMES_MAX)
				return false;
			options->names[options->name_count++] = optarg;
			break;
		default:
			return false;
		}
	}
	options->paths = argv + optind;
	options->path_count = argc - optind;
	return options->path_count % 2 == 0;
}

int
main(int argc, char **argv)
{
	struct options options = { .tickers = 1000, .timeout = 10 };
	if (!parse(&options, argc, argv)) {
		fprintf(stderr,
			"usage: %s [-t FIBERS] [-w SECONDS] [-r NAME]... [SOURCE DEST]...\n",
			argv[0]);
		return 2;
	}
	int failures = 0;
	memory_init();
	fiber_init(fiber_c_invoke);
	/* The workers set errors, so they need cords. */
	coio_init();
	fiber_start(new_fiber("main", main_f), &options, &failures);
	ev_run(loop(), 0);
	coio_shutdown();
	fiber_free();
	memory_free();
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
