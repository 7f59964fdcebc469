# SPDX-License-Identifier: Apache-2.0
"""The log of a storm: a folder of JSON lines that the checker reads.

`<user>.<device>.jsonl`, one record a line, in the order in which the device saw it. "t" is the
device's own monotonic clock in seconds, "do" the kind:

    connect   cursor                              says hello with it; "" is everything
    lost      why                                 the connection ended
    send      conversation client_id body over    each attempt; over which protocol
    sent      conversation client_id seq          acknowledged
    refused   conversation client_id code         to be tried again, unless it was left
    left      conversation until                  acknowledged
    dropped   conversation client_id              waited when the conversation was left
    mark      conversation what seq               a receipt is given
    marked    conversation delivered read         acknowledged
    change    conversation seq body               an edit is asked for, or "" for a deletion
    changed   conversation seq sender body version cursor
    message   conversation seq sender body version cursor
    receipt   conversation user delivered read version cursor
    title     conversation title version cursor   it was renamed
    member    conversation user active until version cursor
    sync      conversation version active title last_seq read unread messages missing members cursor
    live      cursor
    other     event version cursor                any other event
    filled    conversation messages               of a gap, read by history
    reinstall                                     everything is forgotten, the cursor too
    save                                          what is known now is kept
    restore                                       what was known at the last save is known again
    final     conversations                       what it shows at the end

A message in a list is [seq, sender, body, changed]; a member [user, delivered, read]; `missing` is
null or [from, to]; `body` a digest of the content. In `final` each conversation has `title`,
`messages` ({seq: [sender, body]}), `annotations` ({seq: {emoji: count}}), `marks` ({user: [delivered, read]}) and `unread`.

`store.json` is what the server says when all is over, by conversation: `titles`, `messages`
([[seq, sender, client_id, body]]), `annotations` and `marks` ({user: [delivered, read]}); and `unread` ({user:
{conversation: count}}). `weather.jsonl` has what the network and the server suffered.
"""

import hashlib
import json
import pathlib
import time

STORE = "store.json"
WEATHER = "weather.jsonl"


def digest(content):
    """Enough to tell two contents apart."""
    return hashlib.sha1(content.encode()).hexdigest()[:12]


class Journal:
    """Writes one log. What a killed run leaves is whole but for its last line."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8", buffering=1 << 16)

    def note(self, do, **fields):
        self.file.write(json.dumps({"t": round(time.monotonic(), 4), "do": do, **fields}) + "\n")

    def close(self):
        self.file.close()


class Logs:
    """All that a storm left: `devices` ({name: records}), `store`, `weather`."""

    def __init__(self, devices, store, weather=()):
        self.devices = devices
        self.store = store
        self.weather = list(weather)

    @classmethod
    def read(cls, folder):
        folder = pathlib.Path(folder)
        devices = {}
        for path in sorted(folder.glob("*.jsonl")):
            if path.name != WEATHER:
                devices[path.stem] = read_lines(path)
        weather = folder / WEATHER
        return cls(
            devices,
            json.loads((folder / STORE).read_text()),
            read_lines(weather) if weather.exists() else [],
        )


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def user_of(device):
    """The user of the device of that name."""
    return device.rsplit(".", 1)[0]
