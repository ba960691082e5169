"""Goals of a checkpoint of film reviews, and in words those that its figures do not reach."""

from __future__ import annotations

from sentiment.records import Metrics

NEUTRAL_GOALS = {"comments": (0.52, 0.65), "tweets": (0.62, 0.70), "statements": (0.50, 0.75)}
"""By domain: the floor and the goal of neutral texts inside the zone."""

ROBUST_GOALS = {"one typo": (0.04, 0.06), "names": (0.015, 0.03), "numbers": (0.015, 0.03)}
"""By change: the goal and the floor of flipped labels."""

KEPT = {
    "protected term in a neutral sentence": (0.05, 0.02),
    "protected term in a polar sentence": (0.05, 0.02),
    "surface form": (0.07, 0.03),
    "another name": (0.03, 0.015),
    "another place": (0.04, 0.02),
    "another number": (0.03, 0.015),
    "one typo": (0.06, 0.04),
}
"""The suite's invariances: which share of changed readings is the floor, and which the goal."""


def shortfalls(metrics: Metrics) -> list[str]:
    """Each goal that is not reached, in words; those under their floor say so."""
    found = []

    def check(what: str, value: float, floor: float, goal: float, *, unit: str = "%") -> None:
        below = value < goal if goal > floor else value > goal
        under = value < floor if goal > floor else value > floor
        if below:
            shown = f"{100 * value:.1f} %" if unit == "%" else f"{value:.3f}"
            wanted = f"{100 * goal:.1f} %" if unit == "%" else f"{goal:.3f}"
            least = f"{100 * floor:.1f} %" if unit == "%" else f"{floor:.3f}"
            tail = f", **under the floor of {least}**" if under else f" (floor {least} held)"
            found.append(f"{what}: {shown}, goal {wanted}{tail}")

    check("SST-2 dev accuracy", metrics.splits["sst_dev"].accuracy, 0.91, 0.92)
    check("IMDB dev accuracy", metrics.splits["imdb_dev"].accuracy, 0.924, 0.94)
    by_slice = {row["sst_dev"]: row["accuracy"] for row in metrics.tables["slices"]}
    gap = metrics.splits["sst_dev"].accuracy - by_slice.get("with a negator", 0.0)
    check("accuracy lost on sentences with a negator", gap, 0.02, 0.01)
    check("ECE on SST-2 dev", metrics.splits["sst_dev"].ece, 0.03, 0.02, unit="")
    for row in metrics.tables.get("domains", ()):
        name, inside = row["domain"], row["neutral_inside"]
        if row["polar"] >= 200:
            ahead = row["accuracy"] - row["vader_accuracy"]
            check(f"{name}, accuracy ahead of VADER", ahead, 0.0, 0.05)
        if name in NEUTRAL_GOALS and inside is not None:
            check(f"{name}, neutral texts inside the zone", inside, *NEUTRAL_GOALS[name])
        if row["ece"] is not None and row["polar"] >= 200:
            check(f"ECE of {name}", row["ece"], 0.08, 0.05, unit="")
    for row in metrics.tables["behaviour"]:
        name, rate = row["capability"], row["pass_rate"]
        if name.startswith(("neutral", "negated neutral")):
            check(f"{name}, inside the neutral zone", rate, 0.75, 0.90)
        elif name in KEPT:
            changed = 1 - row["kept"] / row["compared"]
            check(f"{name}: readings or probabilities changed", changed, *KEPT[name])
        else:
            check(f"failures of {name}", 1 - rate, 0.15, 0.05)
    for row in metrics.tables["robustness"]:
        goal, floor = ROBUST_GOALS.get(row["name"], (0.03, 0.03))
        check(f"labels flipped by {row['name']}", row["share"], floor, goal)
    return found
