/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on sockets whose failures are errors, and what says so (spec ipc.md 11).
 */
#include "sockets.h"

#include <arpa/inet.h>
#include <signal.h>

static std::string
text_of(const char *address, int port, int family)
{
	struct sockaddr_storage storage;
	memset(&storage, 0, sizeof(storage));
	socklen_t len;
	if (family == AF_INET) {
		struct sockaddr_in *sin = (struct sockaddr_in *)&storage;
		sin->sin_port = htons(port);
		inet_pton(AF_INET, address, &sin->sin_addr);
		len = sizeof(*sin);
	} else if (family == AF_INET6) {
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&storage;
		sin6->sin6_port = htons(port);
		inet_pton(AF_INET6, address, &sin6->sin6_addr);
		len = sizeof(*sin6);
	} else {
		struct sockaddr_un *un = (struct sockaddr_un *)&storage;
		strncpy(un->sun_path, address, sizeof(un->sun_path));
		len = port != 0 ? port : sizeof(*un);
	}
	storage.ss_family = family;
	char text[SERVICE_NAME_MAXLEN];
	int length = sio_addr_snprintf(text, sizeof(text), (struct sockaddr *)&storage, len);
	const char *same = sio_strfaddr((struct sockaddr *)&storage, len);
	return strcmp(text, same) == 0 && length == (int)strlen(text) ? text : "differ";
}

static void
test_addresses()
{
	plan(8);
	ok(text_of("127.0.0.1", 80, AF_INET) == "127.0.0.1:80", "IPv4");
	ok(text_of("::1", 3301, AF_INET6) == "[::1]:3301", "IPv6");
	ok(text_of("/tmp/sock", 0, AF_UNIX) == "unix/:/tmp/sock", "a path");
	ok(text_of("", 2, AF_UNIX) == "unix/:(socket)", "a socket without a path");
	ok(text_of("/tmp/sock", 20, AF_UNIX) == "unix/:(socket)", "a short address");
	std::string path(108, 'p');
	ok(text_of(path.c_str(), 0, AF_UNIX) == "unix/:" + path, "a path that fills its place");
	ok(text_of("", 0, AF_UNSPEC) == "(host):(port)" &&
	   text_of("", 0, 1234) == "(host):(port)", "no address");
	struct sockaddr_in sin;
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	char text[6];
	ok(sio_addr_snprintf(text, sizeof(text), (struct sockaddr *)&sin, sizeof(sin)) == 9 &&
	   strcmp(text, "0.0.0") == 0, "cut, but counted");
	check_plan();
}

static void
test_names()
{
	plan(6);
	errno = EXDEV;
	is(strcmp(sio_socketname(-1), "fd -1"), 0, "no socket");
	ok(strcmp(sio_socketname(0), "fd 0") == 0 && errno == EXDEV, "something else");
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in addr;
	memset(&addr, 0, sizeof(addr));
	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t len = sizeof(addr);
	fail_if(sio_bind(listener, (struct sockaddr *)&addr, sizeof(addr)) != 0);
	fail_if(sio_listen(listener) != 0);
	getsockname(listener, (struct sockaddr *)&addr, &len);
	std::string server = "127.0.0.1:" + std::to_string(ntohs(addr.sin_port));
	std::string name = "fd " + std::to_string(listener) + ", aka " + server;
	is(name, sio_socketname(listener), "a socket with an address");
	int client = sio_socket(AF_INET, SOCK_STREAM, 0);
	fail_if(sio_connect(client, (struct sockaddr *)&addr, sizeof(addr)) != 0);
	struct sockaddr_in own;
	getsockname(client, (struct sockaddr *)&own, &len);
	name = "fd " + std::to_string(client) + ", aka 127.0.0.1:" +
	       std::to_string(ntohs(own.sin_port)) + ", peer of " + server;
	is(name, sio_socketname(client), "and with a peer");
	struct sockaddr_in peer;
	ok(sio_getpeername(client, (struct sockaddr *)&peer, &len) == 0 &&
	   peer.sin_port == addr.sin_port, "who that is");
	struct sockaddr_un un;
	memset(&un, 0, sizeof(un));
	int any = socket(AF_UNIX, SOCK_STREAM, 0);
	name = "fd " + std::to_string(any) + ", aka unix/:(socket)";
	is(name, sio_socketname(any), "a socket without an address");
	close(any);
	close(client);
	close(listener);
	check_plan();
}

