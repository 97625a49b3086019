/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layouts of what programs compiled with other headers share with us (spec ipc.md 8.1, 10.1,
 * 12.1).
 */
#include "coio.h"
#include "coio_task.h"
#include "unit.h"

/* Anonymous structs are an extension of C++, for which offsetof works as well. */
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

#define AT(type, field, offset, size)						\
	is(__builtin_offsetof(type, field), (size_t)offset, #type " " #field);	\
	is(sizeof(((type *)0)->field), (size_t)size, #type " " #field " size")

int
main()
{
	plan(119);
	is(sizeof(struct eio_req), 176u, "struct eio_req");
	AT(struct eio_req, next, 0, 8);
	AT(struct eio_req, pool_user, 8, 8);
	AT(struct eio_req, wd, 16, 8);
	AT(struct eio_req, result, 24, 8);
	AT(struct eio_req, offs, 32, 8);
	AT(struct eio_req, size, 40, 8);
	AT(struct eio_req, ptr1, 48, 8);
	AT(struct eio_req, ptr2, 56, 8);
	AT(struct eio_req, nv1, 64, 8);
	AT(struct eio_req, nv2, 72, 8);
	AT(struct eio_req, int1, 80, 4);
	AT(struct eio_req, int2, 88, 8);
	AT(struct eio_req, int3, 96, 8);
	AT(struct eio_req, errorno, 104, 4);
	AT(struct eio_req, flags, 108, 1);
	AT(struct eio_req, type, 109, 1);
	AT(struct eio_req, pri, 110, 1);
	AT(struct eio_req, cancelled, 111, 1);
	AT(struct eio_req, data, 112, 8);
	AT(struct eio_req, finish, 120, 8);
	AT(struct eio_req, destroy, 128, 8);
	AT(struct eio_req, feed, 136, 8);
	AT(struct eio_req, grp, 144, 8);
	AT(struct eio_req, grp_prev, 152, 8);
	AT(struct eio_req, grp_next, 160, 8);
	AT(struct eio_req, grp_first, 168, 8);

	is(sizeof(struct coio_task), 232u, "struct coio_task");
	AT(struct coio_task, base, 0, 176);
	AT(struct coio_task, fiber, 176, 8);
	AT(struct coio_task, task_cb, 184, 8);
	AT(struct coio_task, timeout_cb, 192, 8);
	AT(struct coio_task, call_cb, 184, 8);
	AT(struct coio_task, ap, 192, 24);
	AT(struct coio_task, complete, 216, 4);
	AT(struct coio_task, diag, 224, 8);

	is(sizeof(struct evio_service), 1696u, "struct evio_service");
	AT(struct evio_service, name, 0, 200);
	AT(struct evio_service, host, 200, 1025);
	AT(struct evio_service, serv, 1225, 256);
	AT(struct evio_service, addr, 1488, 16);
	AT(struct evio_service, addrstorage, 1488, 128);
	AT(struct evio_service, addr_len, 1616, 4);
	AT(struct evio_service, on_accept, 1624, 8);
	AT(struct evio_service, on_accept_param, 1632, 8);
	AT(struct evio_service, ev, 1640, 48);
	AT(struct evio_service, loop, 1688, 8);

	is(sizeof(struct coio_service), 1712u, "struct coio_service");
	AT(struct coio_service, evio_service, 0, 1696);
	AT(struct coio_service, handler, 1696, 8);
	AT(struct coio_service, handler_param, 1704, 8);

	is(sizeof(struct uri), 136u, "struct uri");
	AT(struct uri, scheme, 0, 8);
	AT(struct uri, login, 16, 8);
	AT(struct uri, password, 32, 8);
	AT(struct uri, host, 48, 8);
	AT(struct uri, service, 64, 8);
	AT(struct uri, service_len, 72, 8);
	AT(struct uri, path, 80, 8);
	AT(struct uri, query, 96, 8);
	AT(struct uri, fragment, 112, 8);
	AT(struct uri, host_hint, 128, 4);
	return check_plan();
}
