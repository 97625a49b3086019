/* SPDX-License-Identifier: BSD-2-Clause */
/* Where an error that Rust has set becomes an exception: no Rust frame is left to be unwound. */
#ifndef CORDAGE_RAISE_H_INCLUDED
#define CORDAGE_RAISE_H_INCLUDED

#include "exception.h"
#include "fiber/from_rust.h"

/** For functions in which -1 is no failure. */
static inline ssize_t
raise_failure(ssize_t result)
{
	if (result == CORDAGE_FAILED)
		diag_raise();
	return result;
}

/** For functions in which it is. */
static inline int
raise_minus_one(int result)
{
	if (result == -1)
		diag_raise();
	return result;
}

#endif /* CORDAGE_RAISE_H_INCLUDED */
