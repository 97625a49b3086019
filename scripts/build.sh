#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Configures and builds one build type: build.sh BUILD_TYPE DIRECTORY
set -eu
source_dir=$(cd "$(dirname "$0")/.." && pwd)
cmake -S "$source_dir" -B "$2" -DCMAKE_BUILD_TYPE="$1" --log-level=WARNING
cmake --build "$2" -j "$(nproc)"
