#!/usr/bin/env bash
# Does all set-up, brings a link up on this machine and shows it.
#
#   demo.sh                        until Ctrl-C: break things and watch; then cleans up
#   demo.sh --once                 also takes the link down again, checks that nothing is left, ends
#   demo.sh --use-current-context  uses the cluster of your current kubectl context instead of starting
#                                  an API server; what it puts there is removed at the end
#
# Four parts run: etcd with kube-apiserver, a simulator that plays SQL Server and Azure
# (hack/demo/world.json), the operator with the rights of config/rbac, and the manifests of
# config/samples. Exit code 0: the link came up (and, with --once, went down). Ports are free ones.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly root
readonly namespace=milink-demo
readonly system_namespace=milink-system  # of config/rbac
readonly service_account=milink-operator
readonly speed=10           # simulated seconds in one real one
readonly up_limit=240       # seconds until both databases must replicate
readonly message_width=150  # longer ones are cut; kubectl describe has all of it
readonly down_limit=90      # .. until link and replica must be gone

once=false
own_cluster=true
work=          # logs and everything else that is gone afterwards
reason=        # why the demo failed
installed=false
operator_pid=
simulator_pid=
kubectl=(kubectl)
declare -A shown=()

say() { printf '%s\n' "$*"; }
title() { printf '\n== %s\n' "$*"; }

die() {
  reason=$*
  exit 1
}

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

# --- set-up ----------------------------------------------------------------------------------------

# Runs a command with its output in a log; in a subshell of its own, so that its errors end it.
step() {  # TITLE COMMAND..
  local title=$1 started=$SECONDS code
  shift
  printf '  %-58s' "$title"
  set +e
  (set -e; "$@") </dev/null >>"$work/setup.log" 2>&1
  code=$?
  set -e
  if ((code != 0)); then
    say "failed"
    tail -n 25 "$work/setup.log" | sed 's/^/    /' >&2
    die "set-up failed at: $title"
  fi
  say "$((SECONDS - started)) s"
}

build() {
  cd "$root"
  cmake --preset dev
  cmake --build --preset dev --target milink-operator milink-sim
}

alive() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

# Starts a program that dies with this script, however that ends, and hears no Ctrl-C of its own.
start() {  # NAME COMMAND..: stdout to NAME.out, stderr to NAME.log
  local name=$1
  shift
  setsid setpriv --pdeathsig KILL -- "$@" </dev/null >"$work/$name.out" 2>"$work/$name.log" &
}

wait_for_line() {  # FILE PATTERN PID WHAT
  local deadline=$((SECONDS + 30))
  until grep -q "$2" "$1" 2>/dev/null; do
    alive "$3" || die "$4 ended at its start"
    ((SECONDS < deadline)) || die "$4 did not start within 30 s"
    sleep 0.1
  done
}

start_simulator() {
  start simulator "$root/build/dev/tests/sim/main/milink-sim" \
    --world "$root/hack/demo/world.json" --speed "$speed"
  simulator_pid=$!
  wait_for_line "$work/simulator.out" '}$' "$simulator_pid" "the simulator"
  address() { jq -er "$1" "$work/simulator.out"; }
  arm_url=$(address .arm.url)
  control_url=$(address .control.url)
  sql_host=$(address .sqlServers.SQL1.host)
  sql_port=$(address .sqlServers.SQL1.port)
  address .arm.ca >"$work/arm-ca.pem"
  address .sqlCa >"$work/sql-ca.pem"
}

