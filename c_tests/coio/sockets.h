/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of sockets in C++ share.
 */
#ifndef CORDAGE_TEST_COIO_SOCKETS_H_INCLUDED
#define CORDAGE_TEST_COIO_SOCKETS_H_INCLUDED

/* Before unit.h, whose macros are everyday words. */
#include <functional>
#include <string>

#include <netinet/tcp.h>
#include <sys/un.h>

#include "fixture.h"
#include "exception.h"

/** Whether `call` throws a Class whose text starts like that. */
template<typename Class>
static bool
throws(const char *text, std::function<void()> call)
{
	try {
		call();
	} catch (Class *e) {
		bool as_expected = strncmp(e->get_errmsg(), text, strlen(text)) == 0 &&
				   diag_last_error(diag_get()) == e &&
				   typeid(*e) == typeid(Class);
		if (!as_expected)
			diag("%s", e->get_errmsg());
		return as_expected;
	} catch (Exception *e) {
		diag("%s: %s", e->type->name, e->get_errmsg());
	}
	return false;
}

static inline int
call_function_f(va_list ap)
{
	std::function<int()> *f = va_arg(ap, std::function<int()> *);
	int result = (*f)();
	return result;
}

/** A fiber that calls a function, which lives until the fiber is joined. */
struct Fiber {
	std::function<int()> function;
	struct fiber *fiber;

	explicit Fiber(std::function<int()> f)
		: function(f)
	{
		fiber = start("fiber", call_function_f, &function);
	}

	int
	join()
	{
		return fiber_join(fiber);
	}
};

struct Pair {
	struct ev_io a, b;

	explicit Pair(int type = SOCK_STREAM)
	{
		int ends[2];
		fail_if(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends) != 0);
		coio_create(&a, ends[0]);
		coio_create(&b, ends[1]);
	}

	~Pair()
	{
		coio_close(loop(), &a);
		coio_close(loop(), &b);
	}
};

static inline void
fill(int fd)
{
	char bytes[4096] = "";
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
}

#endif /* CORDAGE_TEST_COIO_SOCKETS_H_INCLUDED */
