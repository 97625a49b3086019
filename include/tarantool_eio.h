/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The thread pool, with the system headers that its users expect.
 */
#ifndef TARANTOOL_EIO_H_INCLUDED
#define TARANTOOL_EIO_H_INCLUDED

#include "trivia/config.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>
#include <utime.h>

#include "eio.h"

#endif /* TARANTOOL_EIO_H_INCLUDED */
