/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module around a library that blocks (kafka, smtp, watchdog): its calls go to threads of the
 * pool.
 */
#include <module.h>

#include <netdb.h>
#include <unistd.h>

#include "../checks.h"

static ssize_t
transfer(va_list ap)
{
	int milliseconds = va_arg(ap, int);
	char *answer = va_arg(ap, char *);
	usleep(milliseconds * 1000);
	strcpy(answer, "sent");
	return 42;
}

static int
tick_f(va_list ap)
{
	int *ticks = va_arg(ap, int *);
	while (!fiber_is_cancelled()) {
		++*ticks;
		fiber_sleep(0.001);
	}
	return 0;
}

static int
lets_others_run(void)
{
	int ticks = 0;
	char answer[8] = "";
	struct fiber *f = fiber_new("ticks", tick_f);
	fiber_set_joinable(f, true);
	fiber_start(f, &ticks);
	ssize_t result = coio_call(transfer, 50, answer);
	fiber_cancel(f);
	return result == 42 && strcmp(answer, "sent") == 0 && ticks > 2 && fiber_join(f) == 0;
}

static int
call_f(va_list ap)
{
	char *answer = va_arg(ap, char *);
	return coio_call(transfer, 50, answer);
}

static int
is_not_interrupted(void)
{
	char answer[8] = "";
	struct fiber *f = fiber_new("calls", call_f);
	fiber_set_joinable(f, true);
	fiber_start(f, answer);
	fiber_cancel(f);
	fiber_wakeup(f);
	return fiber_join(f) == 42 && strcmp(answer, "sent") == 0;
}

static ssize_t
fail(va_list ap)
{
	int number = va_arg(ap, int);
	box_error_raise(ER_PROC_LUA, "no broker %d", number);
	errno = ECONNREFUSED;
	return -1;
}

static int
reports_failures(void)
{
	box_error_clear();
	ssize_t result = coio_call(fail, 7);
	int error = errno;
	const box_error_t *last = box_error_last();
	return result == -1 && error == ECONNREFUSED && last != NULL &&
	       strcmp(box_error_message(last), "no broker 7") == 0;
}

static int
resolves_names(void)
{
	struct addrinfo hints, *found = NULL;
	memset(&hints, 0, sizeof(hints));
	hints.ai_flags = AI_NUMERICHOST;
	hints.ai_socktype = SOCK_STREAM;
	if (coio_getaddrinfo("127.0.0.1", "9092", &hints, &found, 60) != 0)
		return 0;
	int good = found != NULL && found->ai_family == AF_INET;
	freeaddrinfo(found);
	return good && coio_getaddrinfo("not a number", "9092", &hints, &found, 60) == -1 &&
	       strcmp(box_error_type(box_error_last()), "SystemError") == 0;
}

static int stop;

static ssize_t
stay(va_list ap)
{
	int *looks = va_arg(ap, int *);
	double start = clock_monotonic();
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE) && clock_monotonic() - start < 60) {
		++*looks;
		usleep(1000);
	}
	say_info("stayed in its thread until it was told");
	return 0;
}

static int
watchdog_f(va_list ap)
{
	int *looks = va_arg(ap, int *);
	fiber_set_joinable(fiber_self(), true);
	return coio_call(stay, looks);
}

static int
occupies_a_thread(void)
{
	int looks = 0;
	struct fiber *f = fiber_new("watchdog", watchdog_f);
	fiber_start(f, &looks);
	fiber_sleep(0.02);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	return fiber_join(f) == 0 && looks > 0;
}

CHECKS(
	{ "lets others run while it blocks", lets_others_run },
	{ "is not interrupted", is_not_interrupted },
	{ "reports failures", reports_failures },
	{ "resolves names", resolves_names },
	{ "occupies a thread", occupies_a_thread }
);
