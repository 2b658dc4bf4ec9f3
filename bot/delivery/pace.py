"""How long to wait before trying again."""

import random
from datetime import timedelta

FIRST = timedelta(seconds=0.5)
LONGEST = timedelta(seconds=60)
# A server that asks for more than this is asked again all the same: some answer with absurd times.
LONGEST_ASKED = timedelta(minutes=15)


def back_off(attempts: int, *, asked: timedelta | None = None) -> timedelta:
    """Return the pause after so many failed tries: doubling, capped, with jitter.

    Args:
        attempts: tries so far, at least 1.
        asked: how long the server asked us to wait; never less than that, within reason.
    """
    doubled = min(FIRST * 2.0 ** min(attempts - 1, 20), LONGEST)
    jittered = doubled * random.uniform(0.7, 1.3)
    return max(jittered, min(asked, LONGEST_ASKED)) if asked else jittered
