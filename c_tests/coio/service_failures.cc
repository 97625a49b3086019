/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service that has no fiber for a connection (spec ipc.md 12.4, 18). Debug only: it takes
 * error injection.
 */
#include "sockets.h"

#include <sys/mman.h>

#include "errinj.h"

static int handled;

static int
handle_f(va_list ap)
{
	struct ev_io coio = va_arg(ap, struct ev_io);
	handled++;
	coio_close(loop(), &coio);
	return 0;
}

static int
test()
{
	plan(5);
	struct coio_service service;
	coio_service_init(&service, "service", handle_f, NULL);
	logged([&] { coio_service_start(&service.evio_service, "127.0.0.1:0"); });
	std::string address = address_of(&service.evio_service);
	struct ev_io client;
	char byte;
	ssize_t n = -1;
	std::string log = logged([&] {
		connect_to(&client, address);
		errinj(ERRINJ_FIBER_MPROTECT, ERRINJ_INT)->iparam = PROT_NONE;
		/* Cached stacks do not fail. These fibers never run. */
		while (!rlist_empty(&cord()->dead))
			fail_if(fiber_new("takes", return_0_f) == NULL);
		n = coio_read(&client, &byte, 1);
		errinj(ERRINJ_FIBER_MPROTECT, ERRINJ_INT)->iparam = -1;
		coio_close(loop(), &client);
	});
	is(n, 0, "the connection is closed");
	is(handled, 0, "nobody handles it");
	ok(log.find("fiber mprotect failed") != std::string::npos, "the log says why");
	ok(log.find("can't create a handler fiber, dropping client connection") !=
	   std::string::npos, "and what comes of it");
	connect_to(&client, address);
	ok(eventually(handled == 1), "the next connection is handled");
	coio_close(loop(), &client);
	logged([&] { evio_service_stop(&service.evio_service); });
	return check_plan();
}

int
main()
{
	return run_coio_with(test, fiber_cxx_invoke);
}
