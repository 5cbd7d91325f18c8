#!/usr/bin/env bash
# Builds the fuzz targets and runs each for some seconds, as many at a time as there are processors.
#
# usage: hack/fuzz.sh [seconds] [target..]
# Seeds are in tests/fuzz/corpus/<target>; what a run finds on top is kept in build/fuzz/corpus, an
# input that broke something in build/fuzz/failed: mend the cause and add the input to the seeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SECONDS_EACH=${1:-10}
shift || true
TARGETS=("$@")
if [[ ${#TARGETS[@]} -eq 0 ]]; then
  mapfile -t TARGETS < <(find tests/fuzz -name '*_fuzz.cc' -printf '%f\n' | sed 's/_fuzz.cc$//' | sort)
fi

run() {
  local target=$1
  local found=build/fuzz/corpus/$target log=build/fuzz/$target.log
  mkdir -p "$found" build/fuzz/failed
  if ! "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$SECONDS_EACH" -timeout=10 \
      -rss_limit_mb=1024 -max_len=8192 -artifact_prefix="build/fuzz/failed/$target-" \
      -print_final_stats=1 "$found" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    tail -40 "$log" >&2
    echo "fuzz: $target failed, the input is in build/fuzz/failed" >&2
    return 1
  fi
  echo "fuzz: $target: $(grep -o 'stat::number_of_executed_units: .*' "$log" | grep -o '[0-9]*') inputs"
}
export -f run
export SECONDS_EACH

mkdir -p build
cmake --preset fuzz >build/configure-fuzz.log || { cat build/configure-fuzz.log >&2; exit 1; }
cmake --build --preset fuzz --target fuzz_targets -- -j"$(nproc)"
printf '%s\n' "${TARGETS[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run {}'
