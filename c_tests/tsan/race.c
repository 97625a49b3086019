/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A race that ThreadSanitizer has to find: a message is changed by its sender after the
 * push. Everything else here is in order, and must not be reported.
 */
#include "../bus/bus.h"

struct letter {
	struct cmsg msg;
	int text;
};

static struct server server;
static struct cbus_endpoint home;

/* Relaxed: it orders nothing. */
static int was_read;

static void
read_f(struct cmsg *msg)
{
	((struct letter *)msg)->text++;
	__atomic_store_n(&was_read, 1, __ATOMIC_RELAXED);
}

static void
back_f(struct cmsg *msg)
{
	((struct letter *)msg)->text++;
}

static const struct cmsg_hop route[] = { { read_f, &server.back }, { back_f, NULL } };

static int
main_f(va_list ap)
{
	(void)ap;
	static struct letter letter;
	create_endpoint(&home, "home");
	start_server(&server, "server", "home");
	cmsg_init(&letter.msg, route);
	letter.text = 0;
	cpipe_push(&server.pipe, &letter.msg);
	ev_invoke(loop(), &server.pipe.flush_input, EV_CUSTOM);
	while (__atomic_load_n(&was_read, __ATOMIC_RELAXED) == 0)
		usleep(1000);
	letter.text++;
	cbus_flush(&server.pipe, &server.back, cbus_process);
	stop_server(&server);
	cbus_endpoint_destroy(&home, cbus_process);
	return 0;
}

int
main(void)
{
	return run_with_bus(main_f);
}
