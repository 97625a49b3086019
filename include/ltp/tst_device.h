/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mounts (spec ltp.md 11.2). This harness has no block devices: a test that asks
 * for one is a TCONF.
 */
#ifndef LTP_TST_DEVICE_H
#define LTP_TST_DEVICE_H

#include "tst_common.h"

TST_BEGIN_DECLS

struct tst_device {
	const char *dev;
	const char *fs_type;
	uint64_t size;
};

/* Always NULL. */
extern struct tst_device *tst_device;

/* umount() that is patient while the mount is busy. 0, or -1 after a TWARN. */
int tst_umount(const char *path);

/* 1 if the path is a mount point, else 0 after a TINFO. */
int tst_is_mounted(const char *path);
/* The same for a path below the temporary directory. */
int tst_is_mounted_at_tmpdir(const char *path);

TST_END_DECLS

#endif
