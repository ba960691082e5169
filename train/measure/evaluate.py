"""python -m train evaluate: figures of a checkpoint on labelled texts it has not learnt from."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment.card import CARD, model_card
from sentiment.classifier import SentimentClassifier, load
from sentiment.durable import replacing
from sentiment.errors import SentimentError
from sentiment.legibility import NO_WORDS, UNKNOWN_WORDS, legibility
from sentiment.options import ReadingOptions, grouped
from sentiment.records import Figures, Metrics, Recipe
from train.data.fingerprint import share_known
from train.data.labelled import Example, binary_examples, labelled_examples, split_dev
from train.data.labels import ratings_asked
from train.data.options import LabelOptions
from train.data.tables import has_splits
from train.fit.fit import evaluate_examples, named
from train.measure.robustness import evaluate_behaviour
from train.measure.truth import figures_of, logits_of, numbers_of, softmax

EVALUATE_EXAMPLES = """Examples:

\b
  python -m train evaluate --data reviews.csv --text-column review --json
  python -m train evaluate --weights runs/mine --data stanfordnlp/sst2
  python -m train evaluate --weights runs/mine --data test.csv --write
  python -m train evaluate --suite
"""


_WHY = {NO_WORDS: "without_words", UNKNOWN_WORDS: "unknown_words"}
_UNREAD = {
    "other_language": "are in another language or script than the model's",
    "unknown_words": "have no word that the model knows",
    "without_words": "have no word at all",
}


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What is measured, on which rows, and where the figures go."""

    source: Annotated[
        str | None,
        typer.Option("--data", help="File of texts and labels, folder or glob of them, or Hub id."),
    ] = None
    weights: Annotated[
        str | None, typer.Option(help="Checkpoint folder or Hub id.  [default: the embedded]")
    ] = None
    split: Annotated[str, typer.Option(help="Split of a folder or Hub data set.")] = "dev"
    as_json: Annotated[bool, typer.Option("--json", help="Last line as one JSON object.")] = False
    write: Annotated[
        bool, typer.Option("--write", help="Put the figures into metrics.json and the card.")
    ] = False
    suite: Annotated[
        bool,
        typer.Option("--suite", help="Behavioural suite; with --data, robustness on its texts."),
    ] = False
    bfloat16: Annotated[
        bool, typer.Option("--bfloat16", help="Multiply in 16 bits, as score does when asked to.")
    ] = False


@grouped
def evaluate(asked: EvaluateOptions, labels: LabelOptions, reading: ReadingOptions) -> None:
    """Accuracy, log loss and calibration of a checkpoint on labelled texts.

    Of a file that the checkpoint was trained on only the held-out rows are read; the first line
    says so, or warns where texts that were learnt from cannot be told apart. Texts that score
    gives no verdict on (in another language or script than the model's, of unknown words alone)
    are measured all the same, and their number is said. Log loss is in nats; ece is the expected
    calibration error over ten bins of equal mass.
    """
    torch.set_num_threads(1)
    source = asked.source
    classifier = load(asked.weights)
    if asked.suite:
        texts = []
        if source:
            found = binary_examples(source, asked.split, reading=reading.rules)
            texts = [example.text for example in found]
        typer.echo(evaluate_behaviour(classifier, texts, as_json=asked.as_json))
        return
    if source is None:
        raise SentimentError("name the data with --data, or ask for the --suite")
    folder = (
        Path(asked.weights) if asked.weights is not None and Path(asked.weights).is_dir() else None
    )
    if asked.write and folder is None:
        raise SentimentError("--write needs --weights with a checkpoint folder")
    said = io.StringIO()
    with redirect_stdout(said):  # a warning comes before all else
        examples = labelled_examples(
            source,
            asked.split,
            labels.text_column,
            labels.label_column,
            classifier.labels,
            ratings=ratings_asked(labels.ratings, labels.scale, asked.weights),
            reading=reading.rules,
        )
    recipe = Recipe() if folder is None else Recipe.read(folder)
    examples, note = unseen(examples, recipe, source)
    if note:
        typer.echo(note)
    typer.echo(said.getvalue(), nl=False)
    started = time.perf_counter()
    figures = evaluate_examples(classifier, examples, bfloat16=asked.bfloat16)
    seconds = time.perf_counter() - started
    if asked.write and folder is not None:
        name = Path(source).stem if Path(source).is_file() else asked.split
        add_figures(folder, name, written_figures(classifier, examples, source))
    ids = classifier.encoder.ids_batch([example.text for example in examples])
    tokens = sum(map(len, ids))
    unread = illegible(classifier, examples, ids)
    neutral = len(examples) - figures.n
    if neutral:
        typer.echo(f"{neutral:,} texts of neither label (one half) are left out", err=True)
    row = {**figures.to_dict(), "tokens_per_second": tokens / seconds}
    if neutral:
        row["left_out"] = neutral
    for name, count in unread.items():
        row[name] = count
        typer.echo(
            f"{count:,} of {len(examples):,} texts {_UNREAD[name]}, as score tells them; they are "
            "measured with the rest",
            err=True,
        )
    if asked.as_json:
        typer.echo(json.dumps(row))
    else:
        for name, value in row.items():
            typer.echo(f"{name:18} {value:,.4f}")


