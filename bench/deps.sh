#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what `make bench` compares with, and needs, from Debian. What cannot be
# had is left out of the comparison; run.py says so.
set -eu
install=$(dirname "$0")/../scripts/deps.sh
# One by one, so that one that is not to be had does not keep the others away.
for item in \
	tarantool=/usr/bin/tarantool \
	libboost-context-dev=/usr/include/boost/context/fiber.hpp \
	libboost-fiber-dev=/usr/include/boost/fiber/fiber.hpp \
	libst-dev=/usr/include/st.h \
	golang-go=/usr/bin/go \
	python3-matplotlib=/usr/lib/python3/dist-packages/matplotlib/__init__.py \
	valgrind=/usr/bin/valgrind; do
	"$install" "$item" || echo "going on without ${item%%=*}" >&2
done
