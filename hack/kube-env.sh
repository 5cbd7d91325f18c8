#!/usr/bin/env bash
# A private Kubernetes API server for tests and the demo: etcd and kube-apiserver, nothing else.
#
#   kube-env.sh up [DIR] [--owner PID]   start (a no-op when already up); taken down when PID ends
#   kube-env.sh down [DIR]               kill both and remove DIR
#   kube-env.sh env [DIR]                print export lines: KUBECONFIG, KUBE_ENV_DIR, KUBECACHEDIR, PATH
#   kube-env.sh token-kubeconfig DIR NAMESPACE SERVICEACCOUNT
#                                        print the path of a kubeconfig with a token of that account
#   kube-env.sh stop-apiserver DIR       kill the API server hard
#   kube-env.sh restart-apiserver DIR    the same, and start it again with its data on the same port
#   kube-env.sh compact DIR              make etcd forget all history up to now
#   kube-env.sh build                    print the folder of the programs, building what is missing
#
# DIR (default: build/kube-env in this tree) must be absent, empty or an earlier environment. In it:
# admin.kubeconfig, *.log, bin/ (etcd, kube-apiserver, kubectl), pki/.
#
# Programs come from KUBEBUILDER_ASSETS, else from PATH (1.33 or newer), else they are built once
# from the Go module kube-env/ and kept in ${XDG_CACHE_HOME:-~/.cache}/milink/kube/.
#
# What a cluster has and this has not: no controller manager, so a namespace that is deleted stays
# Terminating, owner references are not collected and no `default` ServiceAccount appears in a
# namespace; no nodes and no scheduler, so Pods are stored and never run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
self=$here/kube-env.sh
module=$here/kube-env
oldest_minor=33
marker=.kube-env
ready_seconds=${KUBE_ENV_READY_SECONDS:-60}

. "$here/go_command.sh"

die() { echo "kube-env: $*" >&2; exit 1; }
note() { echo "kube-env: $*" >&2; }

# --- programs ------------------------------------------------------------------------------------

pinned() { awk -v m="$1" '$1 == m && $2 ~ /^v/ { print $2; exit }' "$module/go.mod"; }

cache_dir() {
  local versions
  versions=kubernetes-$(pinned k8s.io/kubernetes)-etcd-$(pinned go.etcd.io/etcd/server/v3)
  echo "${XDG_CACHE_HOME:-$HOME/.cache}/milink/kube/$versions"
}

# Is this program present and new enough? A wrapper that reports an old version counts as absent.
usable() {
  local path=$1 minor
  [[ -x $path ]] || return 1
  case ${path##*/} in
    etcd) "$path" --version 2>/dev/null | grep -q '^etcd Version: 3\.[4-9]' ;;
    kube-apiserver) minor=$("$path" --version 2>/dev/null | sed -n 's/^Kubernetes v1\.\([0-9]*\).*/\1/p')
      ((${minor:-0} >= oldest_minor)) ;;
    kubectl) minor=$("$path" version --client 2>/dev/null | sed -n 's/^Client Version: v1\.\([0-9]*\).*/\1/p')
      ((${minor:-0} >= oldest_minor)) ;;
  esac
}

# Prints the path of one program, or nothing when it has to be built.
find_program() {
  local name=$1 path
  if [[ -n ${KUBEBUILDER_ASSETS:-} && -e $KUBEBUILDER_ASSETS/$name ]]; then
    usable "$KUBEBUILDER_ASSETS/$name" ||
      die "$KUBEBUILDER_ASSETS/$name does not run or is older than 1.$oldest_minor; unset KUBEBUILDER_ASSETS or renew it"
    echo "$KUBEBUILDER_ASSETS/$name"
    return
  fi
  while read -r path; do
    if usable "$path"; then echo "$path"; return; fi
  done < <(type -aP "$name" || true)
  path=$(cache_dir)/$name
  if [[ -x $path ]]; then echo "$path"; fi
}