def illegible(
    classifier: SentimentClassifier, examples: list[Example], ids: list[list[int]]
) -> dict[str, int]:
    """How many texts ``score`` gives no verdict on, by why: a key of _UNREAD; none where none."""
    told = legibility(classifier.encoder)
    counts: Counter[str] = Counter()
    for example, sentence in zip(examples, ids, strict=True):
        if (fault := told.fault(example.text, sentence, classifier.language)) is not None:
            counts[_WHY.get(fault, "other_language")] += 1
    return {name: counts[name] for name in _UNREAD if counts[name]}


def unseen(
    examples: list[Example], recipe: Recipe, source: str
) -> tuple[list[Example], str | None]:
    """The examples that the recipe's model has not learnt from, and what to say of them."""
    seen = share_known(recipe.fingerprint, (e.text for e in examples))
    if not seen:
        return examples, None
    if not has_splits(source):
        try:
            _, held_out = split_dev(examples)
        except SentimentError:
            held_out = []
        if held_out and not share_known(recipe.fingerprint, (e.text for e in held_out)):
            return held_out, (
                f"{source} was trained on: only its {len(held_out):,} held-out texts are measured"
            )
    return examples, (
        f"WARNING: {seen:.0%} of the texts that this model learnt from are among these; the "
        "figures are better than the truth"
    )


def written_figures(
    classifier: SentimentClassifier, examples: list[Example], source: str
) -> Figures:
    """Figures with their interval and macro-F1, and the data's name."""
    if len(classifier.labels) == 2:
        examples = [e for e in examples if e.target != 0.5]
    p = softmax(logits_of(classifier, [e.text for e in examples]))
    numbers = numbers_of(examples, classifier.labels)
    return replace(figures_of(p, numbers, classifier.labels), data=named(source))


def add_figures(folder: Path, name: str, figures: Figures) -> None:
    """Write a split's figures into metrics.json, and the card again unless it is one's own."""
    recipe, before = Recipe.read(folder), Metrics.read(folder)
    config = SentimentClassifier.from_folder(folder).config
    title = folder.resolve().name
    path = folder / CARD
    ours = model_card(title, config, recipe, before)
    own = path.is_file() and path.read_text(encoding="utf-8") != ours
    after = before.updated(Metrics({name: figures}))
    with replacing(folder, keep=True) as staged:
        after.write(staged)
        if own:
            typer.echo(f"{path} is a card of your own and stays as it is", err=True)
        else:
            text = model_card(title, config, recipe, after)
            (staged / CARD).write_text(text, encoding="utf-8")
