# Sourced: which Go command can build a module of this tree.

# Prints the path of a Go that understands FOLDER/go.mod. Go 1.21 and newer fetch the toolchain they
# need by themselves; an older one is made to fetch it as what it is, a module.
go_command() {  # FOLDER
  local want have dir
  want=$(awk '$1 == "go" { print $2; exit }' "$1/go.mod")
  have=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
  have=${have#go}
  if [[ $(printf '%s\n' "$want" "$have" | sort -V | head -1) == "$want" ]]; then
    command -v go
    return
  fi
  echo "Go $have is older than $want: fetching the newer toolchain" >&2
  dir=$(cd / && GOTOOLCHAIN=local GOFLAGS=-mod=mod GO111MODULE=on go mod download -json \
    "golang.org/toolchain@v0.0.1-go$want.$(go env GOOS)-$(go env GOARCH)" |
    sed -n 's/.*"Dir": "\(.*\)",*/\1/p')
  [[ -n $dir ]] || { echo "the Go toolchain $want could not be fetched" >&2; return 1; }
  # The module cache drops the permission to execute, and is read-only.
  find "$dir/bin" "$dir/pkg/tool" -type f -exec chmod u+w,a+x {} +
  echo "$dir/bin/go"
}
