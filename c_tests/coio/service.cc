/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services: binding, accepting, a fiber for each connection (spec ipc.md 10, 12.4).
 */
#include "sockets.h"

#include <sys/stat.h>

static int accepted, accept_family, accept_throws, accept_stops;

static void
on_accept(struct evio_service *service, int fd, struct sockaddr *addr, socklen_t)
{
	accepted++;
	accept_family = addr->sa_family;
	fail_if(service->on_accept_param != &accepted);
	if (accept_throws)
		tnt_raise(SystemError, "not today");
	close(fd);
	if (accept_stops)
		evio_service_stop(service);
}

static void
test_bind()
{
	plan(20);
	struct evio_service service, other;
	evio_service_init(loop(), &service, "first", on_accept, &accepted);
	ok(!evio_service_is_active(&service) && strcmp(service.name, "first") == 0,
	   "a service is not active at first");
	std::string log = logged([&] { evio_service_stop(&service); });
	is(log, "first: stopped\n", "and can be stopped all the same");

	evio_service_init(loop(), &service, "first", on_accept, &accepted);
	log = logged([&] { evio_service_bind(&service, "127.0.0.1:0"); });
	is(log, "first: bound to 127.0.0.1:0\n", "bound, as the log says");
	ok(evio_service_is_active(&service) && !ev_is_active(&service.ev), "but it does not listen");
	ok(strcmp(service.host, "127.0.0.1") == 0 && strcmp(service.serv, "0") == 0 &&
	   service.addr.sa_family == AF_INET && service.addr_len == sizeof(struct sockaddr_in),
	   "it knows where it is");
	int on = 0;
	socklen_t len = sizeof(on);
	struct linger linger = { 1, 1 };
	socklen_t linger_len = sizeof(linger);
	ok((fcntl(service.ev.fd, F_GETFL) & O_NONBLOCK) != 0 &&
	   getsockopt(service.ev.fd, SOL_SOCKET, SO_REUSEADDR, &on, &len) == 0 && on == 1 &&
	   getsockopt(service.ev.fd, SOL_SOCKET, SO_LINGER, &linger, &linger_len) == 0 &&
	   linger.l_onoff == 0 &&
	   getsockopt(service.ev.fd, IPPROTO_TCP, TCP_KEEPCNT, &on, &len) == 0 && on == 5 &&
	   getsockopt(service.ev.fd, IPPROTO_TCP, TCP_KEEPIDLE, &on, &len) == 0 && on == 30 &&
	   getsockopt(service.ev.fd, IPPROTO_TCP, TCP_KEEPINTVL, &on, &len) == 0 && on == 60,
	   "with the options of a server");
	evio_service_listen(&service);
	ok(ev_is_active(&service.ev), "now it listens");

	/* The same address again. */
	std::string address = address_of(&service);
	evio_service_init(loop(), &other, "second", on_accept, &accepted);
	bool thrown = false;
	log = logged([&] {
		thrown = throws<SocketError>("second: failed to bind, called on fd -1", [&] {
			evio_service_bind(&other, address.c_str());
		});
	});
	ok(thrown && errno == EADDRINUSE, "an address is in use");
	std::string start = "second: failed to bind on " + address +
			    ": evio_service_reuse_addr, called on fd ";
	is(log.compare(0, start.size(), start), 0, "the log says which");
	is(other.ev.fd, -1, "nothing is left");
	logged([&] { evio_service_stop(&service); });
	ok(!evio_service_is_active(&service), "stopped");
	log = logged([&] { evio_service_bind(&other, address.c_str()); });
	is(log, "second: bound to " + address + "\n", "then others may have it");
	logged([&] { evio_service_stop(&other); });

	for (const char *uri : { "*:0", "0", ":0" }) {
		evio_service_init(loop(), &service, "any", on_accept, &accepted);
		logged([&] { evio_service_bind(&service, uri); });
		ok(evio_service_is_active(&service), "%s is any host", uri);
		logged([&] { evio_service_stop(&service); });
	}
	ok(throws<SocketError>("invalid uri for bind: host, called on fd -1",
			       [&] { evio_service_bind(&service, "host"); }), "no port");
	ok(throws<SocketError>("invalid uri for bind: a b c, called on fd -1",
			       [&] { evio_service_bind(&service, "a b c"); }), "no URI");
	ok(throws<SocketError>("can't resolve uri for bind, called on fd -1",
			       [&] { evio_service_bind(&service, "*:no-port"); }),
	   "no such port");
	log = logged([&] {
		thrown = throws<SocketError>("any: failed to bind, called on fd -1", [&] {
			evio_service_bind(&service, "192.0.2.1:0");
		});
	});
	ok(thrown && log.find("any: failed to bind on 192.0.2.1:0: bind, called on fd ") == 0,
	   "no address of this machine");
	ok(throws<SocketError>("listen, called on fd -1",
			       [&] { evio_service_listen(&service); }), "not bound");
	check_plan();
}

