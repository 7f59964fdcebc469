# SPDX-License-Identifier: Apache-2.0
"""The network between nodes and what they use: a TCP proxy for each link, told to be cut, silent or
whole. A process of its own, so that who measures does not wait for what it measures.

    python3 link_proxy.py '{"msgd1 nats": 4222}' '[4222]'
                                        targets on loopback, and ports that are not to be used;
                                        prints those that are, by name
    {"links": ["msgd1 nats"], "to": "cut"}
                                        a line of input; a line of output when it is so

    whole    bytes pass
    cut      connections are reset, new ones too
    silent   nothing passes either way, nobody is told; what was sent arrives when it is whole again
    deaf     what a node says arrives, the answers do not
    reset    whole again, but connections of before are not known any more
"""

import asyncio
import contextlib
import json
import pathlib
import socket
import struct
import subprocess
import sys

HOST = "127.0.0.1"
CHUNK = 64 * 1024
SILENT_WAYS = {"silent": ("up", "down"), "deaf": ("down",)}


class Link:
    """From one node to one server."""

    def __init__(self, target):
        self.target = target
        self.is_cut = False
        self.may_pass = {"up": asyncio.Event(), "down": asyncio.Event()}
        self.writers = set()

    async def start(self, avoid):
        self.be("whole")
        while True:
            server = await asyncio.start_server(self.take, HOST, 0, limit=CHUNK)
            port = server.sockets[0].getsockname()[1]
            if port not in avoid:
                self.server = server
                return port
            server.close()

    def be(self, state):
        if state in ("cut", "reset"):
            for writer in self.writers:
                reset(writer)
        self.is_cut = state == "cut"
        for way, event in self.may_pass.items():
            if way in SILENT_WAYS.get(state, ()):
                event.clear()
            else:
                event.set()

    async def take(self, reader, writer):
        self.writers.add(writer)
        peer = None
        try:
            if self.is_cut:
                return
            await self.may_pass["up"].wait()
            answers, peer = await asyncio.open_connection(HOST, self.target, limit=CHUNK)
            self.writers.add(peer)
            if writer.is_closing():  # while that took its time
                return
            await asyncio.gather(self.pump("up", reader, peer), self.pump("down", answers, writer))
        except OSError:
            pass
        finally:
            for each in filter(None, (writer, peer)):
                self.writers.discard(each)
                reset(each)

    async def pump(self, way, reader, writer):
        while data := await reader.read(CHUNK):
            await self.may_pass[way].wait()
            writer.write(data)
            await writer.drain()
        await self.may_pass[way].wait()  # an end is news, too
        with contextlib.suppress(OSError):
            writer.write_eof()


def reset(writer):
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Links:
    """The proxy as a test knows it. Names are "node server"."""

    def __init__(self, targets, avoid=()):
        self.process = subprocess.Popen(
            [sys.executable, "-B", pathlib.Path(__file__), json.dumps(targets),
             json.dumps(list(avoid))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.ports = json.loads(self.process.stdout.readline())

    @classmethod
    def between(cls, cluster, nodes, servers):
        """Makes these nodes of a cluster that does not run reach the servers by links: a variable
        that names a server's port names the link's from then on. Who has none has no link."""
        def address(port):
            return f"{HOST}:{port}"

        pairs = {f"{node} {server}": cluster.port(server) for node in nodes for server in servers
                 if any(address(cluster.port(server)) in value
                        for value in cluster.services[node].environment.values())}
        links = cls(pairs, avoid=[service.port for service in cluster.services.values()])
        for name, port in links.ports.items():
            variables = cluster.services[name.split()[0]].environment
            for key, value in variables.items():
                variables[key] = value.replace(address(pairs[name]), address(port))
        cluster.save()
        return links

    def of(self, nodes, servers):
        """Names of those links that there are."""
        return [name for name in self.ports
                if name.split()[0] in nodes and name.split()[1] in servers]

    def be(self, state, names):
        self.process.stdin.write(json.dumps({"links": names, "to": state}) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n", "the link proxy has ended"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


async def serve(targets, avoid):
    links = {name: Link(port) for name, port in targets.items()}
    print(json.dumps({name: await link.start(avoid) for name, link in links.items()}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = json.loads(line)
        for name in told["links"]:
            links[name].be(told["to"])
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(serve(*map(json.loads, sys.argv[1:3])))