/** Whether a call that returns -1 has set that SocketError. */
static bool
sets(int result, const char *text)
{
	struct error *e = diag_last_error(diag_get());
	bool as_expected = result == -1 && e != NULL && e->type == &type_SocketError &&
			   strncmp(e->errmsg, text, strlen(text)) == 0;
	if (!as_expected)
		diag("%d: %s", result, e != NULL ? e->errmsg : "no error");
	diag_clear(diag_get());
	return as_expected;
}

static void
test_set_up()
{
	plan(19);
	ok(sets(sio_socket(-1, SOCK_STREAM, 0), "socket, called on fd -1"), "socket");
	int fd = sio_socket(AF_UNIX, SOCK_STREAM, IPPROTO_TCP);
	ok(fd >= 0, "a protocol does not matter to a path");
	int unconnected = sio_socket(AF_INET, SOCK_STREAM, 0);
	ok(sets(sio_shutdown(unconnected, SHUT_RD), "shutdown, called on fd ") &&
	   errno == ENOTCONN, "shutdown");
	close(unconnected);
	ok(sets(sio_getfl(-1), "fcntl(..., F_GETFL, ...), called on fd -1"), "flags of nothing");
	ok(sets(sio_setfl(-1, O_NONBLOCK, 1), "fcntl(..., F_GETFL, ...)"), "to be set");
	is(sio_setfl(fd, O_NONBLOCK, 1), 0, "a flag is set");
	ok((sio_getfl(fd) & O_NONBLOCK) != 0, "it is");
	ok(sio_setfl(fd, O_NONBLOCK, 0) == 0 && (sio_getfl(fd) & O_NONBLOCK) == 0, "and is not");
	int on = 1;
	socklen_t len = sizeof(on);
	is(sio_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0, "an option is set");
	on = 0;
	ok(sio_getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, &len) == 0 && on == 1, "it is");
	ok(sets(sio_setsockopt(-1, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)),
		"setsockopt(SO_KEEPALIVE), called on fd -1"), "options have names");
	ok(sets(sio_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)),
		"setsockopt(TCP_NODELAY)"), "of TCP");
	ok(sets(sio_getsockopt(-1, SOL_SOCKET, SO_LINGER, &on, &len),
		"getsockopt(SO_LINGER)"), "to be read");
	ok(sets(sio_getsockopt(-1, SOL_SOCKET, SO_RCVBUF, &on, &len),
		"getsockopt(undefined)"), "others have none");
	struct sockaddr_un un;
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	strcpy(un.sun_path, "/nowhere/at/all");
	struct sockaddr *addr = (struct sockaddr *)&un;
	ok(sets(sio_connect(fd, addr, sizeof(un)), "connect to unix/:/nowhere/at/all"),
	   "connect");
	ok(sets(sio_bind(fd, addr, sizeof(un)), "bind"), "bind");
	strcpy(un.sun_path, "sock");
	fail_if(sio_bind(fd, addr, sizeof(un)) != 0);
	int again = sio_socket(AF_UNIX, SOCK_STREAM, 0);
	ok(sio_bind(again, addr, sizeof(un)) == -1 && errno == EADDRINUSE &&
	   diag_is_empty(diag_get()), "an address in use is no error");
	ok(throws<SocketError>("listen, called on fd -1", [] { sio_listen(-1); }), "listen");
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "r");
	int most = SOMAXCONN;
	if (file != NULL) {
		fail_if(fscanf(file, "%d", &most) != 1);
		fclose(file);
	}
	is(sio_listen_backlog(), most, "as long a queue as there may be");
	close(again);
	close(fd);
	unlink("sock");
	check_plan();
}

