"""Time-ordered keys, made before the insert because encryption binds to them."""

import os
import time
from uuid import NAMESPACE_URL, UUID, uuid5


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then randomness.

    >>> new_id().version
    7
    """
    millis = time.time_ns() // 1_000_000
    value = (millis & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def named_id(name: str) -> UUID:
    """Return the same UUID for the same name, for reference rows that seeds must find again.

    >>> named_id("brand:hope") == named_id("brand:hope")
    True
    """
    return uuid5(NAMESPACE_URL, f"urn:1798:{name}")
