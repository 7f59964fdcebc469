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
import re
import subprocess
import sys
import tempfile

TOGETHER = 8


def sources(entry):
    """An entry for each source: where CMake compiles them in groups, a group's file includes them."""
    file = entry["file"]
    if "/Unity/unity_" not in file:
        return [entry]
    included = re.findall(r'^#include "(.+)"$', pathlib.Path(file).read_text(), re.MULTILINE)
    return [{**entry, "file": one, "command": entry["command"].replace(file, one)}
            for one in included]


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


def write_database(where, directory, call, source):
    pathlib.Path(where, "compile_commands.json").write_text(json.dumps(
        [{"directory": directory, "file": str(source), "command": f"{call} -c {source}"}]))


def tidy_alone(clang_tidy, directory, call, file):
    with tempfile.TemporaryDirectory() as where:
        write_database(where, directory, call, file)
        return tidy(clang_tidy, where, file)


def tidy_together(clang_tidy, directory, call, files):
    """Checks a source that includes all of them."""
    root = os.getcwd()
    with tempfile.TemporaryDirectory() as where:
        source = pathlib.Path(where, "batch.cpp")
        source.write_text("".join(f'#include "{file}"\n' for file in files))
        write_database(where, directory, call, source)
        return tidy(clang_tidy, where, source, f"--config-file={root}/.clang-tidy",
                    f"--header-filter={root}/(libmsg|server|tests|examples)/",
                    "--checks=-bugprone-suspicious-include")


def check(clang_tidy, build, call, files):
    """What is wrong with these, halving them until those that go together are found."""
    if len(files) == 1:
        return tidy_alone(clang_tidy, str(build.resolve()), call, files[0])
    if not tidy_together(clang_tidy, str(build.resolve()), call, files):
        return ""
    middle = len(files) // 2
    return "".join(check(clang_tidy, build, call, half) for half in (files[:middle], files[middle:]))


def main():
    clang_tidy, build, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    below = str(folder.resolve()) + os.sep
    # A file that no compile command names is younger than the configured build: reconfigure.
    entries = [source for entry in json.loads((build / "compile_commands.json").read_text())
               for source in sources(entry) if source["file"].startswith(below)]
    if not entries:
        sys.exit(f"{build} compiles nothing below {folder}: reconfigure")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = [pool.submit(check, clang_tidy, build, *batch) for batch in batches(entries)]
        text = "".join(answer.result() for answer in found)
    print(text)
    sys.exit(bool(text))


main()
