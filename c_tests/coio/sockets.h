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

/** What went to the log meanwhile. */
static inline std::string
logged(std::function<void()> call)
{
	fflush(stdout);
	int saved = dup(STDERR_FILENO), log = open("log", O_CREAT | O_TRUNC | O_RDWR, 0600);
	dup2(log, STDERR_FILENO);
	call();
	dup2(saved, STDERR_FILENO);
	std::string text(4096, '\0');
	ssize_t n = pread(log, &text[0], text.size(), 0);
	text.resize(n < 0 ? 0 : n);
	close(log);
	close(saved);
	unlink("log");
	return text;
}

/** Where a service that was bound to port 0 is. */
static inline std::string
address_of(struct evio_service *service)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	fail_if(getsockname(service->ev.fd, (struct sockaddr *)&addr, &len) != 0);
	return sio_strfaddr((struct sockaddr *)&addr, len);
}

/** A watcher that is connected. */
static inline void
connect_to(struct ev_io *coio, const std::string &text)
{
	struct uri uri;
	fail_if(uri_parse(&uri, text.c_str()) != 0);
	coio_create(coio, -1);
	coio_connect(coio, &uri, NULL, NULL);
}

#endif /* CORDAGE_TEST_COIO_SOCKETS_H_INCLUDED */
