#!/usr/bin/env bash
# Programs that check what is shipped: helm (charts), promtool (metrics), dockerfile-check.
#
#   dev-tools.sh build   print the folder of the programs, building what is missing
#
# They are built from the Go module tools/, which pins their versions, and kept in
# ${XDG_CACHE_HOME:-~/.cache}/milink/tools/. Other versions on PATH are not used: what a chart renders
# and what a linter says differs between them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
module=$here/tools
. "$here/go_command.sh"

die() { echo "dev-tools: $*" >&2; exit 1; }

pinned() { awk -v m="$1" '$1 == m && $2 ~ /^v/ { print $2; exit }' "$module/go.mod"; }

cache_dir() {
  local state
  state=$(cat "$module/go.mod" "$module"/*/*.go "${BASH_SOURCE[0]}" | sha256sum)
  echo "${XDG_CACHE_HOME:-$HOME/.cache}/milink/tools/${state:0:12}"
}

compile() {  # GO OUTPUT PACKAGE [LDFLAGS [TAGS]]
  (cd "$module" && CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" \
    "$1" build -trimpath -tags "${5:-}" -ldflags "-s -w ${4:-}" -o "$2" "$3") >&2
}

build_one() {  # GO FOLDER NAME
  local helm=helm.sh/helm/v3 minor version variable
  case $3 in
    helm)  # as its Makefile: the Kubernetes version for which `helm template` renders
      minor=$(pinned k8s.io/client-go | cut -d. -f2)
      version="-X $helm/internal/version.version=$(pinned $helm)"
      for variable in pkg/lint/rules.k8sVersion pkg/chartutil.k8sVersion; do
        version+=" -X $helm/${variable}Major=1 -X $helm/${variable}Minor=$minor"
      done
      compile "$1" "$2/helm" $helm/cmd/helm "$version" ;;
    promtool)  # `check metrics` discovers no services; their SDKs are most of the program
      compile "$1" "$2/promtool" github.com/prometheus/prometheus/cmd/promtool "" remove_all_sd ;;
    *) compile "$1" "$2/$3" "./$3" ;;
  esac
}

build() {
  local cache go name
  cache=$(cache_dir)
  mkdir -p "$cache"
  (
    flock 8
    unset GOROOT  # each Go knows its own; this one would be wrong for a fetched toolchain
    for name in dockerfile-check helm promtool; do
      [[ -x $cache/$name ]] && continue
      command -v go >/dev/null || die "Go is needed to build $name; run hack/install-deps.sh"
      go=$(go_command "$module") || die "no Go to build with"
      echo "dev-tools: building $name (once)" >&2
      build_one "$go" "$cache/new" "$name"
      mv "$cache/new/$name" "$cache/$name"
    done
    rm -rf "$cache/new"
  ) 8>"$cache.lock"
  echo "$cache"
}

case ${1:-} in
  build) build ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; [[ ${1:-} == -h || ${1:-} == --help ]] ;;
esac
