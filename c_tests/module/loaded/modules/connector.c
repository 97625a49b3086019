/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What connectors to other servers do (memcached, mysql, pg): sockets that block the fiber,
 * fibers of their own, errors, memory of the fiber.
 */
#include <module.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../checks.h"

/* As modules write it: module.h does not have it. */
#define TIMEOUT_INFINITY 365 * 86400 * 100.0

static int sockets[2];

static int
open_sockets(void)
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets);
}

static void
close_sockets(void)
{
	coio_close(sockets[0]);
	coio_close(sockets[1]);
}

/** The server at the other end: one answer for each byte, until the end. */
static int
answer_f(va_list ap)
{
	int fd = va_arg(ap, int);
	char byte;
	while (coio_wait(fd, COIO_READ, TIMEOUT_INFINITY) & COIO_READ) {
		if (read(fd, &byte, 1) != 1)
			return 0;
		byte++;
		if (write(fd, &byte, 1) != 1)
			break;
	}
	return -1;
}

static int
talks_to_a_server(void)
{
	if (open_sockets() != 0)
		return 0;
	struct fiber *server = fiber_new("server", answer_f);
	if (server == NULL)
		return 0;
	fiber_set_joinable(server, true);
	fiber_start(server, sockets[1]);
	int good = 1;
	for (char i = 'a'; i < 'z'; i++) {
		char byte = i;
		good &= write(sockets[0], &byte, 1) == 1;
		good &= coio_wait(sockets[0], COIO_READ | COIO_WRITE, 10) != 0;
		while (read(sockets[0], &byte, 1) != 1)
			good &= coio_wait(sockets[0], COIO_READ, 10) == COIO_READ;
		good &= byte == i + 1;
	}
	coio_close(sockets[0]);
	good &= fiber_join(server) == 0;
	coio_close(sockets[1]);
	return good;
}

static int
times_out(void)
{
	if (open_sockets() != 0)
		return 0;
	uint64_t before = fiber_clock64();
	int good = coio_wait(sockets[0], COIO_READ, 0.01) == 0 &&
		fiber_clock64() - before >= 10000 &&
		coio_wait(sockets[0], COIO_READ, 0) == 0 &&
		coio_wait(sockets[0], COIO_READ | COIO_WRITE, 0) == COIO_WRITE;
	close_sockets();
	return good;
}

static int
wait_f(va_list ap)
{
	int fd = va_arg(ap, int);
	int events = coio_wait(fd, COIO_READ, TIMEOUT_INFINITY);
	return events == 0 && fiber_is_cancelled() ? 0 : -1;
}

static int
cancels_a_wait(void)
{
	if (open_sockets() != 0)
		return 0;
	struct fiber *f = fiber_new("waits", wait_f);
	fiber_set_joinable(f, true);
	fiber_start(f, sockets[0]);
	fiber_cancel(f);
	int good = fiber_join(f) == 0;
	close_sockets();
	return good;
}

static int
expire_f(va_list ap)
{
	(void)ap;
	int *rounds = fiber_get_ctx(fiber_self());
	fiber_set_cancellable(true);
	while (!fiber_is_cancelled()) {
		++*rounds;
		fiber_reschedule();
		fiber_sleep(0.001);
	}
	return 0;
}

static int
runs_a_fiber_of_its_own(void)
{
	int rounds = 0;
	box_error_clear();
	struct fiber *expire = fiber_new("expire", expire_f);
	if (expire == NULL || box_error_last() != NULL)
		return 0;
	fiber_set_joinable(expire, true);
	fiber_set_ctx(expire, &rounds);
	fiber_wakeup(expire);
	int good = fiber_join_timeout(expire, 0.02) == -1 &&
		strcmp(box_error_type(box_error_last()), "TimedOut") == 0;
	good &= rounds > 1 && fiber_find(fiber_id(expire)) == expire &&
		strcmp(fiber_name(expire), "expire") == 0 && fiber_csw(expire) > 1;
	fiber_set_name_n(expire, "expire/2", 8);
	good &= strcmp(fiber_name(expire), "expire/2") == 0;
	fiber_cancel(expire);
	return good && fiber_join_timeout(expire, 10) == 0;
}

static int
fail_f(va_list ap)
{
	const char *host = va_arg(ap, const char *);
	int port = va_arg(ap, int);
	return box_error_raise(ER_PROC_LUA, "no server at %s:%d", host, port);
}

static int
reports_errors(void)
{
	struct fiber_attr *attr = fiber_attr_new();
	int good = attr != NULL && fiber_attr_setstacksize(attr, 64 * 1024) == 0 &&
		fiber_attr_getstacksize(attr) == 64 * 1024 && fiber_attr_getstacksize(NULL) > 0;
	struct fiber *f = fiber_new_ex("fails", attr, fail_f);
	fiber_attr_delete(attr);
	fiber_set_joinable(f, true);
	fiber_start(f, "localhost", 3306);
	good &= fiber_join(f) == -1;
	const box_error_t *error = box_error_last();
	good &= error != NULL && box_error_code(error) == ER_PROC_LUA &&
		strcmp(box_error_message(error), "no server at localhost:3306") == 0;
	box_error_clear();
	return good && box_error_last() == NULL;
}

static int
uses_memory(void)
{
	size_t used = box_region_used();
	char *text = box_region_alloc(1000);
	uint64_t *number = box_region_aligned_alloc(sizeof(*number), 64);
	int good = text != NULL && number != NULL && (uintptr_t)number % 64 == 0 &&
		box_region_used() > used;
	memset(text, 'x', 1000);
	*number = 1;
	box_region_truncate(used);
	return good && box_region_used() == used && cord_slab_cache() != NULL;
}

static box_latch_t *latch;
static struct fiber_cond *cond;
static int inside;

static int
lock_f(va_list ap)
{
	int *order = va_arg(ap, int *);
	box_latch_lock(latch);
	*order = ++inside;
	fiber_sleep(0);
	box_latch_unlock(latch);
	fiber_cond_signal(cond);
	return 0;
}

static int
synchronises_fibers(void)
{
	int order[3] = { 0, 0, 0 };
	latch = box_latch_new();
	cond = fiber_cond_new();
	box_latch_lock(latch);
	for (int i = 0; i < 3; i++)
		fiber_start(fiber_new("locks", lock_f), &order[i]);
	int good = inside == 0;
	box_latch_unlock(latch);
	while (order[2] == 0)
		good &= fiber_cond_wait_timeout(cond, 10) == 0;
	good &= order[0] == 1 && order[1] == 2 && order[2] == 3 && box_latch_trylock(latch) == 1;
	good &= fiber_cond_wait(cond) == 0;
	good &= box_latch_trylock(latch) == 0;
	box_latch_unlock(latch);
	good &= fiber_cond_wait_timeout(cond, 0.001) == -1;
	fiber_cond_broadcast(cond);
	fiber_cond_delete(cond);
	box_latch_delete(latch);
	return good;
}

CHECKS(
	{ "talks to a server", talks_to_a_server },
	{ "notices that it does not answer", times_out },
	{ "cancels a wait", cancels_a_wait },
	{ "runs a fiber of its own", runs_a_fiber_of_its_own },
	{ "reports errors", reports_errors },
	{ "uses memory of the fiber", uses_memory },
	{ "lets fibers wait for each other", synchronises_fibers }
);
