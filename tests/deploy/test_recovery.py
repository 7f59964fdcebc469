# SPDX-License-Identifier: Apache-2.0
"""One fault at a time, each kind LIBMSG_FAULTS times: how long until all is well again, while nobody
does more than the probes do. In the storm all of them happen at once."""

import asyncio
import functools
import io
import os
import random

from cluster_services import MSGD
from cluster_weather import HOW, ClusterWeather

TIMES = int(os.environ.get("LIBMSG_FAULTS", 1))
RECOVERY_S_MAX = {"the primary killed": 60}  # on a machine that does other things
OTHERS_S_MAX = 20


def kinds_of(weather):
    links = (weather.break_bus_links, weather.break_database_links,
             *weather.if_cached(weather.break_cache_links))
    return (weather.kill_node, weather.restart_node, weather.kill_bus, weather.silence_bus,
            weather.empty_cache, weather.lose_primary,
            *(functools.partial(one, nodes=nodes, how=how)
              for one in links for nodes in (MSGD[:1], MSGD) for how in HOW))


async def play(weather):
    async with weather.recovery.watch():
        for _ in range(TIMES):
            for kind in kinds_of(weather):
                fault = await kind()
                await asyncio.wait_for(weather.until(lambda: fault.took_s is not None),
                                       RECOVERY_S_MAX.get(fault.kind, OTHERS_S_MAX))


def test_all_is_well_again_after_each_fault(cluster_and_links, capsys):
    weather = ClusterWeather(*cluster_and_links, 0, random.Random(1), io.StringIO())
    try:
        asyncio.run(play(weather))
    finally:
        with capsys.disabled():
            print(f"\n{weather.recovery.table()}")
