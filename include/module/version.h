/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The public part of trivia/config.h. Origin: spec diag.md 13.
 */
#ifndef CORDAGE_MODULE_VERSION_H_INCLUDED
#define CORDAGE_MODULE_VERSION_H_INCLUDED

/** @name ABI level: the release of the reference that we stand in for. */
/** @{ */
#define PACKAGE_VERSION_MAJOR 1
#define PACKAGE_VERSION_MINOR 10
#define PACKAGE_VERSION_PATCH 15
/** @} */

/** This library's own. */
#define PACKAGE_VERSION "0.1.0"

#endif /* CORDAGE_MODULE_VERSION_H_INCLUDED */
