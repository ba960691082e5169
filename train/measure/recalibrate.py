"""python -m train calibrate: a finished model's temperature from labelled texts."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier, load
from sentiment.durable import replacing
from sentiment.options import ReadingOptions, grouped
from sentiment.records import Figures, Metrics, Recipe
from train.data.labelled import Example, labelled_examples
from train.data.labels import ratings_asked
from train.data.options import LabelOptions
from train.data.tables import DataError
from train.fit.calibrate import class_temperature, cross_fitted_logits, fold_temperature
from train.fit.defaults import CALIBRATE_FROM
from train.fit.fit import named
from train.measure.evaluate import unseen
from train.measure.truth import figures_of, logits_of, numbers_of, softmax


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """Which model is calibrated, on which texts."""

    source: Annotated[
        str,
        typer.Option("--data", help="File of texts and labels, folder or glob of them, or Hub id."),
    ]
    out: Annotated[Path, typer.Option(help="Folder to write the calibrated checkpoint into.")]
    weights: Annotated[
        str | None, typer.Option(help="Checkpoint folder or Hub id.  [default: the embedded]")
    ] = None
    split: Annotated[str, typer.Option(help="Split of a folder or Hub data set.")] = "dev"


@grouped
def calibrate(asked: CalibrateOptions, labels: LabelOptions, reading: ReadingOptions) -> None:
    """Divide a model's logits by the temperature that fits labelled texts best.

    No verdict changes, only how sure it is. Printed are log loss and calibration error before
    and after, the latter with the temperature of the folds that a text is not in. Texts that the
    model has learnt from make it too sure: of a file that it was trained on the held-out rows
    alone are used.
    """
    out, weights = asked.out, asked.weights
    if (out / checkpoint.WEIGHTS).is_file():
        raise DataError(f"{out} holds a finished model; choose another folder")
    classifier = load(weights)
    examples = labelled_examples(
        asked.source,
        asked.split,
        labels.text_column,
        labels.label_column,
        classifier.labels,
        ratings=ratings_asked(labels.ratings, labels.scale, weights),
        reading=reading.rules,
    )
    folder = Path(weights) if weights is not None and Path(weights).is_dir() else None
    recipe = Recipe() if folder is None else Recipe.read(folder)
    examples, note = unseen(examples, recipe, asked.source)
    if note:
        typer.echo(note)
    calibrated, temperature, before, after = recalibrated(classifier, examples)
    with replacing(out) as staged:
        calibrated.save_pretrained(staged)
        whole = (recipe.temperature or 1.0) * temperature
        replace(recipe, temperature=whole).write(staged)
        Metrics({"calibration": replace(after, data=named(asked.source))}).write(staged)
    typer.echo(
        f"temperature {temperature:.3f} from {after.n:,} texts\n"
        f"{'':10}{'log loss':>10}{'ECE':>8}\n"
        f"{'before':10}{before.log_loss:>10.4f}{before.ece:>8.4f}\n"
        f"{'after':10}{after.log_loss:>10.4f}{after.ece:>8.4f}  (cross-fitted)"
    )


def recalibrated(
    classifier: SentimentClassifier, examples: list[Example]
) -> tuple[SentimentClassifier, float, Figures, Figures]:
    """The calibrated classifier, its temperature, and figures before and after, cross-fitted.

    Raises DataError for fewer texts than a temperature needs.
    """
    labels = classifier.labels
    if len(labels) == 2:
        examples = [example for example in examples if example.target != 0.5]
    if len(examples) < CALIBRATE_FROM:
        raise DataError(f"want {CALIBRATE_FROM} labelled texts or more, got {len(examples)}")
    logits = logits_of(classifier, [example.text for example in examples])  # (N, O)
    numbers = numbers_of(examples, labels)  # (N,)
    temperature = class_temperature(logits, numbers)
    model = copy.deepcopy(classifier.model)
    fold_temperature(model, temperature)
    return (
        SentimentClassifier(model, classifier.encoder, labels),
        temperature,
        figures_of(softmax(logits), numbers, labels),
        figures_of(softmax(cross_fitted_logits(logits, numbers)), numbers, labels),
    )
