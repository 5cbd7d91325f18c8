#!/usr/bin/env bash
# Format, layer and clang-tidy checks of the tree's own C++ files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CLANG_FORMAT=${CLANG_FORMAT:-clang-format-19}

cpp_files() { git ls-files --cached --others --exclude-standard -z -- '*.cc' '*.h'; }

check_format() {
  cpp_files | xargs -0 -r "$CLANG_FORMAT" --dry-run --Werror ||
    { echo "lint: run 'hack/lint.sh fix' to format the files above" >&2; return 1; }
}

case "${1:-all}" in
  format) check_format ;;
  fix) cpp_files | xargs -0 -r "$CLANG_FORMAT" -i ;;
  layers) python3 hack/check_layers.py ;;
  reasons) python3 hack/check_reasons.py ;;
  tidy) python3 hack/tidy.py "${@:2}" ;;
  all) python3 hack/check_layers.py && python3 hack/check_reasons.py && check_format && python3 hack/tidy.py ;;
  *) echo "usage: hack/lint.sh [all | format | fix | layers | reasons | tidy [--tests] [file..]]" >&2; exit 2 ;;
esac