# A kubeconfig of our own: the context stays the same when yours changes, and holds our namespace.
private_kubeconfig() {
  export KUBECACHEDIR=$work/kubectl-cache
  if $own_cluster; then
    "$root/hack/kube-env.sh" up "$work/kube" --owner $$ >>"$work/setup.log" 2>&1 </dev/null ||
      { tail -n 25 "$work/setup.log" >&2; die "the API server did not start"; }
    kubectl=("$work/kube/bin/kubectl")
    export KUBECONFIG=$work/kube/admin.kubeconfig
  else
    command -v kubectl >/dev/null || die "--use-current-context needs kubectl on PATH"
    kubectl config current-context >/dev/null 2>&1 || die "kubectl has no current context"
  fi
  (umask 077 && "${kubectl[@]}" config view --raw --minify --flatten >"$work/kubeconfig")
  export KUBECONFIG=$work/kubeconfig
  "${kubectl[@]}" config set-context --current --namespace "$namespace" >/dev/null
  "${kubectl[@]}" version >>"$work/setup.log" 2>&1 || die "the API server of the context does not answer"
}

# An installation that is there already is not ours to change.
refuse_existing() {
  local found
  found=$("${kubectl[@]}" get --ignore-not-found -o name \
    crd/managedinstancelinks.milink.dev crd/sqlserverreplicas.milink.dev \
    "namespace/$namespace" "namespace/$system_namespace" \
    clusterrole/milink-operator clusterrolebinding/milink-operator) ||
    die "the cluster could not be asked what is installed"
  [[ -z $found ]] || die "the cluster has these already, and the demo changes nothing that is not its own: ${found//$'\n'/, }"
}

install_in_cluster() {
  "${kubectl[@]}" create namespace "$system_namespace"
  "${kubectl[@]}" create namespace "$namespace"
  "${kubectl[@]}" apply --server-side -k "$root/config/crd"
  "${kubectl[@]}" apply -k "$root/config/rbac"
  "${kubectl[@]}" wait --for=condition=Established --timeout=60s \
    crd/managedinstancelinks.milink.dev crd/sqlserverreplicas.milink.dev
}

# The operator works with the rights of its ServiceAccount alone.
operator_kubeconfig() {
  local token
  token=$("${kubectl[@]}" -n "$system_namespace" create token "$service_account" --duration=24h)
  (umask 077 && cp "$work/kubeconfig" "$work/operator.kubeconfig")
  "${kubectl[@]}" config set-credentials milink-operator --token "$token" \
    --kubeconfig "$work/operator.kubeconfig"
  "${kubectl[@]}" config set-context --current --user milink-operator \
    --kubeconfig "$work/operator.kubeconfig"
}

start_operator() {
  principal() { jq -er ".principals[0].$1" "$root/hack/demo/world.json"; }
  start operator env AZURE_AUTHORITY_HOST="$arm_url" AZURE_TENANT_ID="$(principal tenantId)" \
    AZURE_CLIENT_ID="$(principal clientId)" AZURE_CLIENT_SECRET="$(principal secret)" \
    "$root/build/dev/operator/milink-operator" \
    --kubeconfig "$work/operator.kubeconfig" --leader-elect=false --health-address 127.0.0.1:0 \
    --azure-endpoint "$arm_url" --azure-ca-file "$work/arm-ca.pem" --instance-interval 1s
  operator_pid=$!
  wait_for_line "$work/operator.log" 'Caches are complete' "$operator_pid" "the operator"
  health_port=$(jq -rR 'fromjson? | select(.port) | .port' "$work/operator.log" | head -n 1)
}

# config/samples as they are, but for where the simulated SQL Server listens and who signed for it.
write_manifests() {
  mkdir -p "$work/manifests"
  cp -R "$root/config/samples" "$work/manifests/samples"
  cp "$work/sql-ca.pem" "$work/manifests/ca.crt"
  cat >"$work/manifests/kustomization.yaml" <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: $namespace
resources:
- samples
configMapGenerator:
- name: sql-ca
  files: [ca.crt]
  options: {disableNameSuffixHash: true}
patches:
- target: {kind: SqlServerReplica, name: sql1}
  patch: |-
    apiVersion: milink.dev/v1alpha1
    kind: SqlServerReplica
    metadata:
      name: sql1
    spec:
      host: $sql_host
      port: $sql_port
      tls:
        caRef: {kind: ConfigMap, name: sql-ca, key: ca.crt}
      observeInterval: 5s
YAML
}

