/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls on sockets that block one fiber, and throw (spec ipc.md 12).
 */
#include "sockets.h"
#include "coio_buf.h"

#include <arpa/inet.h>
#include <signal.h>

static void
test_read()
{
	plan(14);
	Pair pair;
	char text[32] = "";
	Fiber reader([&] { return coio_read(&pair.a, text, 3) == 3 ? 0 : -1; });
	fiber_sleep(0);
	ok(!fiber_is_dead(reader.fiber) && pair.a.data == reader.fiber,
	   "a read waits, and the watcher knows for whom");
	fail_if(write(pair.b.fd, "ab", 2) != 2);
	fiber_sleep(0.01);
	ok(!fiber_is_dead(reader.fiber), "also for the rest");
	fiber_wakeup(reader.fiber);
	fiber_sleep(0);
	ok(!fiber_is_dead(reader.fiber), "whatever wakes it");
	fail_if(write(pair.b.fd, "cdefg", 5) != 5);
	is(reader.join(), 0, "until there is enough");
	ok(strcmp(text, "abc") == 0 && pair.a.data == NULL && !ev_is_active(&pair.a),
	   "as much as was asked for, and the watcher is at rest");
	is(coio_read_ahead(&pair.a, text, 1, sizeof(text)), 4, "or as much as there is");
	is(coio_read(&pair.a, text, 0), 0, "nothing is there at once");

	fail_if(write(pair.b.fd, "xy", 2) != 2);
	fail_if(shutdown(pair.b.fd, SHUT_WR) != 0);
	errno = EXDEV;
	ok(coio_read_timeout(&pair.a, text, 5, 100) == 2 && errno == 0,
	   "the end of the stream is less, and no error");
	is(coio_read(&pair.a, text, 5), 0, "again");

	Pair other;
	fail_if(write(other.b.fd, "xy", 2) != 2);
	fail_if(shutdown(other.b.fd, SHUT_WR) != 0);
	ok(throws<SocketError>("unexpected EOF when reading from socket, called on fd ",
			       [&] { coio_readn(&other.a, text, 5); }) && errno == EPIPE,
	   "unless all of it was wanted");
	Pair third;
	fail_if(write(third.b.fd, "0123456789", 10) != 10);
	is(coio_readn_ahead(&third.a, text, 4, 8), 8, "all, and more");
	is(coio_readn_ahead_timeout(&third.a, text, 2, 8, 100), 2, "all there is");
	double begin = fiber_clock();
	ok(throws<TimedOut>("timed out",
			    [&] { coio_read_timeout(&third.a, text, 1, 0.02); }) &&
	   fiber_clock() - begin >= 0.02, "a timeout is an error");
	ok(throws<TimedOut>("timed out",
			    [&] { coio_readn_ahead_timeout(&third.a, text, 1, 1, 0); }),
	   "no time, too");
	check_plan();
}

static void
test_write()
{
	plan(9);
	Pair pair;
	enum { SIZE = 3 * 1024 * 1024 };
	std::string data(SIZE, ' '), copy(SIZE, '-');
	for (int i = 0; i < SIZE; i++)
		data[i] = i * 7 + i / 256;
	is(coio_write_timeout(&pair.a, "", 0, 0), 0, "nothing is written at once");
	Fiber writer([&] {
		return coio_write_timeout(&pair.a, data.data(), SIZE, 100) == SIZE ? 0 : -1;
	});
	ok(!fiber_is_dead(writer.fiber) && pair.a.data == writer.fiber, "a write waits");
	fiber_wakeup(writer.fiber);
	is(coio_readn(&pair.b, &copy[0], SIZE), SIZE, "until all is read");
	is(writer.join(), 0, "and returns how much it was");
	ok(data == copy, "all of it");

	fill(pair.a.fd);
	ok(throws<TimedOut>("timed out",
			    [&] { coio_write_timeout(&pair.a, "x", 1, 0.02); }),
	   "a timeout is an error");
	Fiber cancelled([&] {
		return throws<FiberIsCancelled>("fiber is cancelled", [&] {
			coio_write(&pair.a, "x", 1);
		}) ? 0 : -1;
	});
	fiber_cancel(cancelled.fiber);
	is(cancelled.join(), 0, "so is a cancel");
	Fiber early([&] {
		fiber_cancel(fiber());
		return throws<FiberIsCancelled>("fiber is cancelled", [&] {
			coio_write(&pair.a, "x", 1);
		}) ? fiber()->csw : -1;
	});
	ok(fiber_is_dead(early.fiber), "who is cancelled already does not wait");
	diag_clear(diag_get());
	early.join();

	/* The peer vanishes in the middle. */
	Fiber left([&] {
		return throws<SocketError>("write(", [&] {
			coio_write(&pair.a, data.data(), SIZE);
		}) && errno == EPIPE ? 0 : -1;
	});
	coio_close(loop(), &pair.b);
	is(left.join(), 0, "who writes to nobody hears of it");
	check_plan();
}

