/* SPDX-License-Identifier: BSD-2-Clause */
/* fallocate(2) for C libraries that lack parts of it (values: linux/falloc.h). */
#ifndef LTP_LAPI_FALLOCATE_H
#define LTP_LAPI_FALLOCATE_H

#include <fcntl.h>
#include <sys/types.h>

#ifndef FALLOC_FL_KEEP_SIZE
# define FALLOC_FL_KEEP_SIZE 0x01
#endif
#ifndef FALLOC_FL_PUNCH_HOLE
# define FALLOC_FL_PUNCH_HOLE 0x02
#endif
#ifndef FALLOC_FL_COLLAPSE_RANGE
# define FALLOC_FL_COLLAPSE_RANGE 0x08
#endif
#ifndef FALLOC_FL_ZERO_RANGE
# define FALLOC_FL_ZERO_RANGE 0x10
#endif
#ifndef FALLOC_FL_INSERT_RANGE
# define FALLOC_FL_INSERT_RANGE 0x20
#endif
#ifndef FALLOC_FL_UNSHARE_RANGE
# define FALLOC_FL_UNSHARE_RANGE 0x40
#endif

#ifndef _GNU_SOURCE
/* glibc has it, but declares it for _GNU_SOURCE only. */
# ifdef __cplusplus
extern "C"
# endif
# if defined(__USE_FILE_OFFSET64) && !defined(__LP64__)
int fallocate(int fd, int mode, off_t offset, off_t len) __asm__("fallocate64");
# else
int fallocate(int fd, int mode, off_t offset, off_t len);
# endif
#endif

#endif
