"""Who asks, as far as a request tells."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from gradio.context import LocalContext

from sentiment.ui.gate import Visitor

LEFT = "microscope.left"
"""Where in a request's scope the guard puts an event that is set once its sender has hung up."""

MOST_FORWARDED = 1_000
"""Bytes of a list of addresses that are read, from its end."""
ASKING: ContextVar[Visitor | None] = ContextVar("asking", default=None)
"""The person whose question is answered before the framework."""


def visitor() -> Visitor:
    """The person whose question is answered just now; nobody outside of one."""
    if (asking := ASKING.get()) is not None:
        return asking
    request = LocalContext.request.get(None)
    if request is None:
        return Visitor()
    inner = getattr(request, "request", None) or request
    scope: Mapping[str, Any] = getattr(inner, "scope", None) or {}
    event_id, blocks = LocalContext.event_id.get(None), LocalContext.blocks.get(None)
    if event_id is not None and blocks is not None:  # by way of the queue
        queue = blocks._queue
        session = str(getattr(request, "session_hash", None) or "")

        def left() -> bool:
            event = queue.event_ids_to_events.get(event_id)
            return event is not None and not event.alive

        return Visitor(address_of(scope), session, left)
    return Visitor(address_of(scope), str(getattr(request, "session_hash", None) or ""))


def address_of(scope: Mapping[str, Any]) -> str:
    """The address that a request comes from.

    A proxy of our own network says for whom it asks, at the end of X-Forwarded-For; behind several
    the last address of the outer world counts. Those before it are the sender's words, and so is
    the whole of it where no proxy stands between. Of IPv6 the first 64 bits: a home has all that
    begin with them.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if not _is_near(address):
        return _network(address)
    said = [value for name, value in scope.get("headers") or () if name == b"x-forwarded-for"]
    for one in reversed(b",".join(said)[-MOST_FORWARDED:].decode("latin-1").split(",")):
        if one.strip():
            address = one.strip()[:64]
        if not _is_near(address):
            break
    return _network(address)


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """An address as the limits count it."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known.packed[:8] + bytes(8), 64)))


@lru_cache(maxsize=4096)
def _is_near(address: str) -> bool:
    """Whether an address is of our own network, or this machine."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
