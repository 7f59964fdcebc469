#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang_tidy.py CLANG_TIDY BUILD_DIR FOLDER: checks every source below FOLDER that the build compiles.

Most of the time clang-tidy takes for a source is spent in the headers it includes, so sources of
one folder with the same compiler options are checked as one. Where that fails, each of them is
checked alone and only that counts: names of two files may clash. Run from the root.
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


def write_batches(entries, where):
    """A source for each batch, with the files it stands for, and the compile commands of all."""
    commands, sources = [], {}
    for number, (call, files) in enumerate(batches(entries)):
        source = where / f"batch_{number}.cpp"
        source.write_text("".join(f'#include "{file}"\n' for file in files))
        commands.append({"directory": entries[0]["directory"], "file": str(source),
                         "command": f"{call} -c {source}"})
        sources[source] = files
    (where / "compile_commands.json").write_text(json.dumps(commands))
    return sources


def check(clang_tidy, database, source, *options):
    """What clang-tidy has to say, empty when nothing."""
    done = subprocess.run([clang_tidy, "--quiet", "--warnings-as-errors=*", *options,
                           "--extra-arg=-Wno-unknown-warning-option", "-p", database, source],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return f"{done.stdout}{done.stderr}\nclang-tidy: exit {done.returncode} for {source}"


def check_batch(clang_tidy, build, source, files):
    root = os.getcwd()
    if not check(clang_tidy, source.parent, source, f"--config-file={root}/.clang-tidy",
                 f"--header-filter={root}/(libmsg|server|tests|examples)/",
                 "--checks=-bugprone-suspicious-include"):
        return ""
    return "".join(check(clang_tidy, build, file) for file in files)


def main():
    clang_tidy, build, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    below = str(folder.resolve()) + os.sep
    # A file that no compile command names is younger than the configured build: reconfigure.
    entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"].startswith(below)]
    if not entries:
        sys.exit(f"{build} compiles nothing below {folder}: reconfigure")
    with tempfile.TemporaryDirectory() as where, concurrent.futures.ThreadPoolExecutor(2) as pool:
        sources = write_batches(entries, pathlib.Path(where))
        found = [pool.submit(check_batch, clang_tidy, build, *batch) for batch in sources.items()]
        text = "".join(answer.result() for answer in found)
    print(text)
    sys.exit(bool(text))


main()
