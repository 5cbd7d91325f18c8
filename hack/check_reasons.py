#!/usr/bin/env python3
"""Holds the list of reasons to what the operator gives in conditions and events.

usage: check_reasons.py [--root DIR]
The list is core/api/reasons.h (our own words) and core/api/error_reasons.h (words of errors that
pass through from SQL Server, Azure and the connections to them, whose modules may not include it).
docs/reasons.md documents all of them. Prints one line per difference and exits 1 when there is one.
"""

import argparse
import pathlib
import re
import sys

CONSTANT = re.compile(r'inline constexpr char (k\w+)\[\] =\s*"(\w+)";')
USE = re.compile(r'\breason::(k\w+)')
# An error as it is made, and rows of the tables of error numbers and codes.
ERROR = re.compile(r'(ErrorClass::k\w+, )?ErrorKind::k\w+,\s*"([A-Z]\w+)"')
INVALID = re.compile(r'\bInvalid\(\s*"([A-Z]\w+)"')
# What stands for a number or code that is in no table.
DEFAULT = re.compile(r'\? "([A-Z]\w+)" :')
# What a controller must not write itself.
LITERAL = re.compile(r'(?:ErrorKind|EventType)::k\w+,\s*"(\w+)"')
DOCUMENTED = re.compile(r'`([A-Z]\w+)`')

# Messages that are no failure, and states that were wanted, are not told.
SILENT = ("ErrorClass::kInfo, ", "ErrorClass::kOk, ")


def sources(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path, path.read_text()


def constants(path):
    return dict(CONSTANT.findall(path.read_text().partition("reason {")[2]))


def passed_on(root):
    out = set()
    for path, text in sources(root, "core/sql", "core/azure", "core/pki"):
        out |= {word for rule, word in ERROR.findall(text) if rule not in SILENT}
        out |= set(INVALID.findall(text))
        if path.name == "errors.cc":
            out |= set(DEFAULT.findall(text))
    return out


def documented(root):
    words = set()
    for line in (root / "docs/reasons.md").read_text().splitlines():
        if line.startswith("| `"):
            words |= set(DOCUMENTED.findall(line.split("|")[1]))
    return words


def differences(root):
    own = constants(root / "core/api/reasons.h")
    passed = constants(root / "core/api/error_reasons.h")
    for name, word in [*own.items(), *passed.items()]:
        if name != "k" + word:
            yield f"{name} should be called k{word}"
    used = set()
    for path, text in sources(root, "controllers"):
        used |= set(USE.findall(text))
        for word in LITERAL.findall(text):
            yield f"{path.relative_to(root)}: \"{word}\" must be a constant of core/api/reasons.h"
    given = passed_on(root)
    for name in sorted(set(own) - used):
        yield f"core/api/reasons.h: nothing gives {name}"
    for word in sorted(given - set(own.values()) - set(passed.values())):
        yield f"core/api/error_reasons.h: {word} is given and not listed"
    for word in sorted(set(passed.values()) - given):
        yield f"core/api/error_reasons.h: nothing gives {word}"
    for word in sorted(set(passed.values()) & set(own.values())):
        yield f"core/api/error_reasons.h: {word} stands in reasons.h already"
    listed = set(own.values()) | set(passed.values())
    for word in sorted(listed - documented(root)):
        yield f"docs/reasons.md: {word} is missing"
    for word in sorted(documented(root) - listed):
        yield f"docs/reasons.md: nothing gives {word}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = list(differences(parser.parse_args().root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
