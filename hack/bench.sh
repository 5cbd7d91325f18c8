#!/usr/bin/env bash
# Measures what DESIGN's budgets promise: one line `name value unit budget` each, MISSED where it is.
#
#   bench.sh             all of it: 10,000 links over 100 replicas, a few minutes
#   bench.sh --quick     1,000 links over 10 replicas, with the budgets of the full size
#   bench.sh --strict    exit code 1 when a budget is missed
#
# The release build, the real kube-apiserver and the real operator; SQL Servers and Azure are
# simulated. Latencies mean something on a machine that does nothing else.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
strict=false
size=(10000 100)
for argument in "$@"; do
  case $argument in
    --quick) size=(1000 10) ;;
    --strict) strict=true ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "bench: unknown option $argument" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bin=build/release

# NAME VALUE UNIT BUDGET [least]: a budget is an upper bound, or with `least` a lower one.
figure() {
  awk -v name="$1" -v value="$2" -v unit="$3" -v budget="$4" -v bound="${5:-most}" 'BEGIN {
    missed = bound == "least" ? value < budget : value > budget
    printf "%-42s %10.2f %-6s %10.2f%s\n", name, value, unit, budget, missed ? " MISSED" : "" }'
}

build() {
  cmake --preset release
  cmake --build --preset release --target milink-operator bench_engine bench_cluster
  hack/kube-env.sh build
}

binary_size() {
  strip -o "$work/stripped" "$bin/operator/milink-operator"
  figure stripped_binary "$(stat -c %s "$work/stripped" | awk '{ print $1 / 1048576 }')" MiB 8
}

engine() {
  local results=$work/engine.json
  "$bin/tests/bench/bench_engine" --benchmark_format=json >"$results" 2>"$work/engine.log" ||
    { cat "$work/engine.log" >&2; return 1; }
  counter() { jq -er ".benchmarks[] | select(.name | startswith(\"$1\")) | .$2" "$results"; }
  figure converged_reconciles_per_second_and_core "$(counter ConvergedReconciles per_second)" 1/s 5000 least
  figure event_to_reconcile_start_p99 "$(counter EventToReconcile p99_ms)" ms 5
}

measure() {
  binary_size
  engine
  "$bin/tests/bench/bench_cluster" "$bin/operator/milink-operator" "${size[@]}"
}

build >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" >&2; echo "bench: the build failed" >&2; exit 1; }
echo "# $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg) at the start, ${size[0]} links over ${size[1]} replicas"
measure | tee "$work/figures"
if $strict && grep -q 'MISSED$' "$work/figures"; then exit 1; fi
