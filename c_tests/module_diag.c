/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the memcached module does: it starts its expiration fiber, ignores what
 * fiber_new returned and asks box_error_last() whether that went well. The
 * patches of the seed exist so that this sees an error (spec diag.md 15).
 *
 * The failure is a real one here: the address space is used up.
 */
#include "memory.h"
#include "fiber.h"
#include "box/error.h"

#include <stdio.h>
#include <sys/resource.h>

static int
expire_loop(va_list ap)
{
	(void)ap;
	return 0;
}

static int
module_start(const char *name)
{
	box_error_clear();
	struct fiber *expire_fiber = fiber_new(name, expire_loop);
	const box_error_t *err = box_error_last();
	if (err != NULL) {
		printf("can't start %s: %s: %s (code %u)\n", name, box_error_type(err),
		       box_error_message(err), box_error_code(err));
		return -1;
	}
	printf("%s started\n", name);
	fiber_wakeup(expire_fiber);
	return 0;
}

/** Forbid new mappings, with so little left that no stack fits. */
static void
limit_address_space(rlim_t bytes)
{
	struct rlimit limit;
	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_AS, &limit);
}

static int
main_f(va_list ap)
{
	(void)ap;
	module_start("expire1");
	/* The log would tell how much address space is in use. */
	say_set_log_level(S_ERROR);
	/* Until the cord's own memory is used up; every one of these may still work. */
	limit_address_space(0);
	static struct fiber *spare[64];
	size_t made = 0;
	while (made < lengthof(spare) && (spare[made] = fiber_new("spare", expire_loop)) != NULL)
		made++;
	printf("a stack was refused: %s\n", made < lengthof(spare) ? "yes" : "no");
	int failed = module_start("expire2");
	limit_address_space(RLIM_INFINITY);
	int again = module_start("expire3");
	printf("%s\n", failed != 0 && again == 0 ? "as it should be" : "wrong");
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

int
main(void)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	fiber_wakeup(fiber_new("main", main_f));
	ev_run(loop(), 0);
	fiber_free();
	memory_free();
	return 0;
}
