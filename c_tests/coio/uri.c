/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uri_parse (spec ipc.md 10.1).
 */
#include <string.h>

#include "uri.h"
#include "unit.h"

#define IS(part) (uri.part##_len == (part == NULL ? 0 : strlen(part)) &&	\
	(part == NULL ? uri.part == NULL : uri.part != NULL &&			\
	 memcmp(uri.part, part, uri.part##_len) == 0))

static void
parses(const char *text, const char *scheme, const char *login, const char *password,
       const char *host, const char *service, const char *path, const char *query,
       const char *fragment, int host_hint)
{
	struct uri uri;
	int result = uri_parse(&uri, text);
	ok(result == 0 && IS(scheme) && IS(login) && IS(password) && IS(host) && IS(service) &&
	   IS(path) && IS(query) && IS(fragment) && uri.host_hint == host_hint, "%s", text);
}

static void
fails(const char *text)
{
	struct uri uri = { .host_hint = 77 };
	ok(uri_parse(&uri, text) == -1 && uri.host_hint == 77, "not '%s'", text);
}

#define HOST(text, host, service, hint) \
	parses(text, NULL, NULL, NULL, host, service, NULL, NULL, NULL, hint)

int
main(void)
{
	plan(44);
	HOST("example.com", "example.com", NULL, 0);
	HOST("example.com:80", "example.com", "80", 0);
	HOST("example.com:http", "example.com", "http", 0);
	HOST("3301", NULL, "3301", 0);
	HOST(":3301", NULL, "3301", 0);
	HOST("*:3301", "*", "3301", 0);
	HOST("127.0.0.1", "127.0.0.1", NULL, 1);
	HOST("127.0.0.1:3301", "127.0.0.1", "3301", 1);
	HOST("127.0.0.300:1", "127.0.0.300", "1", 0);
	HOST("1.2.3:1", "1.2.3", "1", 0);
	HOST("[::1]", "::1", NULL, 2);
	HOST("[::1]:3301", "::1", "3301", 2);
	HOST("[2001:db8::ff00:42:8329]:80", "2001:db8::ff00:42:8329", "80", 2);
	HOST("unix/:/tmp/sock", "unix/", "/tmp/sock", 3);
	HOST("/tmp/sock", "unix/", "/tmp/sock", 3);
	HOST("unix/:sock", "unix/", "sock", 3);
	HOST("unix/:/a@b", "unix/", "/a@b", 3);
	HOST("unixhost:1", "unixhost", "1", 0);
	parses("user@host", NULL, "user", NULL, "host", NULL, NULL, NULL, NULL, 0);
	parses("user:pw@host:1", NULL, "user", "pw", "host", "1", NULL, NULL, NULL, 0);
	parses("user:@host:1", NULL, "user", "", "host", "1", NULL, NULL, NULL, 0);
	parses("u:p@[::1]:1", NULL, "u", "p", "::1", "1", NULL, NULL, NULL, 2);
	parses("u:p@unix/:/s", NULL, "u", "p", "unix/", "/s", NULL, NULL, NULL, 3);
	parses("u@1", NULL, "u", NULL, NULL, "1", NULL, NULL, NULL, 0);
	parses("host/path", NULL, NULL, NULL, "host", NULL, "/path", NULL, NULL, 0);
	parses("host:1/a/b?q=1#f", NULL, NULL, NULL, "host", "1", "/a/b", "q=1", "f", 0);
	parses("host?q", NULL, NULL, NULL, "host", NULL, NULL, "q", NULL, 0);
	parses("host#f?g", NULL, NULL, NULL, "host", NULL, NULL, NULL, "f?g", 0);
	parses("http://host", "http", NULL, NULL, "host", NULL, NULL, NULL, NULL, 0);
	parses("tcp://u:p@10.0.0.1:1/x?y#z", "tcp", "u", "p", "10.0.0.1", "1", "/x", "y", "z", 1);
	parses("a+b://[::]:1", "a+b", NULL, NULL, "::", "1", NULL, NULL, NULL, 2);
	parses("s:///path", "s", NULL, NULL, NULL, NULL, "/path", NULL, NULL, 0);
	parses("unix/:/s:/path?q", NULL, NULL, NULL, "unix/", "/s", "/path", "q", NULL, 3);
	HOST("\xd0\xb4.example", "\xd0\xb4.example", NULL, 0);
	fails("");
	fails("unix/:");
	fails("host:");
	fails("::1");
	fails("[::1");
	fails("[host]:1");
	fails("[::1]x");
	fails("host name");
	fails("@host");
	fails("host:1:2");
	return check_plan();
}
