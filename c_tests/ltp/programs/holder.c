/* SPDX-License-Identifier: BSD-2-Clause */
/* Reserves huge pages without touching them, says "ready", and waits to be killed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lapi/mmap.h"

int main(int argc, char *argv[])
{
	size_t pages = argc > 1 ? (size_t)atoi(argv[1]) : 1;
	void *map = mmap(NULL, pages * (2UL << 20), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (map == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
