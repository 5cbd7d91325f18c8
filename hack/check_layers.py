#!/usr/bin/env python3
"""Checks who includes whom, from the #include lines of the tree.

usage: check_layers.py [--root DIR] [--self-test]
Prints one line per violation and exits 1 when there is one.
"""

import argparse
import pathlib
import re
import sys
import tempfile

# A folder may include itself and the folders named here, nothing else of the project. The entry
# with the longest matching prefix decides; '*' at the end names every folder below.
LAYERS = {
    "core/base": [],
    "core/api": ["core/base"],
    "core/kube": ["core/base"],
    "core/sql": ["core/base"],
    "core/azure": ["core/base"],
    "core/pki": ["core/base"],
    "core/runtime": ["core/base", "core/kube"],
    "controllers/replica": ["core/*"],
    "controllers/link": ["core/*"],
    "operator": ["core/*", "controllers/*"],
    # The stand-ins are written from the systems' references, so that they share no guess with the
    # operator: of its code they see only what knows nothing of SQL Server, Azure or Kubernetes.
    "tests/sim": ["core/base", "core/pki"],
    "tests/fakes": ["core/*", "controllers/*", "tests/gen"],
    "tests/gen": ["core/*", "controllers/*"],
    "tests": ["core/*", "controllers/*", "operator", "tests/*"],
}

# Headers of libraries that must not spread: only .cc files of the folders named include them.
WRAPPED = {
    "Boost": (r"boost/", ["core/kube", "tests/sim", "tests/fakes", "tests/unit/kube",
                          "tests/integration", "tests/e2e"]),
    "cpp-httplib": (r"httplib\.h$", ["core/azure", "core/runtime", "tests"]),
    "ODBC": (r"(sql|sqlext|sqltypes|sqlucode|odbcinst)\.h$", ["core/sql"]),
    "OpenSSL": (r"openssl/", ["core/base/digest.cc", "core/pki", "core/kube", "core/azure",
                              "core/sql/tls_probe.cc", "tests"]),
    "prometheus-cpp": (r"prometheus/", ["core/runtime"]),
    "spdlog": (r"spdlog/", ["core/base"]),
    "yaml-cpp": (r"yaml-cpp/", ["core/kube", "tests"]),
    "CLI11": (r"CLI/", ["operator", "tests/sim"]),
}

# Headers that do include them, for .cc files alone.
INTERNAL = ("core/kube/http_message.h", "core/kube/stream_opener.h")