static void
test_transfer()
{
	plan(15);
	int ends[2];
	fail_if(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0);
	diag_clear(diag_get());
	char text[16];
	errno = 0;
	ok(sio_read(ends[0], text, 1) == -1 && errno == EINTR, "nothing to read is no error");
	is(sio_write(ends[1], "hello", 5), 5, "write");
	struct iovec iov[2] = { { (void *)", ", 2 }, { (void *)"world", 5 } };
	is(sio_writev(ends[1], iov, 2), 7, "writev");
	is(sio_read(ends[0], text, sizeof(text)), 12, "read");
	is(memcmp(text, "hello, world", 12), 0, "what was written");
	is(sio_sendto(ends[1], "x", 1, 0, NULL, 0), 1, "sendto");
	is(sio_recvfrom(ends[0], text, 1, 0, NULL, NULL), 1, "recvfrom");
	is(sio_recvfrom(ends[0], text, 1, 0, NULL, NULL), -1, "nothing to receive is no error");
	fill(ends[1]);
	is(sio_write(ends[1], "x", 1), -1, "nor is a full socket");
	is(sio_writev(ends[1], iov, 2), -1, "for vectors");
	is(sio_sendto(ends[1], "x", 1, 0, NULL, 0), -1, "or for sendto");
	socklen_t len = 0;
	ok(throws<SocketError>("accept, called on fd ",
			       [&] { sio_accept(ends[1], NULL, &len); }), "accept");
	ok(throws<SocketError>("read(3), called on fd -1", [&] { sio_read(-1, text, 3); }) &&
	   throws<SocketError>("write(3), ", [&] { sio_write(-1, text, 3); }) &&
	   throws<SocketError>("writev(2), ", [&] { sio_writev(-1, iov, 2); }) &&
	   throws<SocketError>("sendto(3), ", [&] { sio_sendto(-1, text, 3, 0, NULL, 0); }) &&
	   throws<SocketError>("recvfrom(3), ",
			       [&] { sio_recvfrom(-1, text, 3, 0, NULL, NULL); }),
	   "what failed, and on what");

	/* A connection that was reset. */
	close(ends[0]);
	errno = EXDEV;
	ok(sio_read(ends[1], text, 1) == 0 && errno == 0, "a reset is the end");
	close(ends[1]);

	int listener = sio_socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un un;
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	strcpy(un.sun_path, "sock");
	fail_if(sio_bind(listener, (struct sockaddr *)&un, sizeof(un)) != 0);
	fail_if(sio_listen(listener) != 0 || sio_setfl(listener, O_NONBLOCK, 1) != 0);
	len = sizeof(un);
	is(sio_accept(listener, (struct sockaddr *)&un, &len), -1, "nobody to accept is no error");
	close(listener);
	unlink("sock");
	check_plan();
}

static void *
call_in_thread(void *arg)
{
	(*(std::function<void()> *)arg)();
	return NULL;
}

/** Runs one in a thread that is no cord, and the other here. */
static void
both(std::function<void()> there, std::function<void()> here)
{
	pthread_t thread;
	pthread_create(&thread, NULL, call_in_thread, &there);
	here();
	pthread_join(thread, NULL);
}

static void
write_slowly(int fd, const std::string &data, size_t piece)
{
	for (size_t at = 0; at < data.size(); at += piece) {
		usleep(1000);
		size_t size = piece < data.size() - at ? piece : data.size() - at;
		fail_if(write(fd, data.data() + at, size) != (ssize_t)size);
	}
}

static std::string
read_all(int fd, size_t size)
{
	std::string data(size, '-');
	size_t done = 0;
	while (done < size) {
		ssize_t n = read(fd, &data[done], size - done);
		if (n <= 0)
			break;
		done += n;
	}
	data.resize(done);
	return data;
}

