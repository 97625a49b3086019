/* SPDX-License-Identifier: BSD-2-Clause */
/* What the shims of cooperative I/O call: the Rust behind the functions of that name, without
 * "cordage_". tests/prototypes.rs compares these declarations with the definitions. */
#ifndef CORDAGE_FROM_RUST_H_INCLUDED
#define CORDAGE_FROM_RUST_H_INCLUDED

#include "coio_task.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* coio_task.h */

ssize_t
cordage_coio_call(coio_call_cb func, va_list ap);

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* CORDAGE_FROM_RUST_H_INCLUDED */
