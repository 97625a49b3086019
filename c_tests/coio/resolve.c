/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * coio_getaddrinfo (spec ipc.md 8.6), with numbers, since there may be no network.
 */
#include "fixture.h"

#include <arpa/inet.h>
#include <netdb.h>

static struct addrinfo *const UNTOUCHED = (struct addrinfo *)0x1;

static bool
is_address(struct addrinfo *ai, const char *address, int port)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ai->ai_addr;
	return ai->ai_family == AF_INET && sin->sin_port == htons(port) &&
	       strcmp(inet_ntoa(sin->sin_addr), address) == 0;
}

static void
test_found(void)
{
	plan(6);
	struct addrinfo *ai = UNTOUCHED;
	is(coio_getaddrinfo("127.0.0.1", "3456", NULL, &ai, 100), 0, "without hints");
	ok(is_address(ai, "127.0.0.1", 3456), "the address");
	freeaddrinfo(ai);
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_ADDRCONFIG };
	is(coio_getaddrinfo(NULL, "80", &hints, &ai, TIMEOUT_INFINITY), 0, "without a host");
	ok(is_address(ai, "0.0.0.0", 80) && ai->ai_next == NULL, "for a server");
	freeaddrinfo(ai);
	is(coio_getaddrinfo("", "80", &hints, &ai, 100), 0, "an empty host is none");
	freeaddrinfo(ai);
	is(coio_getaddrinfo("10.1.2.3", NULL, &hints, &ai, 100), 0, "without a port");
	freeaddrinfo(ai);
	check_plan();
}

static void
test_not_found(void)
{
	plan(6);
	struct addrinfo *ai = UNTOUCHED;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	errno = 0;
	is(coio_getaddrinfo("nobody.invalid", "1", &hints, &ai, 100), -1, "no number");
	ok(last_error_is("SystemError", "getaddrinfo: Name or service not known"),
	   "the reason");
	is(errno, EIO, "errno");
	hints.ai_flags = AI_NUMERICSERV;
	is(coio_getaddrinfo("127.0.0.1", "no-port", &hints, &ai, 100), -1, "no port");
	is(coio_getaddrinfo(NULL, NULL, NULL, &ai, 100), -1, "nothing at all");
	is(ai, UNTOUCHED, "the result was not touched");
	check_plan();
}

static int
resolve_f(va_list ap)
{
	(void)ap;
	struct addrinfo *ai = UNTOUCHED;
	/* Copies: the fiber may be gone before a worker reads them. */
	char host[] = "127.0.0.1", port[] = "3456";
	int result = coio_getaddrinfo(host, port, NULL, &ai, 100);
	memset(host, 'x', sizeof(host));
	if (result == 0)
		freeaddrinfo(ai);
	return result == 0 || ai == UNTOUCHED ? result : -2;
}

static struct gate gate = GATE_INITIALIZER;

static void
test_given_up(void)
{
	plan(7);
	int done = 0, over = 0;
	for (int i = 0; i < 5; i++) {
		struct addrinfo *ai = UNTOUCHED;
		if (coio_getaddrinfo("127.0.0.1", "3456", NULL, &ai, 0) == 0) {
			done++;
			freeaddrinfo(ai);
		} else if (ai == UNTOUCHED && last_error_is("TimedOut", "timed out")) {
			over++;
		}
		fiber_sleep(0);
	}
	is(done + over, 5, "without time, too, there is an answer or an error");

	/* With all workers busy the lookups wait in the queue. */
	struct fiber *busy[4], *f;
	for (int i = 0; i < 4; i++)
		busy[i] = start("busy", gate_wait_f, &gate);
	gate_await(&gate, 4);
	struct addrinfo *ai = UNTOUCHED;
	is(coio_getaddrinfo("127.0.0.1", "3456", NULL, &ai, 0.01), -1, "no worker has time");
	ok(last_error_is("TimedOut", "timed out") && ai == UNTOUCHED, "in time");
	f = start("resolves", resolve_f, NULL);
	fiber_sleep(0.01);
	fiber_cancel(f);
	is(fiber_join(f), -1, "who is cancelled does not wait");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "with an error");
	is(eio_nready(), 2, "the workers will find what is asked for");
	gate_open(&gate);
	for (int i = 0; i < 4; i++)
		fiber_join(busy[i]);
	ok(eventually(eio_nreqs() == 0), "and free it");
	check_plan();
}

static void
test_many(void)
{
	plan(1);
	enum { FIBERS = 200 };
	struct fiber *fibers[FIBERS];
	int right = 0;
	for (int i = 0; i < FIBERS; i++)
		fibers[i] = start("resolves", resolve_f, NULL);
	for (int i = 0; i < FIBERS; i++) {
		if (i % 3 == 0)
			fiber_cancel(fibers[i]);
		int result = fiber_join(fibers[i]);
		right += result == 0 || (result == -1 && i % 3 == 0);
	}
	is(right, FIBERS, "many at a time, some of them cancelled");
	fail_unless(eventually(eio_nreqs() == 0));
	check_plan();
}

static int
test(void)
{
	plan(4);
	test_found();
	test_not_found();
	test_given_up();
	test_many();
	return check_plan();
}

int
main(void)
{
	/* No coio_init: the workers have no cords here. */
	return run_coio_with(test, fiber_c_invoke);
}
