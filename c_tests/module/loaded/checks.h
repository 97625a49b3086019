/* SPDX-License-Identifier: BSD-2-Clause */
/* What host.c and its modules agree on. */
#ifndef CORDAGE_TEST_LOADED_CHECKS_H_INCLUDED
#define CORDAGE_TEST_LOADED_CHECKS_H_INCLUDED

/** Run by the host in a fiber. */
struct check {
	const char *name;
	int (*passes)(void);
};

/** The table "checks" of a module ends with a check without a name. */
#define CHECKS(...) \
	extern const struct check checks[]; \
	const struct check checks[] = { __VA_ARGS__, { 0, 0 } }

#endif /* CORDAGE_TEST_LOADED_CHECKS_H_INCLUDED */
