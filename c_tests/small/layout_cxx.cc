/* SPDX-License-Identifier: BSD-2-Clause */
/* The same in C++, where the headers bring more along. */
#include "layout.c"
