#!/usr/bin/env python3
"""Runs clang-tidy over our .cc files, skipping those that passed before with the same content.

usage: tidy.py [-p build/dev] [--tests] [file..]
Without names: what is shipped; with --tests also tests and stand-ins, which take twice as long.
A file's key covers its text, every header of ours that it includes, its compile command, the
configuration and the version of clang-tidy. Passed keys are kept in
${XDG_CACHE_HOME:-~/.cache}/milink/tidy.

Most of the time goes into the headers of libraries. So the files of a folder are read in batches,
as one that includes them; a batch with a finding is read again file by file.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-19")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache",
                     "milink", "tidy")
BATCH = 8
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


def tidy(path, in_tests, *rest):
    """(exit code, what to show)"""
    checks = [f"--checks={TEST_CHECKS}"] if in_tests else []
    result = subprocess.run([TIDY, *ARGUMENTS, *checks, str(path), *rest], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    # What clang counts and suppresses goes to stderr; an error of the tool itself goes there too.
    errors = result.stderr if "error:" in result.stderr else ""
    return result.returncode, result.stdout + errors


def is_test(path):
    return path.is_relative_to(ROOT / "tests")


def passes_together(paths, flags, build):
    with tempfile.NamedTemporaryFile("w", suffix=".cc", dir=build) as together:
        together.writelines(f'#include "{path}"  // NOLINT\n' for path in paths)
        together.flush()
        return tidy(together.name, is_test(paths[0]), "--", *flags)[0] == 0


def run_batch(flags, batch, build):
    """[(file, exit code, output)] of [(file, mark)]."""
    if len(batch) > 1 and passes_together([path for path, _ in batch], flags, build):
        results = [(path, 0, "") for path, _ in batch]
    else:
        results = [(path, *tidy(path, is_test(path), "-p", str(build))) for path, _ in batch]
    for (_, mark), (_, code, _) in zip(batch, results):
        if code == 0:
            mark.touch()
    return results


def flags_of(command):
    """What one compile command has in common with those of its neighbours."""
    words = shlex.split(command)
    start = next(i for i, word in enumerate(words) if re.search(r"(\+\+|cc)(-\d+)?$", word))
    end = words.index("-o")
    return tuple(words[start + 1:end])


def batches(todo):
    """[(flags, [(file, mark)])] of [(file, command, mark)], neighbours together."""
    groups = {}
    for path, command, mark in todo:
        groups.setdefault((path.parent, flags_of(command)), []).append((path, mark))
    return [(flags, files[at:at + BATCH])
            for (_, flags), files in groups.items() for at in range(0, len(files), BATCH)]


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
            todo.append((path, command, mark))

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for results in pool.map(lambda item: run_batch(*item, arguments.build), batches(todo)):
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
