"""Who asks, as far as a request tells."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gradio.context import LocalContext

from sentiment.ui.gate import Visitor

LEFT = "microscope.left"
"""Where in a request's scope the guard puts an event that is set once its sender has hung up."""


def visitor() -> Visitor:
    """The person whose question the framework is answering just now; nobody outside of one."""
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
    body = getattr(inner, "_json", None)  # parsed already: the framework found us by it
    session = str(body.get("session_hash") or "")[:80] if isinstance(body, dict) else ""
    hung_up = scope.get(LEFT)
    if hung_up is None:
        return Visitor(address_of(scope), session)
    return Visitor(address_of(scope), session, hung_up.is_set)


def address_of(scope: Mapping[str, Any]) -> str:
    """The address that a request comes from.

    A proxy of our own network says for whom it asks, in the last entry of X-Forwarded-For: those
    before it are the sender's words, and so is the whole of it where no proxy stands between.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    try:
        near = ipaddress.ip_address(address).is_private
    except ValueError:
        near = False
    if near:
        for name, value in scope.get("headers") or ():
            if name == b"x-forwarded-for" and (last := value.rsplit(b",", 1)[-1].strip()):
                address = last.decode("latin-1")[:64]
    return address
