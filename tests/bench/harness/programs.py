"""Which programs run, with which options, and what they say."""

import json
import subprocess
import sys

# What the short subset leaves out: stores, sizes, rounds.
QUICK = {
    "send": ["--store", "rocksdb,sqlite,postgres", "--row", "sender",
             "--rounds", "3", "--seconds", "0.4"],
    "read": ["--store", "rocksdb,sqlite,postgres", "--messages", "20000",
             "--conversations", "100", "--rounds", "3", "--seconds", "0.25"],
    "group": ["--store", "rocksdb,sqlite", "--members", "1024",
              "--rounds", "3", "--seconds", "0.4"],
    "load": ["--store", "rocksdb,sqlite", "--messages", "100000",
             "--rounds", "3", "--seconds", "0.25"],
    "pairs": ["--store", "rocksdb,sqlite", "--row", "8 in flight",
              "--rounds", "3", "--seconds", "0.4"],
    "fanout": ["--store", "rocksdb", "--members", "256", "--rounds", "3", "--seconds", "0.4"],
    "wire": ["--store", "rocksdb,sqlite", "--row", "websocket",
             "--rounds", "3", "--seconds", "0.4"],
}
# What has no short form.
LONG = ["idle", "first_sync", "overload", "slow_peers", "nodes", "cache", "lease"]
POSTGRES = ["nodes", "cache", "lease"]  # of which there is one


STORES = "rocksdb,sqlite,postgres"
IN_PROCESS = ["send", "read", "group"]  # these measure the store in memory as well
OPTIONS = {"idle": ["seconds"], "first_sync": ["rounds"]}  # others know both


def plan(arguments):
    """The programs to run, each with its options: (name, options)."""
    planned = []
    usual = list(QUICK) if arguments.quick else [*QUICK, *LONG]
    for name in arguments.only.split(",") if arguments.only else usual:
        options = list(QUICK.get(name, [])) if arguments.quick else []
        if name == "load" and not arguments.quick:
            options += ["--messages", str(arguments.messages)]
        for option in OPTIONS.get(name, ["rounds", "seconds"]):
            if given := getattr(arguments, option):
                options = with_option(options, f"--{option}", given)
        stores = arguments.store or value_of("--store", options) or STORES
        if name in IN_PROCESS and not (arguments.store or arguments.quick):
            stores += ",memory"
        if name in POSTGRES:
            planned.append((name, options))
            continue
        if name != "load":
            planned.append((name, with_option(options, "--store", stores)))
            continue
        # A process for each store: its memory is one of the figures.
        planned += [(name, with_option(options, "--store", store)) for store in stores.split(",")]
    return planned


def value_of(option, options):
    return options[options.index(option) + 1] if option in options else None


def with_option(options, option, value):
    if option in options:
        at = options.index(option)
        options = options[:at] + options[at + 2:]
    return [*options, option, value]


def run_all(build, planned):
    """The versions that the programs were built with, and the rows of all."""
    versions, rows = {}, []
    for name, options in planned:
        found, more = run(build, name, options)
        versions.update(found)
        rows += more
    return versions, rows


def run_again(build, planned, names):
    """The rows of these programs, measured once more."""
    return [row for name, options in planned if name in names
            for row in run(build, name, options)[1]]


def run(build, name, options):
    program = build / "bin" / f"{name}_bench"
    if not program.exists():
        sys.exit(f"{program} is not there: build it, or name another folder with --build")
    versions, rows = {}, []
    print(f"==> {name} {' '.join(options)}", file=sys.stderr)
    with subprocess.Popen([program, "--json", *options], stdout=subprocess.PIPE,
                          text=True) as process:
        for line in process.stdout:
            item = json.loads(line)
            if "versions" in item:
                versions = item["versions"]
                continue
            item["program"] = name
            rows.append(item)
            print("   ", item["store"], item["bench"], item["case"],
                  f"ratio {item['ratio']:.2f}" if "ratio" in item else "", file=sys.stderr)
    if process.returncode:
        sys.exit(f"{program} ended with {process.returncode}")
    return versions, rows
