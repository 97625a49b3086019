#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Drives resp_server through sockets, as good and bad clients do.

    test_resp_server.py SERVER [--workers N] [--connections N] [--valgrind]

With --valgrind the server must end without an invalid access and without a leak.
"""

import argparse
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

TIMEOUT = 60


class Server:
    def __init__(self, program, workers, valgrind):
        command = [program, "-p", "0", "-w", str(workers)]
        if valgrind:
            checks = ["--leak-check=full", "--show-leak-kinds=all", "--error-exitcode=99"]
            command = ["valgrind", "--quiet", *checks, *command]
        self.workers = workers
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline().decode()
        assert line.startswith("listening on 127.0.0.1:"), line
        self.port = int(line.rsplit(":", 1)[1])

    def connect(self):
        return Client(self.port)

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def stop(self, number):
        """Twice: the second signal comes while it is stopping, or is too late."""
        self.process.send_signal(number)
        self.process.send_signal(number)
        status = self.process.wait(TIMEOUT)
        self.errors.seek(0)
        return status, self.errors.read().decode()


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def reply(self):
        """A reply as Python data; an error as an exception object; None for null."""
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(line)
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        assert kind == b"*", line
        return [self.reply() for _ in range(int(rest))]

    def call(self, *words):
        self.send(request(*words))
        return self.reply()

    def at_end(self):
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.file.close()
        self.socket.close()

    def vanish(self):
        """Close with a reset instead of an orderly end."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()


def request(*words):
    words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def error(reply):
    assert isinstance(reply, RuntimeError), reply
    return str(reply)


def test_commands(server):
    c = server.connect()
    assert c.call("PING") == "PONG"
    assert c.call("ping", "hello") == b"hello"
    assert c.call("ECHO", b"a\r\nb\0c") == b"a\r\nb\0c"
    assert c.call("GET", "absent") is None
    assert c.call("SET", "k", b"") == "OK"
    assert c.call("GET", "k") == b""
    assert c.call("SET", "k", "v2") == "OK"
    assert c.call("GET", "k") == b"v2"
    assert c.call("SET", b"binary\0key", "x") == "OK"
    assert c.call("GET", b"binary\0key") == b"x"
    assert c.call("DEL", "k", "absent", b"binary\0key") == 2
    assert c.call("GET", "k") is None
    assert c.call("INCR", "n") == 1
    assert c.call("INCR", "n") == 2
    assert c.call("GET", "n") == b"2"
    assert c.call("SET", "n", "-3") == "OK"
    assert c.call("INCR", "n") == -2
    assert b"guard_backend:" in c.call("INFO")
    assert c.call("QUIT") == "OK"
    assert c.at_end()
    c.close()


def test_bad_commands(server):
    c = server.connect()
    assert error(c.call("FLY")) == "ERR unknown command 'FLY'"
    assert "wrong number of arguments for 'get'" in error(c.call("GET"))
    assert "wrong number of arguments for 'set'" in error(c.call("SET", "a"))
    assert "wrong number of arguments for 'quit'" in error(c.call("QUIT", "now"))
    for text in ["x", "", " 1", "1 ", "9223372036854775807", "99999999999999999999"]:
        assert c.call("SET", "n", text) == "OK"
        assert "not an integer" in error(c.call("INCR", "n")), text
    assert c.call("PING") == "PONG", "an error must not end the connection"
    c.close()


def test_inline_and_pipeline(server):
    c = server.connect()
    c.send(b"PING\r\n\r\nSET  inline value\nGET inline\r\n")
    assert [c.reply() for _ in range(3)] == ["PONG", "OK", b"value"]
    c.send(b"".join(request("SET", i, i * 7) + request("GET", i) for i in range(5000)))
    for i in range(5000):
        assert c.reply() == "OK" and c.reply() == b"%d" % (i * 7)
    for byte in request("ECHO", "one byte at a time"):
        c.send(bytes([byte]))
    assert c.reply() == b"one byte at a time"
    large = os.urandom(3 * 1024 * 1024)
    assert c.call("SET", "large", large) == "OK"
    # Replies that do not fit the socket: the server waits until we read.
    c.send(request("GET", "large") * 8)
    time.sleep(0.2)
    assert all(c.reply() == large for _ in range(8))
    c.close()


def test_shared_keys(server):
    """Connections of all workers see the same keys, and count together."""
    clients = [server.connect() for _ in range(30)]
    for c in clients:
        c.send(request("INCR", "shared") * 200)
    counts = [c.reply() for c in clients for _ in range(200)]
    assert sorted(counts) == list(range(1, 6001)), "an increment got lost"
    assert clients[0].call("SET", "shared", "seen") == "OK"
    assert all(c.call("GET", "shared") == b"seen" for c in clients)
    for c in clients:
        c.close()


def test_protocol_errors(server):
    cases = {
        b"*x\r\n": "invalid multibulk length",
        b"*-1\r\n": "invalid multibulk length",
        b"*100000\r\n": "invalid multibulk length",
        b"*1\r\n+PING\r\n": "expected '$', got '+'",
        b"*1\r\n$-5\r\n": "invalid bulk length",
        b"*1\r\n$99999999999\r\n": "invalid bulk length",
        b"*1\r\n$4\r\nPINGxx": "bulk string without its end",
        b"x" * 70000: "too big inline request",
    }
    for data, message in cases.items():
        c = server.connect()
        c.send(request("PING") + data)
        assert c.reply() == "PONG"
        assert message in error(c.reply()), data[:20]
        assert c.at_end(), data[:20]
        c.close()


def test_vanishing_clients(server):
    before = server.descriptors()
    for data in [b"", b"*2\r\n$4\r\nECHO\r\n$1000\r\npartial", request("GET", "large") * 50]:
        for leave in [Client.close, Client.vanish]:
            c = server.connect()
            c.send(data)
            leave(c)
    deadline = time.monotonic() + TIMEOUT
    while server.descriptors() != before:
        assert time.monotonic() < deadline, "the server keeps connections of clients that left"
        time.sleep(0.02)


def test_many(server, count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    clients = [server.connect() for _ in range(count)]
    for i, c in enumerate(clients):
        c.send(request("SET", f"many{i}", i) + request("GET", f"many{i}"))
    for i, c in enumerate(clients):
        assert c.reply() == "OK" and c.reply() == b"%d" % i
    info = clients[0].call("INFO").split()
    assert f"connections:{count}".encode() in info, info
    assert f"workers:{server.workers}".encode() in info, info
    return clients


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--valgrind", action="store_true")
    arguments = parser.parse_args()

    server = Server(arguments.server, arguments.workers, arguments.valgrind)
    for test in [
        test_commands,
        test_bad_commands,
        test_inline_and_pipeline,
        test_shared_keys,
        test_protocol_errors,
        test_vanishing_clients,
    ]:
        test(server)
        print(f"{test.__name__}: ok", flush=True)
    clients = test_many(server, arguments.connections)
    print(f"{len(clients)} connections: ok", flush=True)
    # In the middle of everything: some idle, one in a request, one with replies to come.
    clients[0].send(b"*2\r\n$4\r\nECHO\r\n$10\r\nhalf")
    clients[1].send(request("GET", "large") * 50)
    time.sleep(0.2)
    # And one that has just been accepted, or not even that.
    clients.append(server.connect())
    status, errors = server.stop(signal.SIGTERM)
    assert status == 0 and errors == "", (status, errors)
    assert all(c.at_end() for c in clients[2:]), "a connection outlives the server"
    print("SIGTERM: ok")


if __name__ == "__main__":
    sys.exit(main())
