#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what the allocators are compared with, and says so. run.py leaves out what is
# not there.
set -eu
[ ! -e /usr/include/jemalloc/jemalloc.h ] || exit 0
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
if ! command -v apt-get >/dev/null || ! command -v "${as_root:-true}" >/dev/null; then
	echo "no jemalloc: please install what Debian's libjemalloc-dev provides" >&2
	exit 0
fi
echo "installing from Debian: libjemalloc-dev"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends libjemalloc-dev
