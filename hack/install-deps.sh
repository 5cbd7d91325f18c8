#!/usr/bin/env bash
# Installs every package that building and testing need, or with --build what building the operator
# needs. Debian 12 or a derivative.
# Prints nothing when nothing is missing; changes nothing that is already there.
set -euo pipefail

# Libraries, as Debian packages.
LIBRARIES=(
  libboost1.81-dev       # Kubernetes API client (Beast, Asio); 1.74, the default, is too old
  nlohmann-json3-dev     # JSON
  libcpp-httplib-dev     # Azure client, health server, Azure stand-in
  unixodbc-dev           # SQL Server connections: driver manager
  tdsodbc                # ... and the FreeTDS driver
  ca-certificates        # authorities that are trusted where no other is named
  libspdlog-dev          # log lines
  libfmt-dev             # text formatting
  libcli11-dev           # command line flags
  libyaml-cpp-dev        # kubeconfig
  prometheus-cpp-dev     # metrics
  libssl-dev             # X.509, TLS
  zlib1g-dev             # used by cpp-httplib's headers
  libbrotli-dev          # used by cpp-httplib's headers
)
TEST_LIBRARIES=(
  libgtest-dev           # unit tests
  libgmock-dev
  libbenchmark-dev       # tests/bench
  libclang-rt-19-dev     # tests/fuzz: libFuzzer and the sanitizers
)

# Programs, as command=package. A program that is on PATH already, from anywhere, is fine.
PROGRAMS=(
  g++=g++
  cmake=cmake
  ninja=ninja-build
  pkg-config=pkg-config
)
TEST_PROGRAMS=(
  ccache=ccache
  mold=mold              # links the test programs
  clang-format-19=clang-format-19
  clang-tidy-19=clang-tidy-19
  clang++-19=clang-19    # tests/fuzz
  git=git
  python3=python3
  curl=curl
  jq=jq
  openssl=openssl
  ps=procps
  tsql=freetds-bin       # independent clients that read the SQL Server stand-in
  isql=unixodbc
)

build_only=false
if [[ ${1:-} == --build ]]; then build_only=true; fi
$build_only || LIBRARIES+=("${TEST_LIBRARIES[@]}")
$build_only || PROGRAMS+=("${TEST_PROGRAMS[@]}")

say() { echo "install-deps: $*" >&2; }

missing_libraries() {
  local wanted=()
  local package
  for package in "${LIBRARIES[@]}"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed' ||
      wanted+=("$package")
  done
  echo "${wanted[@]}"
}

missing_programs() {
  local wanted=()
  local pair
  for pair in "${PROGRAMS[@]}"; do
    command -v "${pair%%=*}" >/dev/null || wanted+=("${pair#*=}")
  done
  # Go builds kube-apiserver, etcd and kubectl for the tests where none are given, and helm.
  if ! $build_only && ! command -v go >/dev/null; then
    wanted+=(golang-go)
  fi
  echo "${wanted[@]}"
}

install() {
  local as_root=()
  if [[ $EUID -ne 0 ]]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo)
    else
      say "packages are missing and this is not root. Run:"
      echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
      exit 1
    fi
  fi
  local log
  log=$(mktemp)
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q
             -o DPkg::Lock::Timeout=300)
  say "installing $*"
  # Package lists may be absent or old; they are fetched only when the first try fails.
  if ! "${apt[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1 &&
     ! { "${apt[@]}" update >"$log" 2>&1 &&
         "${apt[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1; }; then
    cat "$log" >&2
    say "apt-get failed, see above"
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

main() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is not a Debian system. Install the equivalents of:"
    printf '  %s\n' "${LIBRARIES[@]}" "${PROGRAMS[@]#*=}" >&2
    exit 1
  fi
  local wanted
  read -r -a wanted <<<"$(missing_libraries) $(missing_programs)"
  if [[ ${#wanted[@]} -gt 0 ]]; then
    install "${wanted[@]}"
  fi

  local left
  read -r -a left <<<"$(missing_libraries) $(missing_programs)"
  if [[ ${#left[@]} -gt 0 ]]; then
    say "still missing after installation: ${left[*]}"
    exit 1
  fi
}

main "$@"