static void
test_writev()
{
	plan(8);
	Pair pair;
	enum { VECTORS = 2500, SIZE = 997 };
	std::string data(SIZE, ' '), copy;
	for (int i = 0; i < SIZE; i++)
		data[i] = 'a' + i % 26;
	static struct iovec iov[VECTORS], before[VECTORS];
	size_t total = 0;
	for (int i = 0; i < VECTORS; i++) {
		iov[i].iov_base = &data[0];
		iov[i].iov_len = i % 5 == 0 ? 0 : SIZE - i % 13;
		total += iov[i].iov_len;
	}
	memcpy(before, iov, sizeof(iov));
	Fiber writer([&] {
		return coio_writev(&pair.a, iov, VECTORS, 0) == (ssize_t)total ? 0 : -1;
	});
	ok(!fiber_is_dead(writer.fiber), "vectors wait");
	is(memcmp(before, iov, sizeof(iov)), 0, "and are as they were meanwhile");
	copy.resize(total);
	coio_readn(&pair.b, &copy[0], total);
	is(writer.join(), 0, "until all are written");
	is(memcmp(before, iov, sizeof(iov)), 0, "they are as they were");
	bool same = true;
	size_t at = 0;
	for (int i = 0; i < VECTORS; i++) {
		same = same && memcmp(&copy[at], &data[0], iov[i].iov_len) == 0;
		at += iov[i].iov_len;
	}
	ok(same, "the bytes");
	is(coio_writev(&pair.a, iov, 0, 0), 0, "no vectors are nothing");
	size_t first = iov[1].iov_len;
	is(coio_writev_timeout(&pair.a, iov + 1, 1, first, 100), (ssize_t)first,
	   "with the size known before");
	fill(pair.a.fd);
	ok(throws<TimedOut>("timed out",
			    [&] { coio_writev_timeout(&pair.a, iov, 3, 0, 0.01); }),
	   "a timeout is an error");
	check_plan();
}

