#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang_tidy.py CLANG_TIDY BUILD_DIR FOLDER: checks every source below FOLDER that the build compiles.

Most of the time clang-tidy takes for a source is spent in the headers it includes, so sources of
one folder with the same compiler options are checked as one. Where that fails, halves of them are,
down to one alone, which counts: names of two files may clash. Run from the root.
"""
import concurrent.futures
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOGETHER = 8


def compiler_call(entry):
    """The call without the names of the source and its object."""
    words = entry["command"].split()
    output = words.index("-o")
    del words[output:output + 2]
    return " ".join(word for word in words if word not in (entry["file"], "-c"))


def batches(entries):
    def alike(entry):
        return os.path.dirname(entry["file"]), compiler_call(entry)
    for (_, call), group in itertools.groupby(sorted(entries, key=alike), alike):
        files = [entry["file"] for entry in group]
        for first in range(0, len(files), TOGETHER):
            yield call, files[first:first + TOGETHER]


def tidy(clang_tidy, database, source, *options):
    """What clang-tidy has to say, empty when nothing."""
    done = subprocess.run([clang_tidy, "--quiet", "--warnings-as-errors=*", *options,
                           "--extra-arg=-Wno-unknown-warning-option", "-p", database, source],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return f"{done.stdout}{done.stderr}\nclang-tidy: exit {done.returncode} for {source}"


def tidy_together(clang_tidy, directory, call, files):
    """Checks a source that includes all of them."""
    root = os.getcwd()
    with tempfile.TemporaryDirectory() as where:
        source = pathlib.Path(where, "batch.cpp")
        source.write_text("".join(f'#include "{file}"\n' for file in files))
        pathlib.Path(where, "compile_commands.json").write_text(json.dumps(
            [{"directory": directory, "file": str(source), "command": f"{call} -c {source}"}]))
        return tidy(clang_tidy, where, source, f"--config-file={root}/.clang-tidy",
                    f"--header-filter={root}/(libmsg|server|tests|examples)/",
                    "--checks=-bugprone-suspicious-include")


def check(clang_tidy, build, call, files):
    """What is wrong with these, halving them until those that go together are found."""
    if len(files) == 1:
        return tidy(clang_tidy, build, files[0])
    if not tidy_together(clang_tidy, str(build.resolve()), call, files):
        return ""
    middle = len(files) // 2
    return "".join(check(clang_tidy, build, call, half) for half in (files[:middle], files[middle:]))


def main():
    clang_tidy, build, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    below = str(folder.resolve()) + os.sep
    # A file that no compile command names is younger than the configured build: reconfigure.
    entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"].startswith(below)]
    if not entries:
        sys.exit(f"{build} compiles nothing below {folder}: reconfigure")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = [pool.submit(check, clang_tidy, build, *batch) for batch in batches(entries)]
        text = "".join(answer.result() for answer in found)
    print(text)
    sys.exit(bool(text))


main()
