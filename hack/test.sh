#!/usr/bin/env bash
# Does all set-up, then proves the tree: layers, format, build, tests, sanitizers, lint.
# Stops at the first step that fails; the summary at the end lists every step with its time.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/test.sh [--quick | --full]
  --quick   layers, format, build and unit tests only
  (none)    everything that must pass before a change lands
  --full    also what takes longer
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
JOBS=$(nproc)
SUMMARY=()
CURRENT=""
STARTED=$SECONDS

mode=default
for argument in "$@"; do
  case "$argument" in
    --quick) mode=quick ;;
    --full) mode=full ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

print_summary() {
  local code=$?
  if [[ -n "$CURRENT" ]]; then
    SUMMARY+=("FAILED  $((SECONDS - STEP_STARTED))s  $CURRENT")
  fi
  printf '\n== Summary (%ss)\n' "$((SECONDS - STARTED))"
  [[ ${#SUMMARY[@]} -eq 0 ]] || printf '%s\n' "${SUMMARY[@]}"
  if [[ $code -eq 0 ]]; then echo "All steps passed"; else echo "Failed, exit code $code"; fi
}
trap print_summary EXIT

# step <title> <command..>
step() {
  CURRENT=$1
  STEP_STARTED=$SECONDS
  shift
  printf '\n== %s\n' "$CURRENT"
  "$@"
  local took=$((SECONDS - STEP_STARTED))
  printf -- '-- %s: %ss\n' "$CURRENT" "$took"
  SUMMARY+=("ok      ${took}s  $CURRENT")
  CURRENT=""
}

configure() { cmake --preset "$1" >"build/configure-$1.log" || { cat "build/configure-$1.log"; return 1; }; }
build() { cmake --build "build/$1" --target "${@:2}" -- -j"$JOBS"; }
# ctest by label; a label without a test is an error.
run_tests() {
  ctest --test-dir "build/$1" -L "^$2\$" --output-on-failure --no-tests=error -j"$JOBS" "${@:3}"
}

sanitizer() {
  configure "$1"
  build "$1" tests_unit
  run_tests "$1" unit
}

kube_environment() {
  hack/kube-env.sh build
}

packaging_tools() {
  hack/dev-tools.sh build
}

export GTEST_COLOR=0
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
mkdir -p build

step "Packages" hack/install-deps.sh
step "Layers" python3 hack/check_layers.py
step "Format" hack/lint.sh format
step "Configure (check)" configure check
if [[ $mode == quick ]]; then
  step "Build unit tests (check)" build check tests_unit
  step "Unit tests (check)" run_tests check unit
  exit 0
fi
step "Build (check)" build check all
step "Every header compiles alone" build check all_verify_interface_header_sets
step "Unit tests (check)" run_tests check unit
step "Kubernetes test environment" kube_environment
step "Packaging tools" packaging_tools
step "Integration tests (check)" run_tests check integration
# They wait more than they work.
step "End-to-end tests (check)" run_tests check e2e -j$((JOBS + 1))
step "Unit tests (AddressSanitizer, UndefinedBehaviorSanitizer)" sanitizer asan
step "Unit tests (ThreadSanitizer)" sanitizer tsan
step "Fuzz targets, 10 s each" hack/fuzz.sh 10
step "Configure (dev), for the lint" configure dev
step "Lint" hack/lint.sh tidy
step "demo" hack/demo.sh --once
if [[ $mode == full ]]; then
  step "Lint, tests too" hack/lint.sh tidy --tests
  step "Fuzz targets, 10 minutes each" hack/fuzz.sh 600
  step "Release build" sh -c 'cmake --preset release >/dev/null && cmake --build --preset release'
fi
