"""One table of speed: this package against packing, padding, baselines and transformers.

Absolute figures depend on the machine; the ratios are taken in one run, each from the minimum of
several, and are what the README quotes. Texts are random words of the vocabulary, drawn as unevenly
as language has them, with lengths like SST's and IMDB's, so no data is needed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from sentiment.batches import length_batches
from sentiment.classifier import SentimentClassifier, load
from sentiment.model import bfloat16_pays, pad
from train.bench.labelling import labelling
from train.bench.measuring import (
    GROWTH_LENGTHS,
    Row,
    draw,
    gemm_peak,
    like,
    line,
    processor,
    random_ids,
    seconds,
    sentence,
    threads,
    times,
)
from train.bench.peers import peers
from train.bench.processes import all_cores, start_up
from train.bench.roofs import beside, operations_done, roofs
from train.bench.together import together
from train.data.corpus import Corpus
from train.data.tables import DataError

LATENCY_LENGTHS = (5, 20, 230)
AGAINST = "packed, arrival"


def latency(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """Text in, Prediction out, one at a time."""
    repeats = 100 if quick else 500
    for length in LATENCY_LENGTHS:
        text = sentence(length)
        found = np.array(times(partial(classifier.predict, text), repeats), dtype=np.float64) * 1e3
        yield Row(f"predict, {length} tokens, p50", float(np.median(found)), "ms")
        yield Row(f"predict, {length} tokens, p99", float(np.quantile(found, 0.99)), "ms")
        if length != 20:
            continue
        ours = float(np.median(found))
        for name, other in others(text).items():
            theirs = float(np.median(times(other, 5 if quick else 30))) * 1e3
            yield Row(f"{name}, {length} tokens, p50", theirs, "ms", theirs / ours, "slower")


def others(text: str) -> dict[str, Callable[[], object]]:
    """The same text through what people would pick instead; transformers randomly initialised."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from transformers import BertConfig, BertForSequenceClassification
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    tokens = torch.randint(1000, 20_000, (1, int(1.25 * len(text.split())) + 2))

    def transformer(layers: int, width: int) -> Callable[[], object]:
        config = BertConfig(
            num_hidden_layers=layers,
            hidden_size=width,
            num_attention_heads=12,
            intermediate_size=4 * width,
        )
        model = BertForSequenceClassification(config).eval()

        def run() -> object:
            with torch.inference_mode():
                return model(tokens)

        return run

    words = text.split()
    bigrams = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression())
    bigrams.fit(
        [" ".join(words[i:]) for i in range(len(words))], [i % 2 for i in range(len(words))]
    )
    vader = SentimentIntensityAnalyzer()
    return {
        "MiniLM-sized transformer": transformer(6, 384),
        "DistilBERT-sized transformer": transformer(6, 768),
        "bigram linear model": lambda: bigrams.predict_proba([text]),
        "VADER": lambda: vader.polarity_scores(text),
    }


