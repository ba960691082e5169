"""What the bench measures with: rows of its table, timers, the matrix product's roof, texts."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from sentiment.classifier import SentimentClassifier
from sentiment.kernels import product_of

GROWTH_LENGTHS = (50, 200, 1_000, 5_000)
LENGTHS = {"SST": (19.0, 9.0, 2, 52), "IMDB": (270.0, 200.0, 20, 1_500)}

ZIPF_EXPONENT, ZIPF_SHIFT = 1.3, 6.0


@dataclass(frozen=True, slots=True)
class Row:
    """A measured figure; ``against`` names what ``ratio`` compares it with (larger is better)."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""


def line(row: Row) -> str:
    """A row of the table as text."""
    ratio = f"  {row.ratio:6.2f} x {row.against}" if row.ratio is not None else ""
    return f"{row.name:58} {row.value:12,.3f} {row.unit:10}{ratio}"


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Run with so many torch threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The fastest of several runs, after one to warm up."""
    return min(times(work, repeats))


def times(work: Callable[[], object], repeats: int) -> list[float]:
    """Each run's seconds, after one to warm up."""
    work()
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found


def gemm_peak(budget: float, dtype: torch.dtype = torch.float32) -> float:
    """FLOP/s of the fastest matrix product over several shapes, on the threads now set.

    torch.mm, oneDNN's linear, whose kernels the fused LSTM shares, and of 32 bits the product with
    weights kept in 16, whose kernels scoring uses: on some processors one is twice as fast as
    another.
    """
    best = 0.0
    for rows, columns, inner in ((256, 1024, 256), (1024, 1024, 1024), (2048, 1024, 256)):
        left, right = (torch.randn(size, inner).to(dtype) for size in (rows, columns))
        layouts = left.to_mkldnn(), right.to_mkldnn()  # its own layouts
        products = [
            partial(torch.mm, left, right.T.contiguous()),
            partial(torch.ops.aten.mkldnn_linear, *layouts),
        ]
        if dtype == torch.float32:
            halves = right.half().float()
            products.append(partial(product_of(halves, torch.zeros(columns)), left))
        for product in products:
            with torch.inference_mode():
                once = seconds(product, 3)
                fastest = seconds(product, max(3, int(budget / 6 / once)))
            best = max(best, 2 * rows * columns * inner / fastest)
    return best


def random_ids(classifier: SentimentClassifier, lengths: Sequence[int]) -> list[list[int]]:
    """Random known words, as ids, drawn as unevenly as language has them.

    By Zipf's law as Mandelbrot put it (1953), with an exponent and a shift by which 16,384 tokens
    have 3,300 distinct words of a large vocabulary, as film reviews have 3,000.
    """
    generator = np.random.default_rng(0)
    chances = (np.arange(classifier.encoder.vocabulary_size - 2) + ZIPF_SHIFT) ** -ZIPF_EXPONENT
    drawn = generator.choice(len(chances), sum(lengths), p=chances / chances.sum()) + 2
    return [one.tolist() for one in np.split(drawn, np.cumsum(lengths)[:-1])]


def like(name: str, count: int) -> list[int]:
    """Lengths distributed like a data set's: SST's normal, IMDB's log-normal."""
    mean, spread, shortest, longest = LENGTHS[name]
    generator = np.random.default_rng(1)
    if name == "SST":
        drawn = generator.normal(mean, spread, count)
    else:
        sigma = np.sqrt(np.log(1 + (spread / mean) ** 2))
        drawn = generator.lognormal(np.log(mean) - sigma**2 / 2, sigma, count)
    lengths: list[int] = drawn.clip(shortest, longest).astype(int).tolist()
    return lengths


def sentence(length: int) -> str:
    """A text of so many known words."""
    words = ["the", "film", "is", "not", "good", ",", "but", "the", "plot", "is", "fine", "and"]
    return " ".join(words[i % len(words)] for i in range(length))


def processor() -> str:
    """The processor's name, as the system gives it."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for entry in path.read_text().splitlines():
            if entry.startswith("model name"):
                return entry.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def draw(rows: list[Row], path: Path) -> None:
    """Cost per token against length, which is flat where cost is linear."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    costs = [row.value for row in rows if row.name.startswith("forward, 1 text of")]
    figure, axes = pyplot.subplots(figsize=(5, 3))
    axes.plot(GROWTH_LENGTHS, costs, marker="o")
    axes.set(xscale="log", xlabel="tokens", ylabel="µs per token", ylim=(0, None))
    figure.tight_layout()
    figure.savefig(path)
