/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads the modules beside it, one after the other, and runs their checks. */
#include <dirent.h>
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>

#include "../../main_fiber.h"
#include "coio_task.h"
#include "checks.h"

static void
run_module(const char *directory, const char *name)
{
	printf("\t*** %s ***\n", name);
	char path[PATH_MAX];
	fail_if(snprintf(path, sizeof(path), "%s/%s.so", directory, name) >= (int)sizeof(path));
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module == NULL)
		printf("%s\n", dlerror());
	fail_if(module == NULL);
	const struct check *checks = (const struct check *)dlsym(module, "checks");
	fail_if(checks == NULL);
	int count = 0;
	while (checks[count].name != NULL)
		count++;
	plan(count);
	for (int i = 0; i < count; i++) {
		int passes = checks[i].passes();
		ok(passes, "%s", checks[i].name);
		diag_clear(diag_get());
	}
	check_plan();
	dlclose(module);
	printf("\t*** %s: done ***\n", name);
}

static int
test_f(va_list ap)
{
	(void)ap;
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/modules"));
	fail_if(size <= 0);
	path[size] = '\0';
	strcat(dirname(path), "/modules");
	static const char *const modules[] = {
		"blocking", "connector", "notifier", "watchdog",
	};
	coio_init();
	coio_enable();
	plan(lengthof(modules));
	for (size_t i = 0; i < lengthof(modules); i++)
		run_module(path, modules[i]);
	coio_shutdown();
	/* The pool's watcher keeps the loop going. */
	ev_break(loop(), EVBREAK_ALL);
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}