build_programs() {
  local cache version go tmp name package
  cache=$(cache_dir)
  mkdir -p "$(dirname "$cache")"
  (
    flock 8
    for name in "$@"; do [[ -x $cache/$name ]] || break; name=; done
    [[ -n $name ]] || exit 0  # another one built them while we waited
    unset GOROOT  # each Go knows its own; this one would be wrong for a fetched toolchain
    command -v go >/dev/null || die "Go is needed to build kube-apiserver, etcd and kubectl; run hack/install-deps.sh, or set KUBEBUILDER_ASSETS to a folder that has them"
    go=$(go_command "$module") || die "no Go to build with"
    version=$(pinned k8s.io/kubernetes)
    tmp=$(mktemp -d "$cache.XXXXXX")
    trap 'rm -rf "$tmp"' EXIT
    mkdir -p "$cache"
    for name in "$@"; do
      [[ -x $cache/$name ]] && continue
      case $name in
        etcd) package=go.etcd.io/etcd/server/v3 ;;
        *) package=k8s.io/kubernetes/cmd/$name ;;
      esac
      note "building $name (once; a few minutes)"
      (cd "$module" && CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" "$go" build -trimpath \
        -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" \
        -o "$tmp/$name" "$package") >&2
      mv "$tmp/$name" "$cache/$name"
    done
  ) 8>"$cache.lock"
}

