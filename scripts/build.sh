#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Configures and builds one build type: build.sh BUILD_TYPE DIRECTORY [CMAKE_OPTION...]
set -eu
source_dir=$(cd "$(dirname "$0")/.." && pwd)
build_type=$1 directory=$2
shift 2
cmake -S "$source_dir" -B "$directory" -DCMAKE_BUILD_TYPE="$build_type" "$@" --log-level=WARNING
cmake --build "$directory" -j "$(nproc)"