static void
test_path()
{
	plan(8);
	struct evio_service service, other;
	struct stat st;
	evio_service_init(loop(), &service, "first", on_accept, &accepted);
	std::string log = logged([&] { evio_service_bind(&service, "unix/:sock"); });
	is(log, "first: bound to unix/:sock\n", "a path");
	evio_service_listen(&service);
	evio_service_init(loop(), &other, "second", on_accept, &accepted);
	ok(throws<SocketError>("unlink, called on fd ",
			       [&] { evio_service_bind(&other, "unix/:sock"); }) &&
	   errno == EADDRINUSE && other.ev.fd == -1, "is in use");
	logged([&] { evio_service_stop(&service); });
	ok(stat("sock", &st) == -1 && errno == ENOENT, "stopped, the path is gone");

	/* As somebody leaves it who was killed. */
	struct sockaddr_un un;
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	strcpy(un.sun_path, "sock");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	fail_if(bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0);
	close(fd);
	log = logged([&] { evio_service_bind(&other, "unix/:sock"); });
	is(log, "second: bound to unix/:sock\n", "a path that nobody listens on is taken over");
	accepted = 0;
	evio_service_listen(&other);
	struct ev_io client;
	connect_to(&client, "unix/:sock");
	ok(eventually(accepted == 1) && accept_family == AF_UNIX, "and is listened on");
	coio_close(loop(), &client);
	logged([&] { evio_service_stop(&other); });

	fail_if(close(creat("file", 0600)) != 0);
	ok(throws<SocketError>("unlink, called on fd ",
			       [&] { evio_service_bind(&service, "unix/:file"); }) &&
	   stat("file", &st) == 0, "what is no socket is left alone");
	unlink("file");
	ok(throws<SocketError>("bind, called on fd ", [&] {
		evio_service_bind(&service, "unix/:/nowhere/at/all");
	}) && errno == ENOENT, "no directory");
	std::string path(300, 'x');
	log = logged([&] {
		try {
			evio_service_bind(&service, ("unix/:" + path).c_str());
			evio_service_stop(&service);
		} catch (SocketError *) {
		}
	});
	is(log, "first: bound to unix/:" + path.substr(0, 107) + "\nfirst: stopped\n",
	   "a path is cut to what an address can hold");
	check_plan();
}

static void
test_accept()
{
	plan(8);
	struct evio_service service;
	evio_service_init(loop(), &service, "service", on_accept, &accepted);
	logged([&] { evio_service_bind(&service, "127.0.0.1:0"); });
	evio_service_listen(&service);
	std::string address = address_of(&service);
	accepted = 0;
	struct ev_io clients[10];
	for (int i = 0; i < 10; i++)
		connect_to(&clients[i], address);
	ok(eventually(accepted == 10), "all connections are accepted");
	is(accept_family, AF_INET, "with the address of the peer");
	char byte;
	is(coio_read(&clients[0], &byte, 1), 0, "they are the program's, which has closed this");
	for (int i = 0; i < 10; i++)
		coio_close(loop(), &clients[i]);

	accept_throws = 1;
	std::string log = logged([&] {
		connect_to(&clients[0], address);
		fail_unless(eventually(accepted == 11));
		is(coio_read(&clients[0], &byte, 1), 0, "if the program throws, it is closed");
		coio_close(loop(), &clients[0]);
	});
	ok(log.find("not today") != std::string::npos, "and the error logged");
	accept_throws = 0;
	connect_to(&clients[0], address);
	ok(eventually(accepted == 12), "the next is accepted");
	coio_close(loop(), &clients[0]);

	accept_stops = 1;
	log = logged([&] {
		connect_to(&clients[0], address);
		fail_unless(eventually(accepted == 13));
		coio_close(loop(), &clients[0]);
	});
	is(log, "service: stopped\n", "a service may be stopped by its own callback");
	accept_stops = 0;
	ok(throws<SocketError>("connect", [&] { connect_to(&clients[0], address); }),
	   "nobody listens then");
	check_plan();
}

static int echoes, echo_right;
static char handler_name[FIBER_NAME_MAX + 1];

static int
echo_f(va_list ap)
{
	struct ev_io coio = va_arg(ap, struct ev_io);
	struct sockaddr *addr = va_arg(ap, struct sockaddr *);
	socklen_t addrlen = va_arg(ap, socklen_t);
	void *param = va_arg(ap, void *);
	strcpy(handler_name, fiber_name(fiber()));
	std::string expected = std::string("echo/") + sio_strfaddr(addr, addrlen);
	echo_right += param == &echoes && coio.data == fiber() && addr->sa_family == AF_INET &&
		      expected.substr(0, FIBER_NAME_MAX) == handler_name;
	echoes++;
	try {
		char byte;
		while (coio_read(&coio, &byte, 1) == 1)
			coio_write(&coio, &byte, 1);
	} catch (Exception *) {
		diag_clear(diag_get());
	}
	coio_close(loop(), &coio);
	echoes--;
	return 0;
}

static void
test_service()
{
	plan(5);
	struct coio_service service;
	coio_service_init(&service, "echo", echo_f, &echoes);
	logged([&] { coio_service_start(&service.evio_service, "127.0.0.1:0"); });
	std::string address = address_of(&service.evio_service);
	enum { CLIENTS = 50 };
	Fiber *fibers[CLIENTS];
	int right = 0;
	for (int i = 0; i < CLIENTS; i++) {
		fibers[i] = new Fiber([=] {
			struct ev_io client;
			connect_to(&client, address);
			char text[8] = "";
			for (int j = 0; j < 20; j++) {
				coio_write(&client, "abc", 3);
				coio_readn(&client, text, 3);
			}
			coio_close(loop(), &client);
			return strcmp(text, "abc") == 0 ? 0 : -1;
		});
	}
	for (int i = 0; i < CLIENTS; i++) {
		right += fibers[i]->join() == 0;
		delete fibers[i];
	}
	is(right, CLIENTS, "each connection has a fiber that answers");
	is(echo_right, CLIENTS, "with its arguments");
	ok(eventually(echoes == 0), "it ends with the connection");

	std::string log = logged([&] { evio_service_stop(&service.evio_service); });
	is(log, "echo: stopped\n", "the end");
	struct ev_io client;
	ok(throws<SocketError>("connect", [&] { connect_to(&client, address); }),
	   "nobody listens then");
	check_plan();
}

static int
test()
{
	plan(4);
	test_bind();
	test_path();
	test_accept();
	test_service();
	return check_plan();
}

int
main()
{
	return run_coio_with(test, fiber_cxx_invoke);
}
