# SPDX-License-Identifier: Apache-2.0
"""How long to wait before trying again."""

from __future__ import annotations

import random
from datetime import timedelta

BASE_S = 0.1
CAP_S = 10.0


def delay_s(attempt: int, retry_after: timedelta | None = None) -> float:
    """Seconds before attempt 1, 2, 3 …

    Exponential with full jitter, so that many who failed together do not come back together; and
    never earlier than the server asked for.

    >>> 0 <= delay_s(1) <= 0.2
    True
    >>> 3 <= delay_s(1, timedelta(seconds=3)) <= 3.2
    True
    """
    jitter = random.uniform(0, min(CAP_S, BASE_S * 2 ** min(attempt, 10)))
    return jitter + (retry_after.total_seconds() if retry_after else 0.0)