static void
test_datagrams()
{
	plan(7);
	int fds[2];
	struct sockaddr_in addrs[2], from;
	struct ev_io coio[2];
	for (int i = 0; i < 2; i++) {
		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		memset(&addrs[i], 0, sizeof(addrs[i]));
		addrs[i].sin_family = AF_INET;
		addrs[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		socklen_t len = sizeof(addrs[i]);
		fail_if(bind(fds[i], (struct sockaddr *)&addrs[i], len) != 0);
		fail_if(getsockname(fds[i], (struct sockaddr *)&addrs[i], &len) != 0);
		coio_create(&coio[i], fds[i]);
	}
	char text[16] = "";
	Fiber receiver([&] {
		return coio_recvfrom_timeout(&coio[1], text, sizeof(text), 0,
					     (struct sockaddr *)&from, sizeof(from), 100);
	});
	ok(!fiber_is_dead(receiver.fiber), "waits for a datagram");
	is(coio_sendto_timeout(&coio[0], "hello", 5, 0, (struct sockaddr *)&addrs[1],
			       sizeof(addrs[1]), 100), 5, "one is sent");
	is(receiver.join(), 5, "and received");
	diag_clear(diag_get());
	is(strcmp(text, "hello"), 0, "the bytes");
	is(from.sin_port, addrs[0].sin_port, "and from where");
	fail_if(coio_sendto_timeout(&coio[0], "", 0, 0, (struct sockaddr *)&addrs[1],
				    sizeof(addrs[1]), 100) != 0);
	is(coio_recvfrom_timeout(&coio[1], text, sizeof(text), 0, (struct sockaddr *)&from,
				 sizeof(from), 100), 0, "an empty one is one, too");
	ok(throws<TimedOut>("timed out", [&] {
		coio_recvfrom_timeout(&coio[1], text, sizeof(text), 0,
				      (struct sockaddr *)&from, sizeof(from), 0.01);
	}), "there is no other");
	coio_close(loop(), &coio[0]);
	coio_close(loop(), &coio[1]);
	check_plan();
}

static void
test_end()
{
	plan(9);
	Pair pair;
	char text[8];
	Fiber early([&] {
		fiber_cancel(fiber());
		return throws<FiberIsCancelled>("fiber is cancelled", [&] {
			coio_read(&pair.a, text, 1);
		}) ? 0 : -1;
	});
	ok(fiber_is_dead(early.fiber) && early.join() == 0,
	   "who is cancelled already does not wait");
	Fiber cancelled([&] {
		return throws<FiberIsCancelled>("fiber is cancelled", [&] {
			coio_read(&pair.a, text, 1);
		}) && pair.a.data == NULL && !ev_is_active(&pair.a) ? 0 : -1;
	});
	fiber_cancel(cancelled.fiber);
	is(cancelled.join(), 0, "a cancel ends a read, and its watcher");

	/* The descriptor is closed, and its number used again. */
	int fd = pair.a.fd;
	Fiber closed([&] {
		return throws<SocketError>("coio_read: closed while waiting", [&] {
			coio_read(&pair.a, text, 1);
		}) && errno == EBADF ? 0 : -1;
	});
	coio_close(fd);
	int again[2];
	fail_if(pipe(again) != 0);
	fail_if(write(again[1], "xyz", 3) != 3);
	is(again[0], fd, "a descriptor is closed under a read, and its number used again");
	is(closed.join(), 0, "the read hears of it");
	is(read(again[0], text, 8), 3, "and leaves the other descriptor alone");
	close(again[1]);
	close(again[0]);
	pair.a.fd = -1;

	Pair other;
	Fiber also([&] {
		return throws<SocketError>("coio_read: closed while waiting", [&] {
			coio_read(&other.a, text, 1);
		}) ? 0 : -1;
	});
	coio_close(loop(), &other.a);
	is(also.join(), 0, "the same if the watcher is closed");
	is(other.a.fd, -1, "which has no descriptor then");
	coio_close(loop(), &other.a);
	ok(throws<SocketError>("read(1), called on fd -1",
			       [&] { coio_read(&other.a, text, 1); }),
	   "there is nothing to be read there");

	/* A reset counts as the end. */
	Pair third;
	fail_if(write(third.a.fd, "unread", 6) != 6);
	coio_close(loop(), &third.b);
	errno = EXDEV;
	ok(coio_read(&third.a, text, 1) == 0 && errno == 0, "a peer that vanishes has ended");
	check_plan();
}

static struct sockaddr_in
listening(int *fd, int backlog)
{
	struct sockaddr_in addr;
	memset(&addr, 0, sizeof(addr));
	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t len = sizeof(addr);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	fail_if(bind(*fd, (struct sockaddr *)&addr, len) != 0 ||
		(backlog >= 0 && listen(*fd, backlog) != 0) ||
		getsockname(*fd, (struct sockaddr *)&addr, &len) != 0);
	return addr;
}

static int
connect_to(struct ev_io *coio, const std::string &text, ev_tstamp timeout,
	   struct sockaddr *addr = NULL, socklen_t *addr_len = NULL)
{
	struct uri uri;
	fail_if(uri_parse(&uri, text.c_str()) != 0);
	return coio_connect_timeout(coio, &uri, addr, addr_len, timeout);
}

static void
test_connect()
{
	plan(18);
	int listener;
	struct sockaddr_in addr = listening(&listener, 10), found, peer;
	std::string port = std::to_string(ntohs(addr.sin_port));
	struct ev_io server, client;
	coio_create(&server, listener);
	coio_create(&client, -1);
	socklen_t found_len = sizeof(found);
	int accepted = -1;
	Fiber acceptor([&] {
		accepted = coio_accept(&server, (struct sockaddr *)&peer, sizeof(peer), 100);
		return 0;
	});
	ok(!fiber_is_dead(acceptor.fiber), "accepting waits");
	is(connect_to(&client, "127.0.0.1:" + port, 100, (struct sockaddr *)&found,
		      &found_len), 0, "connecting to a number");
	ok(found_len == sizeof(found) && memcmp(&found, &addr, sizeof(addr)) == 0,
	   "the address");
	is(acceptor.join(), 0, "and a connection is accepted");
	int on = 0;
	socklen_t len = sizeof(on);
	ok((fcntl(accepted, F_GETFL) & O_NONBLOCK) != 0 &&
	   getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, &len) == 0 && on == 1 &&
	   getsockopt(accepted, SOL_SOCKET, SO_KEEPALIVE, &on, &len) == 0 && on == 1 &&
	   getsockopt(accepted, IPPROTO_TCP, TCP_KEEPIDLE, &on, &len) == 0 && on == 30,
	   "with the options of a client");
	getsockname(client.fd, (struct sockaddr *)&found, &found_len);
	is(peer.sin_port, found.sin_port, "and the address of the peer");
	char text[8];
	struct ev_io other;
	coio_create(&other, accepted);
	coio_write(&client, "hello", 5);
	is(coio_readn(&other, text, 5), 5, "they talk");
	coio_close(loop(), &client);
	coio_close(loop(), &other);

	is(connect_to(&client, "localhost:" + port, 100), 0, "connecting to a name");
	ok(throws<TimedOut>("timed out", [&] {
		coio_close(coio_accept(&server, (struct sockaddr *)&peer, sizeof(peer), 100));
		coio_accept(&server, (struct sockaddr *)&peer, sizeof(peer), 0.01);
	}), "accepting gives up");
	coio_close(loop(), &client);

	int nobody;
	struct sockaddr_in closed = listening(&nobody, -1);
	std::string closed_port = std::to_string(ntohs(closed.sin_port));
	ok(throws<SocketError>("connect", [&] {
		connect_to(&client, "127.0.0.1:" + closed_port, 100);
	}) && errno == ECONNREFUSED && client.fd == -1, "nobody listens");
	close(nobody);

	/* A queue that is full: nobody answers. The kernel makes room for one or two. */
	int full;
	struct sockaddr_in busy = listening(&full, 0);
	std::string busy_port = std::to_string(ntohs(busy.sin_port));
	struct ev_io queued[4];
	int timeouts = 0;
	for (int i = 0; i < 4; i++) {
		coio_create(&queued[i], -1);
		try {
			connect_to(&queued[i], "127.0.0.1:" + busy_port, 0.05);
		} catch (TimedOut *) {
			timeouts += queued[i].fd == -1;
		}
	}
	ok(timeouts >= 2, "nobody answers: the socket is closed");
	Fiber cancelled([&] {
		return throws<FiberIsCancelled>("fiber is cancelled", [&] {
			connect_to(&client, "127.0.0.1:" + busy_port, 100);
		}) ? 0 : -1;
	});
	ok(!fiber_is_dead(cancelled.fiber), "connecting waits");
	fiber_cancel(cancelled.fiber);
	is(cancelled.join(), 0, "until it is cancelled");
	for (int i = 0; i < 4; i++)
		coio_close(loop(), &queued[i]);
	close(full);

	/* The port is looked at first: nobody is asked for the host. */
	ok(throws<SystemError>("getaddrinfo: ",
			       [&] { connect_to(&client, "host:no-port", 100); }) &&
	   errno == EIO && client.fd == -1, "no such port");
	ok(throws<SocketError>("connect to unix/:/nowhere/at/all", [&] {
		connect_to(&client, "unix/:/nowhere/at/all", 100);
	}) && errno == ENOENT && client.fd == -1, "no such path");

	struct sockaddr_un un;
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	strcpy(un.sun_path, "sock");
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	fail_if(bind(local, (struct sockaddr *)&un, sizeof(un)) != 0 || listen(local, 1) != 0);
	socklen_t short_len = 4;
	char short_addr[8] = { 0, 0, 0, 0, 'x' };
	is(connect_to(&client, "unix/:sock", 100, (struct sockaddr *)short_addr, &short_len), 0,
	   "connecting to a path");
	ok(short_len == 4 && memcmp(short_addr + 2, "sox", 3) == 0,
	   "the address is cut to the room for it");
	coio_close(loop(), &client);
	close(local);
	unlink("sock");
	coio_close(loop(), &server);
	ok(eventually(eio_nreqs() == 0), "nothing is left");
	check_plan();
}

