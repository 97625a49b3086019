/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Where a server is, as text:
 *
 *	[scheme://] [login[:password]@] host[:service] [/path] [?query] [#fragment]
 *	[scheme://] [login[:password]@] unix/:/path/of/socket [:/path] [?query] [#fragment]
 *
 * A lone number is a service, an absolute path alone is that of a socket, and an IPv6
 * address stands in brackets. Origin: spec ipc.md 10.1.
 */
#ifndef TARANTOOL_URI_H_INCLUDED
#define TARANTOOL_URI_H_INCLUDED

#include "trivia/config.h"

#include <netdb.h>
#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define URI_HOST_UNIX "unix/"
/** Sizes of copies, with the terminating zero. */
#define URI_MAXHOST NI_MAXHOST
#define URI_MAXSERVICE 256

/**
 * The parts of a text. They point into it, or to constants, and are not terminated; what is
 * not there is NULL.
 */
struct uri {
	const char *scheme;
	size_t scheme_len;
	const char *login;
	size_t login_len;
	const char *password;
	size_t password_len;
	/** Without brackets; URI_HOST_UNIX for a socket in the file system. */
	const char *host;
	size_t host_len;
	/** A port or its name; the path of a socket in the file system. */
	const char *service;
	size_t service_len;
	const char *path;
	size_t path_len;
	const char *query;
	size_t query_len;
	const char *fragment;
	size_t fragment_len;
	/** 0 a name or nothing, 1 IPv4, 2 IPv6, 3 the path of a socket. */
	int host_hint;
};

/** 0, or -1 with *uri untouched. Weak: a program may bring its own. */
int
uri_parse(struct uri *uri, const char *str);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* TARANTOOL_URI_H_INCLUDED */
