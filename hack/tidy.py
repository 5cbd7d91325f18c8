#!/usr/bin/env python3
"""Runs clang-tidy over our .cc files, skipping those that passed before with the same content.

usage: tidy.py [-p build/dev] [--tests] [file..]
Without names: what is shipped; with --tests also tests and stand-ins, which take twice as long.
A file's key covers its text, every header of ours that it includes, its compile command, the
configuration and the version of clang-tidy. Passed keys are kept in
${XDG_CACHE_HOME:-~/.cache}/milink/tidy.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-19")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache",
                     "milink", "tidy")
OURS = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
ARGUMENTS = [
    "--quiet",
    "--warnings-as-errors=*",
    f"--header-filter=^{re.escape(str(ROOT))}/(core|controllers|operator|tests)/",
    # The compile commands are written for GCC, whose warnings clang does not all know.
    "--extra-arg=-Wno-unknown-warning-option",
    "--extra-arg=-Wno-error",
]

# Tests and stand-ins get the checks that find defects. GoogleTest's and GoogleMock's headers
# make every check expensive, and most of the others judge shapes that its macros prescribe: tables of
# cases are long functions, fixtures have members in places of their own.
TEST_CHECKS = ",".join([
    "-*", "bugprone-assert-side-effect", "bugprone-copy-constructor-init",
    "bugprone-dangling-handle", "bugprone-forward-declaration-namespace", "bugprone-infinite-loop",
    "bugprone-integer-division", "bugprone-lambda-function-name", "bugprone-move-forwarding-reference",
    "bugprone-sizeof-*", "bugprone-string-*", "bugprone-suspicious-memset-usage",
    "bugprone-suspicious-string-compare", "bugprone-undelegated-constructor", "bugprone-unused-raii",
    "bugprone-use-after-move", "performance-for-range-copy",
    "modernize-use-nullptr", "modernize-use-override",
    "cppcoreguidelines-avoid-non-const-global-variables", "cppcoreguidelines-pro-type-cstyle-cast",
])


@functools.lru_cache(maxsize=None)
def read(path):
    return path.read_bytes() if path.is_file() else b""


def closure(path):
    """The file and all headers of ours that it includes, in a stable order."""
    seen, todo = set(), [path]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        text = read(current).decode("utf-8", "replace")
        todo += [ROOT / name for name in OURS.findall(text) if (ROOT / name).is_file()]
    return sorted(seen)


def key_of(path, command, settings):
    digest = hashlib.sha256(settings)
    digest.update(command.replace(str(ROOT), "").encode())
    for file in closure(path):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(read(file)).digest())
    return digest.hexdigest()


def run(path, mark, build):
    checks = [f"--checks={TEST_CHECKS}"] if path.is_relative_to(ROOT / "tests") else []
    result = subprocess.run([TIDY, *ARGUMENTS, *checks, "-p", str(build), str(path)], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    if result.returncode == 0:
        mark.touch()
    # What clang counts and suppresses goes to stderr; an error of the tool itself goes there too.
    errors = result.stderr if "error:" in result.stderr else ""
    return result.returncode, result.stdout + errors


def selected(build, names, with_tests):
    """(file, compile command) of our files in the compilation database."""
    database = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    wanted = {(ROOT / name).resolve() for name in names}
    found = {}
    for entry in database:
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        ours = path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build")
        usual = with_tests or not path.is_relative_to(ROOT / "tests")
        if ours and (path in wanted if wanted else usual):
            found[path] = entry["command"]
    return sorted(found.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-p", dest="build", type=pathlib.Path, default=ROOT / "build" / "dev")
    parser.add_argument("-j", dest="jobs", type=int, default=os.cpu_count())
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    files = selected(arguments.build, arguments.files, arguments.tests)
    if not files:
        print("tidy: no file to check; is the tree configured?", file=sys.stderr)
        return 1

    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    settings = version + read(ROOT / ".clang-tidy") + " ".join([*ARGUMENTS[:2], TEST_CHECKS]).encode()
    CACHE.mkdir(parents=True, exist_ok=True)
    todo = []
    for path, command in files:
        mark = CACHE / key_of(path, command, settings)
        if mark.exists():
            mark.touch()  # the age of a mark is the time since its last use
        else:
            todo.append((path, mark))

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = pool.map(lambda item: (item[0], *run(*item, arguments.build)), todo)
        for path, code, output in results:
            if code != 0:
                failed += 1
                print(f"-- {path.relative_to(ROOT)}\n{output}", flush=True)
    for mark in CACHE.iterdir():
        if time.time() - mark.stat().st_mtime > 30 * 24 * 3600:
            mark.unlink(missing_ok=True)
    print(f"tidy: {len(files)} files, {len(files) - len(todo)} unchanged, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