ROOTS = ("core", "controllers", "operator", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_under(path, folder):
    return path == folder or path.startswith(folder + "/")


def layer_of(path):
    found = [layer for layer in LAYERS if is_under(path, layer)]
    return max(found, key=len) if found else None


def may_include(layer, target):
    if is_under(target, layer):
        return True
    for allowed in LAYERS[layer]:
        if is_under(target, allowed.removesuffix("/*")):
            return True
    return False


def check_include(path, quote, target):
    """Yields what is wrong with `path` including `target`."""
    if target.split("/")[0] in ROOTS and "/" in target:
        layer = layer_of(path)
        if quote == "<":
            yield f'"{target}" is ours: include it with quotes'
        elif not may_include(layer, target):
            yield f"{layer} must not include {target}"
        elif target in INTERNAL and not path.endswith(".cc"):
            yield f"{target} may be included by a .cc file only"
        return
    if quote == '"':
        yield f'"{target}" is not a path from the root of the tree'
    for library, (pattern, folders) in WRAPPED.items():
        if re.match(pattern, target):
            if not any(is_under(path, folder) for folder in folders):
                yield f"{library} is wrapped: {target} belongs into {', '.join(folders)}"
            elif not path.endswith(".cc") and path not in INTERNAL:
                yield f"{library} is wrapped: {target} may be included by a .cc file only"


def check_file(root, path):
    own = path.removesuffix(".cc") + ".h" if path.endswith(".cc") else ""
    first = own if own and (root / own).is_file() else None
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        if first and match.group(2) != first:
            # The build relies on it: this is where the header is compiled alone.
            yield f"{path}:{number}: {first} must be the first include"
        first = None
        for problem in check_include(path, match.group(1), match.group(2)):
            yield f"{path}:{number}: {problem}"


def check_tree(root):
    """Returns (violations, number of files read)."""
    problems, count = [], 0
    for top in ROOTS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            path = file.relative_to(root).as_posix()
            count += 1
            if layer_of(path) is None:
                problems.append(f"{path}:1: the folder is in no layer: add it to LAYERS")
                continue
            problems.extend(check_file(root, path))
    return problems, count


# (file, line, is it allowed?)
SELF_TEST = [
    ("core/base/a.cc", "#include <string>", True),
    ("core/base/a.cc", '#include "core/base/result.h"', True),
    ("core/base/a.cc", '#include "core/kube/client.h"', False),
    ("core/base/a.cc", '#include "result.h"', False),
    ("core/base/a.cc", "#include <core/base/result.h>", False),
    ("core/sql/a.h", '#include "core/azure/models.h"', False),
    ("core/api/a.h", '#include "core/kube/object_client.h"', False),
    ("core/runtime/a.cc", '#include "core/kube/object_client.h"', True),
    ("core/runtime/a.cc", '#include "core/api/condition.h"', False),
    ("core/kube/a.cc", '#include "core/runtime/work_queue.h"', False),
    ("core/unknown/a.cc", "#include <string>", False),
    ("controllers/link/a.cc", '#include "core/sql/session.h"', True),
    ("controllers/link/plan/a.cc", '#include "controllers/link/plan/step.h"', True),
    ("controllers/link/a.cc", '#include "controllers/replica/plan.h"', False),
    ("controllers/link/a.cc", '#include "operator/flags.h"', False),
    ("operator/main.cc", '#include "controllers/link/controller.h"', True),
    ("operator/main.cc", '#include "tests/fakes/fake_clock.h"', False),
    ("core/base/a.cc", '  #  include "tests/fakes/fake_clock.h"', False),
    ("tests/sim/tds/a.cc", '#include "core/base/clock.h"', True),
    ("tests/sim/tds/a.cc", '#include "core/pki/certificate.h"', True),
    ("tests/sim/tds/a.cc", '#include "core/sql/session.h"', False),
    ("tests/sim/arm/a.cc", '#include "core/azure/models.h"', False),
    ("tests/sim/a.cc", '#include "core/kube/client.h"', False),
    ("tests/sim/a.cc", '#include "controllers/link/plan.h"', False),
    ("tests/unit/sql/a.cc", '#include "core/sql/session.h"', True),
    ("tests/integration/a.cc", '#include "tests/sim/world/world.h"', True),
    ("core/kube/a.cc", "#include <boost/beast.hpp>", True),
    ("core/kube/a.h", "#include <boost/beast.hpp>", False),
    ("core/kube/http_message.h", "#include <boost/beast.hpp>", True),
    ("core/kube/a.cc", '#include "core/kube/http_message.h"', True),
    ("core/kube/a.h", '#include "core/kube/http_message.h"', False),
    ("core/azure/a.cc", "#include <boost/beast.hpp>", False),
    ("core/azure/a.cc", "#include <httplib.h>", True),
    ("core/azure/a.h", "#include <httplib.h>", False),
    ("controllers/link/a.cc", "#include <httplib.h>", False),
    ("core/sql/a.cc", "#include <sqlext.h>", True),
    ("core/sql/a.h", "#include <sqlext.h>", False),
    ("core/sql/a.cc", "#include <openssl/x509.h>", False),
    ("core/pki/a.cc", "#include <openssl/x509.h>", True),
]


def own_header_failures():
    """A .cc file includes its own header before all others."""
    for includes, allowed in (('"core/base/a.h"\n#include <string>', True),
                              ('<string>\n#include "core/base/a.h"', False)):
        with tempfile.TemporaryDirectory() as folder:
            base = pathlib.Path(folder) / "core/base"
            base.mkdir(parents=True)
            (base / "a.h").write_text("#pragma once\n", encoding="utf-8")
            (base / "a.cc").write_text(f"#include {includes}\n", encoding="utf-8")
            if bool(check_tree(pathlib.Path(folder))[0]) == allowed:
                yield f"own header: {includes!r} is judged wrongly"


def self_test():
    """A tree with one file per row: each is reported exactly when it should be."""
    failures = list(own_header_failures())
    for path, line, allowed in SELF_TEST:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text(f"// a comment\n{line}\n", encoding="utf-8")
            problems, count = check_tree(pathlib.Path(folder))
            if count != 1 or bool(problems) == allowed:
                failures.append(f"{path}: {line}: {'allowed' if allowed else 'a violation'}, "
                                f"but the check said {problems or 'nothing'}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        problems, count = self_test(), len(SELF_TEST)
    else:
        problems, count = check_tree(arguments.root)
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    print(f"{count} {'cases' if arguments.self_test else 'files'}, {len(problems)} violations")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
