/* SPDX-License-Identifier: BSD-2-Clause */
/* External definitions of the inline functions of reflection.h, for calls that the compiler
 * did not inline. */

#include "reflection.h"

const struct method_info METHODS_SENTINEL;

extern inline bool
type_assignable(const struct type_info *type, const struct type_info *object);

extern inline const struct method_info *
type_method_by_name(const struct type_info *type, const char *name);