static void
test_buffer()
{
	plan(6);
	Pair pair;
	struct ibuf buf;
	ibuf_create(&buf, cord_slab_cache(), 1024);
	fail_if(write(pair.b.fd, "0123456789", 10) != 10);
	is(coio_bread(&pair.a, &buf, 4), 10, "at least as much as asked for, and what there is");
	is(ibuf_used(&buf), 10, "is in the buffer");
	std::string more(5000, 'x');
	fail_if(write(pair.b.fd, more.data(), more.size()) != (ssize_t)more.size());
	ok(coio_breadn(&pair.a, &buf, 5000) == 5000 && ibuf_used(&buf) == 5010 &&
	   memcmp(buf.rpos, "0123456789xxx", 13) == 0, "the buffer grows");
	ok(throws<TimedOut>("timed out", [&] { coio_bread_timeout(&pair.a, &buf, 1, 0); }),
	   "timeouts");
	coio_close(loop(), &pair.b);
	ok(throws<SocketError>("unexpected EOF when reading from socket",
			       [&] { coio_breadn_timeout(&pair.a, &buf, 1, 100); }),
	   "and ends are the socket's");
	is(ibuf_used(&buf), 5010, "then nothing is added");
	ibuf_destroy(&buf);
	check_plan();
}

/** Many fibers, each with its own socket, that pass a growing message around. */
static void
test_traffic()
{
	plan(1);
	enum { PAIRS = 30, ROUNDS = 50 };
	int right = 0;
	std::function<int(struct ev_io *, bool)> talk = [](struct ev_io *coio, bool first) {
		std::string text(first ? 1 : 0, 'm');
		for (int i = 0; i < ROUNDS; i++) {
			if (i > 0 || !first) {
				uint32_t size;
				coio_readn(coio, &size, sizeof(size));
				text.resize(size);
				coio_readn(coio, &text[0], size);
			}
			text += std::string(first ? 100 : 7, 'm');
			uint32_t size = text.size();
			struct iovec iov[2] = { { &size, sizeof(size) }, { &text[0], size } };
			coio_writev(coio, iov, 2, 0);
		}
		return (int)text.size();
	};
	Pair *pairs[PAIRS];
	Fiber *fibers[2 * PAIRS];
	for (int i = 0; i < PAIRS; i++) {
		Pair *pair = pairs[i] = new Pair;
		fibers[2 * i] = new Fiber([=] { return talk(&pair->a, true); });
		fibers[2 * i + 1] = new Fiber([=] { return talk(&pair->b, false); });
	}
	for (int i = 0; i < 2 * PAIRS; i++) {
		int expected = 1 + ROUNDS * 107 - (i % 2 == 0 ? 7 : 0);
		right += fibers[i]->join() == expected;
		delete fibers[i];
	}
	for (int i = 0; i < PAIRS; i++)
		delete pairs[i];
	diag_clear(diag_get());
	is(right, 2 * PAIRS, "many pairs of fibers talk to each other");
	check_plan();
}

static int
test()
{
	signal(SIGPIPE, SIG_IGN);
	plan(8);
	test_read();
	test_write();
	test_writev();
	test_datagrams();
	test_end();
	test_connect();
	test_buffer();
	test_traffic();
	return check_plan();
}

int
main()
{
	return run_coio_with(test, fiber_cxx_invoke);
}