/** These block the thread, although the descriptors do not. */
static void
test_blocking()
{
	plan(15);
	int ends[2];
	fail_if(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0);
	sio_setfl(ends[0], O_NONBLOCK, 1);
	std::string small = "0123456789", large(2 * 1024 * 1024, ' '), copy;
	for (size_t i = 0; i < large.size(); i++)
		large[i] = i * 7 + i / 256;
	char text[16] = "";
	both([&] { write_slowly(ends[1], small, 3); },
	     [&] { is(sio_readn(ends[0], text, 10), 10, "readn waits for all"); });
	is(memcmp(text, "0123456789", 10), 0, "of it");
	fail_if(write(ends[1], "0123456789", 10) != 10);
	is(sio_readn_ahead(ends[0], text, 4, 16), 10, "or takes more");
	both([&] { copy = read_all(ends[1], large.size()); },
	     [&] { is(sio_writen(ends[0], large.data(), large.size()), (ssize_t)large.size(),
		      "writen writes all"); });
	ok(copy == large, "of it");
	struct iovec iov[3] = { { &large[0], 1000 }, { NULL, 0 },
				{ &large[1000], large.size() - 1000 } };
	both([&] { copy = read_all(ends[1], large.size()); },
	     [&] { is(sio_writev_all(ends[0], iov, 3), (ssize_t)large.size(),
		      "writev_all, too"); });
	ok(copy == large, "in order");

	int file = open("file", O_CREAT | O_RDWR, 0600);
	fail_if(write(file, small.data(), small.size()) != 10);
	off_t offset = 2;
	is(sio_sendfile(ends[1], file, &offset, 5), 5, "sendfile");
	ok(offset == 7 && read_all(ends[0], 5) == "23456", "from there on");
	ok(throws<SocketError>("sendfile, called on fd ",
			       [&] { sio_sendfile(ends[1], file, &offset, 5); }),
	   "not enough is an error");
	fail_if(read_all(ends[0], 3) != "789");
	offset = 4;
	both([&] { write_slowly(ends[1], large.substr(0, 20000), 7001); },
	     [&] { is(sio_recvfile(ends[0], file, &offset, 20000), 20000, "recvfile"); });
	copy.resize(20004);
	ok(offset == 20004 && pread(file, &copy[0], copy.size(), 0) == 20004 &&
	   copy == "0123" + large.substr(0, 20000), "to there on");
	fail_if(write(ends[1], "xyz", 3) != 3);
	close(ends[1]);
	ok(throws<SocketError>("read (10), called on fd ",
			       [&] { sio_recvfile(ends[0], file, NULL, 10); }) &&
	   errno == EPIPE, "an early end is an error");
	ok(throws<SocketError>("read (1), called on fd ",
			       [&] { sio_readn(ends[0], text, 1); }), "for readn, too");
	ok(throws<SocketError>("write (1), called on fd ",
			       [&] { sio_writen(ends[0], text, 1); }) &&
	   throws<SocketError>("writev(3), called on fd ",
			       [&] { sio_writev_all(ends[0], iov, 3); }) &&
	   throws<SocketError>("lseek, called on fd ", [&] {
		   offset = -1;
		   sio_recvfile(ends[0], file, &offset, 1);
	   }), "and all else");
	close(ends[0]);
	close(file);
	unlink("file");
	check_plan();
}

static void
test_inlines()
{
	plan(4);
	char bytes[30];
	struct iovec iov[3] = { { bytes, 10 }, { bytes + 10, 10 }, { bytes + 20, 10 } };
	size_t offset = 0;
	ok(sio_move_iov(iov, 5, &offset) == 0 && offset == 5, "a part of a vector");
	ok(sio_move_iov(iov, 5, &offset) == 1 && offset == 0, "the rest of it");
	ok(sio_move_iov(iov + 1, 13, &offset) == 1 && offset == 3, "one and a part");
	sio_add_to_iov(&iov[2], -offset);
	bool moved = iov[2].iov_base == bytes + 23 && iov[2].iov_len == 7;
	sio_add_to_iov(&iov[2], offset);
	ok(moved && iov[2].iov_base == bytes + 20 && iov[2].iov_len == 10,
	   "a vector is moved, and moved back");
	check_plan();
}

static int
main_f(va_list)
{
	signal(SIGPIPE, SIG_IGN);
	plan(6);
	test_addresses();
	test_names();
	test_set_up();
	test_transfer();
	test_blocking();
	test_inlines();
	return check_plan();
}

int
main()
{
	return run_main_fiber(main_f, fiber_cxx_invoke);
}