def scoring(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """Tokens per second of batch scoring on one core, tokenisation apart."""
    model = classifier.model
    embed, hidden = model.embedding.embedding_dim, model.recurrence.hidden_size
    flops = 8 * (embed * hidden + hidden * hidden)
    repeats = 2 if quick else 5
    for name, count in (("SST", 512), ("IMDB", 128)) if quick else (("SST", 2_048), ("IMDB", 256)):
        lengths = like(name, count)
        ids, tokens = random_ids(classifier, lengths), sum(lengths)
        with torch.inference_mode():
            arrival = tokens / seconds(partial(in_arrival_order, classifier, ids, True), repeats)
            padded = tokens / seconds(partial(in_arrival_order, classifier, ids, False), repeats)
            ranked = sorted(ids, key=len, reverse=True)
            packed = tokens / seconds(partial(in_arrival_order, classifier, ranked, True), repeats)
        ours = tokens / seconds(partial(classifier.logits, ids), repeats)
        yield Row(f"scoring, {name} lengths", ours, "tokens/s", ours / arrival, AGAINST)
        yield Row("  padded, arrival order", padded, "tokens/s", padded / arrival, AGAINST)
        yield Row("  packed, sorted", packed, "tokens/s", packed / arrival, AGAINST)
        batched = tokens / seconds(partial(in_batches, classifier, ids), repeats)
        yield Row("  fused kernel, sorted batches", batched, "tokens/s", batched / arrival, AGAINST)
        share = ours / peak
        yield Row("  share of the matrix product peak", 100 * share * flops, "%")
        done = operations_done(model, ids)
        yield Row("  the same, of operations that are done", 100 * share * done, "%")
        if bfloat16_pays():
            half = tokens / seconds(partial(classifier.logits, ids, bfloat16=True), repeats)
            yield Row("  in bfloat16", half, "tokens/s", half / arrival, AGAINST)


def in_batches(classifier: SentimentClassifier, ids: list[list[int]]) -> None:
    """Scoring as it is where ``slots_for`` finds no slots: batches of like length."""
    with torch.inference_mode():
        for chosen in length_batches([len(one) for one in ids], most_tokens=8192):
            classifier.model(*pad([ids[i] for i in chosen]))


def in_arrival_order(classifier: SentimentClassifier, ids: list[list[int]], pack: bool) -> None:
    """The many-to-one forward pass of the tutorials: batches of 32 as they come."""
    model = classifier.model
    for start in range(0, len(ids), 32):
        rectangle, lengths = pad(ids[start : start + 32])
        embedded: Tensor = model.embedding(rectangle)  # (B, T, E)
        if pack:
            packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
            _, (state, _) = model.recurrence(packed)
        else:
            _, (state, _) = model.recurrence(embedded)
        nn.functional.linear(state[-1], model.fc.weight[:, : state.shape[-1]])


def training(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """Tokens per second of forward and backward passes, one core, batches of 32."""
    import copy

    model = copy.deepcopy(classifier.model).train().requires_grad_(True)
    for name, count in (("SST", 256), ("IMDB", 32 if quick else 64)):
        lengths = like(name, count)
        ids, tokens = random_ids(classifier, lengths), sum(lengths)
        corpus = Corpus(ids)
        batches = corpus.batches(32, 1 << 30)

        def bucketed(
            bfloat16: bool = False, corpus: Corpus = corpus, batches: list[Tensor] = batches
        ) -> None:
            for indexes in batches:
                with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                    logits = model(*corpus.rectangle(indexes))
                logits.sum().backward()

        def naive(ids: list[list[int]] = ids) -> None:
            for start in range(0, len(ids), 32):
                rectangle, chosen = pad(ids[start : start + 32])
                embedded = model.embedding(rectangle)
                hidden, final, _ = model._recur_packed(embedded, chosen)
                model.fc(model.pool(hidden, final, chosen)[0]).sum().backward()

        ours = tokens / seconds(bucketed, 1 if quick else 3)
        slow = tokens / seconds(naive, 1)
        yield Row(f"training, {name} lengths", ours, "tokens/s", ours / slow, AGAINST)
        if bfloat16_pays():
            half = tokens / seconds(partial(bucketed, True), 1 if quick else 3)
            yield Row("  in bfloat16", half, "tokens/s", half / slow, AGAINST)


def explaining(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """The Read panel's explanation."""
    for length in (20,) if quick else (20, 230):
        text = sentence(length)
        found = times(partial(classifier.explain, text), 10 if quick else 30)
        yield Row(f"explain, {length} tokens, median", float(np.median(found)) * 1e3, "ms")


def growth(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """Cost of one forward pass per token as texts and batches grow."""
    for length in GROWTH_LENGTHS:
        ids = random_ids(classifier, [length])
        each = seconds(partial(classifier.logits, ids), 2 if quick else 5) / length
        yield Row(f"forward, 1 text of {length:,} tokens, per token", each * 1e6, "µs")
    for batch in (1, 8, 64):
        ids = random_ids(classifier, [100] * batch)
        each = seconds(partial(classifier.logits, ids), 3) / (100 * batch)
        yield Row(f"forward, batch of {batch}, 100 tokens, per token", each * 1e6, "µs")


MEASURED = {
    "latency": latency,
    "scoring": scoring,
    "peers": peers,
    "roofs": roofs,
    "training": training,
    "explaining": explaining,
    "growth": growth,
    "labelling": labelling,
}
SECTIONS = (*MEASURED, "cores", "together", "start")


def bench(
    as_json: Annotated[bool, typer.Option("--json", help="The rows as one JSON object.")] = False,
    quick: Annotated[bool, typer.Option(help="Fewer repeats; ends within a minute.")] = False,
    weights: Annotated[Path | None, typer.Option(help="Checkpoint; default: the embedded.")] = None,
    plot: Annotated[Path | None, typer.Option(help="SVG or PNG of cost against length.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(SECTIONS)}; may repeat.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="An earlier run's JSON: prints each figure's ratio to it.")
    ] = None,
) -> None:
    """Measure speed on this machine: latency, throughput, training, explaining, start-up.

    Run it on an idle machine. Example: python -m train bench --quick --json
    """
    asked = only or list(SECTIONS)
    if wrong := sorted(set(asked) - set(SECTIONS)):
        raise DataError(f"--only wants {', '.join(SECTIONS)}, got {', '.join(wrong)}")
    if against is not None:
        beside([], against)  # a file that is no run is refused before any work
    classifier = load(weights)
    rows: list[Row] = []
    with threads(1):
        peak = gemm_peak(0.2 if quick else 1.0)
        rows.append(Row("matrix product peak, 1 core", peak / 1e9, "GFLOP/s"))
        for name, section in MEASURED.items():
            for row in section(classifier, peak, quick) if name in asked else ():
                rows.append(row)
                if not as_json:
                    typer.echo(line(row))
    if "cores" in asked and not quick:
        rows.append(all_cores(classifier))
        if not as_json:
            typer.echo(line(rows[-1]))
    for row in together(quick) if "together" in asked else ():
        rows.append(row)
        if not as_json:
            typer.echo(line(row))
    for row in start_up() if "start" in asked else ():
        rows.append(row)
        if not as_json:
            typer.echo(line(row))
    if plot:
        draw(rows, plot)
    if against is not None:
        rows = beside(rows, against)
        if not as_json:
            typer.echo(f"\nbeside {against.name}, over 1 where faster")
        for row in rows if not as_json else ():
            typer.echo(line(row))
    about = {"processor": processor(), "torch": torch.__version__, "date": time.strftime("%F")}
    if as_json:
        typer.echo(json.dumps({**about, "rows": [asdict(row) for row in rows]}))
    else:
        typer.echo(", ".join(about.values()))
