/* SPDX-License-Identifier: BSD-2-Clause */
/* What the program was built for (spec ltp.md 4). */
#ifndef LTP_TST_ARCH_H
#define LTP_TST_ARCH_H

#include "tst_common.h"

TST_BEGIN_DECLS

enum tst_arch_type {
	TST_UNKNOWN,
	TST_X86,
	TST_X86_64,
	TST_IA64,
	TST_PPC,
	TST_PPC64,
	TST_S390,
	TST_S390X,
	TST_ARM,
	TST_AARCH64,
	TST_SPARC
};

struct tst_arch {
	char name[16];
	enum tst_arch_type type;
};

extern const struct tst_arch tst_arch;

/* 1 if the NULL-terminated list has it; TBROK for a name that does not exist. */
int tst_is_on_arch(const char *const *archlist);

TST_END_DECLS

#endif