# --- what is shown ---------------------------------------------------------------------------------

# Both objects, then the events in their order, as fields between unit separators.
readonly rows='
  def ready: [.status.conditions[]? | select(.type == "Ready")][0];
  def row(fields): fields | map(. // "-" | tostring) | join("\u001f");
  (.items | map(select(.kind == "Event")) | sort_by(.eventTime // .metadata.creationTimestamp)[] |
    row(["event", .metadata.uid, .regarding.name, .reason, .note])),
  (.items[] | select(.kind == "SqlServerReplica") |
    row(["replica", .metadata.name, ready.status, .status.productVersion, .status.endpoint.state,
         "", ready.message])),
  (.items[] | select(.kind == "ManagedInstanceLink") |
    row(["link", .metadata.name, ready.status, .status.phase, .status.summary.databases,
         .status.summary.seeding, ready.message]))'

# Prints what is new since the last time. Sets link_ready.
show_news() {
  local objects kind name rest line
  objects=$("${kubectl[@]}" get sqlr,mil,events.events.k8s.io -o json 2>>"$work/kubectl.log") || return 1
  link_ready=
  while IFS=$'\x1f' read -r kind name rest; do
    [[ $kind != link ]] || link_ready=${rest%%$'\x1f'*}
    line=$kind:$name
    [[ ${shown[$line]-} != "$rest" ]] || continue
    shown[$line]=$rest
    print_row "$kind" "$name" "$rest"
  done < <(jq -r "$rows" <<<"$objects")
}

print_row() {  # KIND NAME FIELDS
  local fields
  IFS=$'\x1f' read -r -a fields <<<"$3"
  local -r last=$((${#fields[@]} - 1))
  if ((${#fields[last]} > message_width)); then fields[last]="${fields[last]:0:message_width} .."; fi
  if [[ $1 == event ]]; then
    printf '%4d s  event    %-6s %s: %s\n' "$((SECONDS - began))" "${fields[@]:0:3}"
  else
    printf '%4d s  %-8s %-6s %-8s %-14s %-9s %-8s %s\n' "$((SECONDS - began))" "$1" "$2" "${fields[@]}"
  fi
}

check_parts() {
  alive "$simulator_pid" || die "the simulator has ended"
  alive "$operator_pid" || die "the operator has ended"
}

# Follows the objects until the condition, a command, holds.
follow() {  # SECONDS WHAT COMMAND..
  local deadline=$((SECONDS + $1)) what=$2 failures=0
  shift 2
  while :; do
    if show_news; then failures=0; else ((++failures)); fi
    ((failures < 20)) || die "the API server does not answer: $(tail -n 1 "$work/kubectl.log")"
    if "$@"; then return; fi
    check_parts
    ((SECONDS < deadline)) || die "$what did not happen in time"
    sleep 0.5
  done
}

is_up() { [[ $link_ready == True ]]; }
never() { false; }
are_gone() {
  local left
  left=$("${kubectl[@]}" get mil,sqlr -o name 2>>"$work/kubectl.log") && [[ -z $left ]]
}

header() {
  printf '%6s  %-8s %-6s %-8s %-14s %-9s %-8s %s\n' TIME OBJECT NAME READY PHASE DATABASES SEEDING MESSAGE
}

world() { curl -fsS --noproxy '*' "$control_url/world"; }

show_world() {
  world | jq -r '
    def list: if length == 0 then "none" else join(", ") end;
    (.sqlServers[] | "  \(.serverName)",
      "    databases:           \([.databases[] | "\(.name) (\(.state), \(.recovery)\(if .inGroup then ", in a group" else "" end))"] | list)",
      "    availability groups: \([.groups[] | .name] | list)",
      "    certificates:        \([.certificates[].name] | list)"),
    (.managedInstances[] | "  \(.name)",
      "    databases:           \([.databases[] | "\(.name) (\(.status))"] | list)",
      "    links:               \([.links[] | "\(.name) (\(.stage))"] | list)",
      "    trusted certificates: \([.trustCertificates[].name] | list)")'
}

show_hints() {
  title "Play on, in another terminal"
  printf '  export KUBECONFIG=%q\n' "$work/kubeconfig"
  if $own_cluster; then printf '  export PATH=%q:%s\n' "$work/kube/bin" "\$PATH"; fi
  cat <<TEXT
  kubectl get mil,sqlr                     # the two objects
  kubectl events --for mil/shop            # what happened
  kubectl delete mil/shop                  # takes the link down (deletionPolicy: Unlink)
  kubectl apply -k $(printf '%q' "$work/manifests")    # again: the message says what is in the way

  # Make things fail; this terminal shows what the operator says to it.
  sim=$control_url
  curl -d '' \$sim/endpoints/SQL1/stop      # the mirroring endpoint; /start mends it
  curl -d '' \$sim/network/10.0.0.4/cut     # the network between the two sides; /mend mends it
  curl -d '{"state": "Stopped"}' \$sim/managedInstances/sqlmi1             # and "Ready"
  curl \$sim/faults -d '{"kind": "request", "times": 5, "what": "fail", "http": {"status": 429, "retryAfter": 3}}'
  curl -d '' \$sim/tokens/expire            # Azure refuses the operator's token
  curl -d '{"speed": 1}' \$sim/clock        # slower seeding

  # Read what was asked of SQL Server and Azure, and what took effect.
  curl -s "\$sim/journal?mutation=true" | jq -r '.entries[] | [.sequence, .target, .operation, .object, .result] | @tsv'
  curl -s \$sim/journal/mutations | jq .
  curl -s \$sim/world | jq .
  # More: tests/sim/control/control_service.h

  tail -f $(printf '%q' "$work/operator.log")
  curl -s http://127.0.0.1:$health_port/metrics
TEXT
}

# --- taking down -----------------------------------------------------------------------------------

# Nothing of the link may be left on either side, and no database may be gone.
check_clean_world() {
  world | jq -e '
    all(.sqlServers[]; (.groups | length) == 0 and all(.databases[]; .state == "ONLINE" and (.inGroup | not))) and
    ([.sqlServers[].databases[].name] | sort) == ["orders", "sales"] and
    all(.managedInstances[]; (.links | length) == 0 and (.trustCertificates | length) == 0)' >/dev/null
}

take_down() {
  title "Taking it down: kubectl delete mil/shop, then sqlr/sql1"
  "${kubectl[@]}" delete mil/shop --wait=false
  follow "$down_limit" "the removal of the link" link_gone
  "${kubectl[@]}" delete sqlr/sql1 --wait=false
  follow "$down_limit" "the removal of the replica" are_gone
  title "What is left in the simulated world"
  show_world
  check_clean_world || die "the world is not clean: groups, links or trusted certificates are left"
  say "  Clean: no group, no link, no trusted certificate; both databases are where they were."
}

link_gone() {
  local left
  left=$("${kubectl[@]}" get mil -o name 2>>"$work/kubectl.log") && [[ -z $left ]]
}

explain_failure() {
  say "" >&2
  say "demo: $reason" >&2
  if [[ -n ${began-} ]]; then
    "${kubectl[@]}" get sqlr,mil -o json --request-timeout=5s 2>/dev/null | jq -r '
      .items[] | .kind as $kind | .metadata.name as $name | .status.conditions[]? |
      select((.type == "SplitBrain" and .status != "False") or
             (.type != "SplitBrain" and .status != "True")) |
      "  \($kind)/\($name) \(.type)=\(.status) \(.reason): \(.message)"' >&2
  fi
  local name
  for name in operator simulator; do
    if [[ -s $work/$name.log ]]; then
      say "  last lines of the $name's log:" >&2
      tail -n 6 "$work/$name.log" | sed 's/^/    /' >&2
    fi
  done
}

# Removes what install_in_cluster and the manifests put there, and only that.
remove_from_cluster() {
  say "Removing what the demo put into the cluster .."
  local object options=(--ignore-not-found --request-timeout=30s)
  {
    # While the operator runs: it unlinks and lets go. Else the finalizers go by hand; what they
    # protect is the simulator's world alone.
    timeout 40 "${kubectl[@]}" delete mil --all "${options[@]}" &&
      timeout 20 "${kubectl[@]}" delete sqlr --all "${options[@]}"
    for object in $("${kubectl[@]}" get mil,sqlr -o name); do
      "${kubectl[@]}" patch "$object" --type=merge -p '{"metadata":{"finalizers":null}}'
      "${kubectl[@]}" delete "$object" "${options[@]}"
    done
    "${kubectl[@]}" delete -k "$root/config/rbac" "${options[@]}"
    "${kubectl[@]}" delete -k "$root/config/crd" "${options[@]}"
    "${kubectl[@]}" delete namespace "$namespace" "$system_namespace" --wait=false "${options[@]}"
  } >>"$work/cleanup.log" 2>&1
}

stop() {  # PID
  local deadline=$((SECONDS + 15))
  alive "$1" || return 0
  kill -TERM "$1"
  while alive "$1" && ((SECONDS < deadline)); do sleep 0.1; done
  kill -KILL "$1" 2>/dev/null
  wait "$1" 2>/dev/null
}

finish() {
  local code=$?
  trap - EXIT
  trap '' INT TERM
  set +e
  [[ -n $work ]] || exit "$code"
  if ((code != 0 && code < 128)); then
    reason=${reason:-an unexpected error; see the log files}
    explain_failure
  fi
  title "Cleaning up"
  if $installed && ! $own_cluster; then remove_from_cluster; fi
  stop "$operator_pid"
  stop "$simulator_pid"
  "$root/hack/kube-env.sh" down "$work/kube" >>"$work/cleanup.log" 2>&1
  if ((code == 0 || code >= 128)); then
    rm -rf "$work"
    say "Nothing is left running."
  else
    find "$work" -mindepth 1 ! -name '*.log' -delete 2>/dev/null
    say "Nothing is left running. Logs: $work"
  fi
  exit "$code"
}

# --- the demo --------------------------------------------------------------------------------------

set_up() {
  title "Set-up (the first time takes some minutes)"
  step "packages (hack/install-deps.sh)" "$root/hack/install-deps.sh"
  if $own_cluster; then step "etcd, kube-apiserver, kubectl" "$root/hack/kube-env.sh" build; fi
  step "operator and simulator" build
  private_kubeconfig
  if ! $own_cluster; then refuse_existing; fi
  installed=true
  step "CRDs and the operator's rights" install_in_cluster
  start_simulator
  step "a token of the ServiceAccount $service_account" operator_kubeconfig
  start_operator
  write_manifests
  say "  SQL Server SQL1 listens on $sql_host:$sql_port, Azure on $arm_url"
  say "  Kubernetes is at $("${kubectl[@]}" config view --minify -o 'jsonpath={.clusters[0].cluster.server}')"
}

bring_up() {
  title "kubectl apply -k config/samples (with the simulator's addresses)"
  "${kubectl[@]}" apply -k "$work/manifests"
  say ""
  header
  began=$SECONDS
  follow "$up_limit" "the link" is_up
  "${kubectl[@]}" wait --for=condition=Ready --timeout=10s mil/shop sqlr/sql1
  title "Both databases replicate after $((SECONDS - began)) s: kubectl describe mil/shop"
  "${kubectl[@]}" describe mil/shop
  title "The simulated world"
  show_world
}

main() {
  local argument
  for argument in "$@"; do
    case $argument in
      --once) once=true ;;
      --use-current-context) own_cluster=false ;;
      -h | --help) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
  done
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "${TMPDIR:-/tmp}/milink-demo.XXXXXX")
  set_up
  bring_up
  if $once; then
    take_down
    return
  fi
  show_hints
  trap 'exit 0' INT TERM
  title "Following the objects until Ctrl-C"
  header
  follow 1000000000 "Ctrl-C" never
}

main "$@"
