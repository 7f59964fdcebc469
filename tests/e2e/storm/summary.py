# SPDX-License-Identifier: Apache-2.0
"""The figures of a storm."""

import collections


def summarize(logs):
    """Two paragraphs: what was done, and what was done to it."""
    kinds = collections.Counter(r["do"] for records in logs.devices.values() for r in records)
    messages = sum(map(len, logs.store["messages"].values()))
    synced = sum(
        len(r["messages"]) for records in logs.devices.values() for r in records if r["do"] == "sync"
    )
    filled = sum(
        len(r["messages"])
        for records in logs.devices.values()
        for r in records
        if r["do"] == "filled"
    )
    over_http = sum(
        r.get("over") == "http" for records in logs.devices.values() for r in records
    )
    users = {name.rsplit(".", 1)[0] for name in logs.devices}
    lines = [
        f"{len(users)} users on {len(logs.devices)} devices in {len(logs.store['messages'])} "
        f"conversations: {messages} messages, sent {kinds['send']} times "
        f"({over_http} over HTTP), "
        f"{kinds['message']} deliveries live, {synced} by sync, {filled} from gaps; "
        f"{kinds['change']} edits and deletions, {kinds['changed']} changes delivered; "
        f"{kinds['mark']} receipts given, {kinds['receipt']} delivered; "
        f"{kinds['title']} renamings delivered, {kinds['left']} left; "
        f"{kinds['connect']} connections, {count_resyncs(logs)} resyncs, "
        f"{kinds['reinstall']} devices begun anew, {kinds['restore']} put back"
    ]
    weather = collections.Counter()
    for record in logs.weather:
        weather[record["what"]] += record.get("count", 1)
    if weather:
        lines.append(", ".join(f"{what} {count}" for what, count in sorted(weather.items())))
    return "\n".join(lines)


def count_resyncs(logs):
    """Times a connection that was live came to it again."""
    count = 0
    for records in logs.devices.values():
        is_live = False
        for record in records:
            if record["do"] == "connect":
                is_live = False
            elif record["do"] == "live":
                count += is_live
                is_live = True
    return count
