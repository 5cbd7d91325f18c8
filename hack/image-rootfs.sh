#!/usr/bin/env bash
# The operator's container image as a folder: the program, the libraries and the ODBC driver it
# needs, authorities, and nothing else. No shell, no package manager. The Dockerfile's last stage is
# what `make` writes; without a container engine `run` starts it all the same.
#
#   image-rootfs.sh make PROGRAM DIR              fill DIR, which must not exist; print what it weighs
#   image-rootfs.sh run DIR [--bind PATH].. -- ARGUMENT..
#       run the operator in DIR as a pod would: DIR is its root, read-only; /proc and /dev of its own,
#       its own process ids; user 65532 when started by root. Each PATH appears, read-only, at the same
#       place.
set -euo pipefail

user=65532  # "nonroot" of other images without a shell
program_path=/usr/bin/milink-operator

die() { echo "image-rootfs: $*" >&2; exit 1; }

# --- make ----------------------------------------------------------------------------------------

# Copies a file to where it really lies, and a link when it is known by another name.
put() {  # ROOT FILE
  local real named
  real=$(realpath "$2")
  named=$(realpath "$(dirname "$2")")/$(basename "$2")
  install -D -m "$(stat -c %a "$real")" "$real" "$1$real"
  if [[ $named != "$real" ]]; then
    mkdir -p "$1$(dirname "$named")"
    ln -sfn "$real" "$1$named"
  fi
}

libraries_of() { ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p'; }

# What scanners and licences want: each file's package, its version and its terms.
put_packages() {  # ROOT FILE..
  local root=$1 package file
  shift
  mkdir -p "$root/var/lib/dpkg/status.d"
  # With /lib being /usr/lib, dpkg may know a file by its older name: one of the two is not found.
  { dpkg-query -S "$@" "${@/#\/usr\/lib/\/lib}" 2>/dev/null || true; } | sed 's/: .*//' |
    { cat; echo ca-certificates; } | sort -u | while read -r package; do
      dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/${package%%:*}"
      file=/usr/share/doc/${package%%:*}/copyright
      [[ ! -e $file ]] || put "$root" "$file"
    done
}

put_settings() {  # ROOT DRIVER
  local root=$1
  mkdir -p "$root/etc/ssl/certs" "$root/usr/lib/ssl" "$root/proc" "$root/dev" "$root/sys"
  install -d -m 1777 "$root/tmp"
  install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"  # where OpenSSL looks
  printf '[FreeTDS]\nDescription = TDS driver\nDriver = %s\n' "$2" >"$root/etc/odbcinst.ini"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
  printf 'root:x:0:0::/:/sbin/nologin\nnonroot:x:%s:%s::/:/sbin/nologin\n' $user $user \
    >"$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:%s:\n' $user >"$root/etc/group"
}

make() {  # PROGRAM ROOT
  local program=$1 root=$2 driver gconv file files
  [[ -x $program ]] || die "$program is no program"
  [[ ! -e $root ]] || die "$root exists"
  driver=$(compgen -G '/usr/lib/*/odbc/libtdsodbc.so') || die "FreeTDS' driver is missing: hack/install-deps.sh"
  gconv=$(dirname "$(dirname "$driver")")/gconv  # FreeTDS and unixODBC convert text with it
  mkdir -p "$root$(dirname $program_path)" "$root$(dirname "$gconv")"
  for file in lib lib64; do
    if [[ -L /$file ]]; then cp -P "/$file" "$root/"; fi
  done
  cp -r "$gconv" "$root$gconv"
  mapfile -t files < <({ libraries_of "$program"; libraries_of "$driver"; echo "$driver"; } | sort -u)
  for file in "${files[@]}"; do put "$root" "$file"; done
  mapfile -t files < <(realpath "${files[@]}")
  put_packages "$root" "${files[@]}"
  put_settings "$root" "$driver"
  strip -o "$root$program_path" "$program"
  chmod 755 "$root$program_path"
  printf 'program %s bytes, all %s bytes\n' "$(stat -c %s "$root$program_path")" \
    "$(du -s --apparent-size -B1 "$root" | cut -f1)"
}

# --- run -----------------------------------------------------------------------------------------

run() {  # ROOT [--bind PATH].. -- ARGUMENT..
  local root binds=() namespaces=(--mount --pid --fork --kill-child)
  root=$(realpath "$1")
  shift
  while [[ ${1:-} == --bind ]]; do binds+=("$(realpath "$2")"); shift 2; done
  [[ ${1:-} == -- ]] || die "'--' is missing before the operator's arguments"
  shift
  [[ $EUID -eq 0 ]] || namespaces+=(--user --map-root-user)
  exec unshare "${namespaces[@]}" "$(realpath "${BASH_SOURCE[0]}")" inside "$root" \
    "${#binds[@]}" "${binds[@]}" "$@"
}

# In namespaces of our own: what is mounted here is seen by nobody else and ends with the operator.
inside() {  # ROOT COUNT PATH.. ARGUMENT..
  local root=$1 count=$2 path as=()
  shift 2
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  if ((count)); then mount -t tmpfs tmpfs "$root/tmp"; fi
  for path in "${@:1:count}"; do
    [[ $path == /tmp/* ]] || die "--bind takes what lies below /tmp"
    mkdir -p "$root$path"
    mount --bind -o ro "$path" "$root$path"
  done
  shift "$count"
  mount -o remount,bind,ro "$root"
  # Inside a user namespace nobody else exists whom it could be.
  if [[ $(awk 'NR == 1 { print $3 }' /proc/self/uid_map) != 1 ]]; then as=(--userspec=$user:$user); fi
  exec chroot "${as[@]}" "$root" $program_path "$@"
}

case ${1:-} in
  make) [[ $# -eq 3 ]] || die "usage: make PROGRAM DIR"; make "$2" "$3" ;;
  run) [[ $# -ge 3 ]] || die "usage: run DIR [--bind PATH].. -- ARGUMENT.."; run "${@:2}" ;;
  inside) inside "${@:2}" ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; [[ ${1:-} == -h || ${1:-} == --help ]] ;;
esac
