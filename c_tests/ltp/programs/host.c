/* SPDX-License-Identifier: BSD-2-Clause */
/* host DIRECTORY: a snapshot of the host on stdout, for lib.sh. */
#define _GNU_SOURCE
#include "host.h"

int main(int argc, char *argv[])
{
	if (argc != 2)
		return 99;
	host_print(stdout, argv[1]);
	return 0;
}
