/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mistakes that end the program with status 1 and one line that names the function, each in a
 * process of its own.
 */
#ifndef CORDAGE_TEST_MISTAKES_H_INCLUDED
#define CORDAGE_TEST_MISTAKES_H_INCLUDED

#include "main_fiber.h"
#include "child.h"

/** A function of one statement. */
#define MISTAKE(name, ...) static void name(void) { __VA_ARGS__; }

enum place { IN_FIBER, ON_SCHEDULER, IN_THREAD, BEFORE_INIT, BEFORE_MEMORY };

struct mistake {
	enum place place;
	void (*make)(void);
	/** What the message has to contain. */
	const char *function, *fiber;
};

static const struct mistake *current;

static int
in_fiber_f(va_list ap)
{
	(void)ap;
	current->make();
	return 0;
}

static void *
in_thread_f(void *arg)
{
	(void)arg;
	current->make();
	return NULL;
}

static int
make_mistake(const void *arg)
{
	current = (const struct mistake *)arg;
	if (current->place != BEFORE_MEMORY)
		memory_init();
	if (current->place == BEFORE_INIT || current->place == BEFORE_MEMORY) {
		current->make();
		return 0;
	}
	fiber_init(fiber_c_invoke);
	pthread_t thread;
	switch (current->place) {
	case IN_FIBER:
		fiber_wakeup(fiber_new("main", in_fiber_f));
		ev_run(loop(), 0);
		break;
	case IN_THREAD:
		pthread_create(&thread, NULL, in_thread_f, NULL);
		pthread_join(thread, NULL);
		break;
	default:
		current->make();
	}
	return 0;
}

/** Plans and checks all of them. VERBOSE in the environment shows the messages. */
static void
check_mistakes(const struct mistake *mistakes, size_t count)
{
	static const char *const places[] = {
		"in a fiber", "on the scheduler", "in a thread without a cord",
		"before fiber_init()", "before memory_init()",
	};
	plan(count);
	for (size_t i = 0; i < count; i++) {
		const struct mistake *m = &mistakes[i];
		struct child_end end;
		watch_child(make_mistake, m, &end);
		const char *newline = strchr(end.text, '\n');
		bool named = end.status == EXIT_FAILURE && newline != NULL && newline[1] == '\0' &&
			strstr(end.text, m->function) != NULL && strstr(end.text, m->fiber) != NULL;
		ok(named, "%zu: %s, %s", i + 1, places[m->place], m->function);
		if (!named)
			fprintf(stderr, "# status %d: %s\n", end.status, end.text);
		if (getenv("VERBOSE") != NULL)
			fprintf(stderr, "# %zu: %s", i + 1, end.text);
	}
}

#endif /* CORDAGE_TEST_MISTAKES_H_INCLUDED */
