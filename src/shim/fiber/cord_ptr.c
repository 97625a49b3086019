/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread-local object that C code calls cord(). Rust cannot define one. */

struct cord;

__thread struct cord *cord_ptr;
