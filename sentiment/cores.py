"""How many cores this process may use: those of the machine, of its mask and of its container."""

from __future__ import annotations

import os
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def usable_cores(groups: Path = _GROUPS) -> int:
    """At least 1. A container's share of time (docs.kernel.org/admin-guide/cgroup-v2) counts.

    A machine of 64 cores tells a container of two that there are 64.
    """
    mask = getattr(os, "sched_getaffinity", None)
    cores = len(mask(0)) if mask is not None else os.cpu_count() or 1
    return max(1, min([cores, *_shares(groups)]))


def _shares(groups: Path) -> list[int]:
    """Whole cores of the container's quota, where it has one."""
    try:
        if (groups / "cpu.max").is_file():
            quota, period = (groups / "cpu.max").read_text().split()
        else:
            folder = groups / "cpu"
            names = "cpu.cfs_quota_us", "cpu.cfs_period_us"
            quota, period = ((folder / name).read_text().strip() for name in names)
        return [int(quota) // int(period)] if quota.isdecimal() and int(period) > 0 else []
    except (OSError, ValueError):
        return []