# Fills FOLDER with links to the three programs.
link_programs() {
  local folder=$1 name path missing=()
  mkdir -p "$folder"
  for name in etcd kube-apiserver kubectl; do
    path=$(find_program "$name")
    [[ -n $path ]] || missing+=("$name")
  done
  if ((${#missing[@]})); then build_programs "${missing[@]}"; fi
  for name in etcd kube-apiserver kubectl; do
    path=$(find_program "$name")
    ln -sfn "$path" "$folder/$name"
  done
}

# --- certificates and kubeconfigs ------------------------------------------------------------------

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

sign() {  # NAME SUBJECT EXTENSION
  openssl req -new "${new_key[@]}" -keyout "pki/$1.key" -out "pki/$1.csr" -subj "$2" -addext "$3"
  openssl x509 -req -in "pki/$1.csr" -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -days 3650 \
    -copy_extensions copy -out "pki/$1.crt"
}

make_certificates() {
  mkdir -p pki
  {
    openssl req -x509 "${new_key[@]}" -keyout pki/ca.key -out pki/ca.crt -subj /CN=kube-env -days 3650
    sign apiserver /CN=kube-apiserver 'subjectAltName=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes.default.svc'
    sign admin /O=system:masters/CN=admin 'extendedKeyUsage=clientAuth'
    openssl ecparam -name prime256v1 -genkey -noout -out pki/service-account.key
  } >pki/openssl.log 2>&1 || { cat pki/openssl.log >&2; die "openssl failed"; }
}

base64_of() { base64 -w0 <"$1"; }

write_kubeconfig() {  # FILE NAMESPACE USER-LINES
  (
    umask 077
    cat >"$1.tmp" <<END
apiVersion: v1
kind: Config
clusters:
- name: kube-env
  cluster:
    server: https://127.0.0.1:$(<port)
    certificate-authority-data: $(base64_of pki/ca.crt)
users:
- name: user
  user:
$3
contexts:
- name: kube-env
  context: {cluster: kube-env, user: user, namespace: $2}
current-context: kube-env
END
    mv "$1.tmp" "$1"
  )
}

# --- processes -----------------------------------------------------------------------------------

# The process in FILE, if it still is one of this environment: they all run in DIR, so an unrelated
# process that got the same number is told apart.
alive() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 1
  [[ -n $pid && $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$PWD" ]]
}

# A killed process holds its port and files until its last thread has ended; what is left then is a
# zombie, if whoever inherited it does not care, or nothing.
gone() {  # PID
  local state tasks
  state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || return 0
  tasks=("/proc/$1/task/"*)
  [[ $state == [ZX] ]] && ((${#tasks[@]} == 1))
}

kill_process() {  # FILE
  local pid
  if alive "$1"; then
    pid=$(<"$1")
    kill -KILL "$pid" 2>/dev/null || true
    until gone "$pid"; do sleep 0.02; done
  fi
  rm -f "$1"
}

# Starts a program that outlives us, holds none of our descriptors and no terminal.
spawn() {  # NAME COMMAND..
  local name=$1
  shift
  setsid "$@" </dev/null >>"$name.log" 2>&1 8>&- 9>&- &
  echo $! >"$name.pid"
}

start_etcd() {
  # Unix sockets in DIR (host:port as file name is etcd's way): no port to clash, nobody else's data.
  spawn etcd bin/etcd --data-dir etcd --unsafe-no-fsync --log-level warn --name kube-env \
    --listen-client-urls unix://etcd-client:1 --advertise-client-urls unix://etcd-client:1 \
    --listen-peer-urls unix://etcd-peer:1 --initial-advertise-peer-urls unix://etcd-peer:1 \
    --initial-cluster kube-env=unix://etcd-peer:1
}

start_apiserver() {
  # ServiceAccount admission acts on Pods alone and wants the `default` account, which nobody makes.
  spawn kube-apiserver bin/kube-apiserver \
    --etcd-servers=unix://etcd-client:1 --bind-address=127.0.0.1 --secure-port="$(<port)" \
    --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key \
    --client-ca-file=pki/ca.crt --authorization-mode=Node,RBAC \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file=pki/service-account.key \
    --service-account-signing-key-file=pki/service-account.key \
    --service-cluster-ip-range=10.0.0.0/24 --endpoint-reconciler-type=none \
    --disable-admission-plugins=ServiceAccount --profiling=false
}

ready() {  # only our own server has a certificate of our own CA
  [[ $(curl -s --max-time 5 --cacert pki/ca.crt "https://127.0.0.1:$(<port)/readyz" 2>/dev/null) == ok ]]
}

# Waits until the API server serves; fails at once when a process ended.
wait_ready() {
  local deadline=$((SECONDS + ready_seconds))
  until ready; do
    alive etcd.pid && alive kube-apiserver.pid || return 1
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# Below the range that the system gives to outgoing connections, so that only a race between two
# servers can take it; then we try again.
pick_port() {
  local port
  while :; do
    port=$((10240 + (RANDOM * 32768 + RANDOM) % 22000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

start_servers() {
  local attempt
  start_etcd
  for attempt in 1 2 3 4 5; do
    pick_port >port
    start_apiserver
    if wait_ready; then return; fi
    kill_process kube-apiserver.pid
    alive etcd.pid || { tail -n 20 etcd.log >&2; die "etcd ended (full log: $PWD/etcd.log)"; }
    grep -q 'address already in use' kube-apiserver.log || break
    note "port $(<port) was taken, attempt $attempt"
    : >kube-apiserver.log
  done
  tail -n 20 kube-apiserver.log >&2
  die "kube-apiserver was not ready within $ready_seconds s (full log: $PWD/kube-apiserver.log)"
}

# --- commands ------------------------------------------------------------------------------------

enter() {  # DIR of an existing environment
  [[ -f $1/$marker ]] || die "$1 is no environment of kube-env.sh; start one with: $self up $1"
  cd -P "$1"
}

up() {
  local dir=$1 owner=$2
  if [[ -d $dir && ! -f $dir/$marker && -n $(ls -A "$dir") ]]; then
    die "$dir is not empty and no environment of kube-env.sh"
  fi
  if [[ -f $dir/$marker ]]; then
    enter "$dir"
    if alive etcd.pid && alive kube-apiserver.pid && ready; then note "already up in $dir"; return; fi
    down_here
    find . -mindepth 1 -delete
  fi
  cd -P "$dir"
  : >"$marker"
  trap 'down_here' ERR
  link_programs bin
  make_certificates
  start_servers
  write_kubeconfig admin.kubeconfig default \
    "    client-certificate-data: $(base64_of pki/admin.crt)
    client-key-data: $(base64_of pki/admin.key)"
  trap - ERR
  if [[ -n $owner ]]; then spawn guard "$self" guard "$PWD" "$owner"; fi
  note "up in $dir: export KUBECONFIG=$PWD/admin.kubeconfig"
}

# Takes the environment down when its owner has ended, however hard that was.
guard() {
  cd -P "$1"
  tail --pid="$2" -f /dev/null
  rm -f guard.pid  # so that `down` does not kill us
  "$self" down "$1"
}

down_here() {
  local name
  for name in guard kube-apiserver etcd; do kill_process "$name.pid"; done
}

down() {
  [[ -f $1/$marker ]] || return 0
  (cd -P "$1" && down_here)
  rm -rf "$1"
}

print_env() {
  enter "$1"
  # A cache of its own: kubectl's is by address, and an address may have been another server's.
  printf 'export KUBECONFIG=%q\nexport KUBE_ENV_DIR=%q\nexport KUBECACHEDIR=%q\nexport PATH=%q:"$PATH"\n' \
    "$PWD/admin.kubeconfig" "$PWD" "$PWD/cache" "$PWD/bin"
}

token_kubeconfig() {  # DIR NAMESPACE SERVICEACCOUNT
  local token file
  enter "$1"
  token=$(bin/kubectl --kubeconfig admin.kubeconfig -n "$2" create token "$3" --duration=24h)
  file=$2-$3.kubeconfig
  write_kubeconfig "$file" "$2" "    token: $token"
  echo "$PWD/$file"
}

stop_apiserver() {
  enter "$1"
  kill_process kube-apiserver.pid
}

etcd_call() {  # METHOD JSON: through etcd's gateway for gRPC
  curl -sSf --max-time 10 --unix-socket etcd-client:1 "http://localhost/v3/$1" -d "$2"
}

compact() {
  local revision
  enter "$1"
  revision=$(etcd_call maintenance/status '{}' | sed -n 's/.*"revision":"\([0-9]*\)".*/\1/p')
  [[ -n $revision ]] || die "etcd did not tell its revision"
  etcd_call kv/compaction "{\"revision\":\"$revision\",\"physical\":true}" >/dev/null
}

restart_apiserver() {
  enter "$1"
  kill_process kube-apiserver.pid
  start_apiserver
  wait_ready || { tail -n 20 kube-apiserver.log >&2; die "kube-apiserver did not come back"; }
}

main() {
  local command=${1:-} dir=$here/../build/kube-env owner=
  case $command in
    up | down | env)
      shift
      while (($#)); do
        case $1 in
          --owner) owner=${2:?--owner takes a process id}; shift 2 ;;
          -*) die "unknown option $1" ;;
          *) dir=$1; shift ;;
        esac
      done
      mkdir -p "$(dirname "$dir")"
      dir=$(cd -P "$(dirname "$dir")" && pwd)/$(basename "$dir")
      ;;
  esac
  case $command in
    up)
      mkdir -p -m 700 "$dir"
      exec 9<"$dir"  # two at a time on one folder: the second finds it up
      flock 9
      up "$dir" "$owner"
      ;;
    down) down "$dir" ;;
    env) print_env "$dir" ;;
    token-kubeconfig) [[ $# -eq 4 ]] || die "usage: token-kubeconfig DIR NAMESPACE SERVICEACCOUNT"
      token_kubeconfig "$2" "$3" "$4" ;;
    stop-apiserver | restart-apiserver | compact)
      [[ $# -eq 2 ]] || die "usage: $command DIR"
      "${command//-/_}" "$2"
      ;;
    build) dir=$(cache_dir)/programs; link_programs "$dir"; echo "$dir" ;;
    guard) guard "$2" "$3" ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$self"; [[ $command == -h || $command == --help ]] ;;
  esac
}

main "$@"
