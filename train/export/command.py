"""python -m train export: the model for runtimes that know nothing of this project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier, load
from sentiment.durable import replacing
from sentiment.options import ReadingOptions, grouped
from train.data.labelled import Example, labelled_examples
from train.data.labels import ratings_asked
from train.data.options import LabelOptions
from train.data.tables import DataError
from train.export.runtime import (
    SAMPLES,
    TOLERANCE,
    graph_logits,
    largest_gap,
    quantize,
    runtime_installed,
)
from train.measure.truth import figures_of, logits_of, numbers_of, softmax

GRAPH, INT8, PROGRAM = "model.onnx", "model.int8.onnx", "model.pt2"

EXPORT_EXAMPLES = """Examples:

\b
  python -m train export --weights runs/mine --out exported
  python -m train export --weights runs/mine --out exported --int8 --data test.csv
  python -m train export --out exported --torch
"""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported, and in which forms."""

    out: Annotated[Path, typer.Option(help="Folder to write.")]
    weights: Annotated[
        str | None, typer.Option(help="Checkpoint folder or Hub id.  [default: the embedded]")
    ] = None
    torch_program: Annotated[
        bool, typer.Option("--torch", help="Also a program of torch.export, model.pt2.")
    ] = False
    int8: Annotated[
        bool, typer.Option("--int8", help="Also a graph in 8 bits; its accuracy wants --data.")
    ] = False
    source: Annotated[
        str | None,
        typer.Option("--data", help="Labelled texts to measure the forms on, as evaluate's."),
    ] = None
    split: Annotated[str, typer.Option(help="Split of a folder or Hub data set.")] = "dev"


@grouped
def export_command(asked: ExportOptions, labels: LabelOptions, reading: ReadingOptions) -> None:
    """Write a model as ONNX, with its tokenizer and labels beside it.

    model.onnx takes ids and lengths of any batch and any length, and gives logits and
    probabilities; it is checked with onnxruntime where that is installed. tokenizer.json is read
    by the library tokenizers, config.json names the labels.
    """
    if asked.int8 and asked.source is None:
        raise DataError("--int8 wants --data: what the 8 bits cost is measured on it")
    if (asked.out / checkpoint.WEIGHTS).is_file():
        raise DataError(f"{asked.out} holds a model of ours; choose another folder")
    classifier = load(asked.weights)
    examples: list[Example] = []
    if asked.source is not None:
        examples = labelled_examples(
            asked.source,
            asked.split,
            labels.text_column,
            labels.label_column,
            classifier.labels,
            ratings=ratings_asked(labels.ratings, labels.scale, asked.weights),
            reading=reading.rules,
        )
    with replacing(asked.out) as staged:
        export(classifier, staged, torch_program=asked.torch_program, int8=asked.int8)
        told = checked(classifier, staged)
        told += measured(classifier, staged, examples) if examples else []
        told += [f"{file.name:18} {file.stat().st_size:>12,} bytes" for file in _files(staged)]
    typer.echo("\n".join(told))


def export(
    classifier: SentimentClassifier, out: Path, *, torch_program: bool = False, int8: bool = False
) -> None:
    """Write the forms that are asked for into the folder ``out``; errors as ``onnx_model``.

    Raises DataError where onnx, or for ``int8`` onnxruntime, is not installed.
    """
    try:
        from train.export.graph import onnx_model
    except ModuleNotFoundError as error:
        raise DataError("export wants pip install 'lstm-microscope[onnx]'") from error
    (out / GRAPH).write_bytes(onnx_model(classifier).SerializeToString())
    classifier.encoder.save(out / checkpoint.TOKENIZER)
    config = json.dumps(classifier.config.to_dict(), indent=2) + "\n"
    (out / checkpoint.CONFIG).write_text(config, encoding="utf-8")
    if int8:
        quantize(out / GRAPH, out / INT8)
    if torch_program:
        from train.export.program import exported_program

        torch.export.save(exported_program(classifier.model), out / PROGRAM)


def checked(classifier: SentimentClassifier, folder: Path) -> list[str]:
    """What is said of the graph beside the classifier; DataError where they differ."""
    if not runtime_installed():
        return ["not checked: onnxruntime is not installed"]
    gap = largest_gap(folder / GRAPH, classifier, SAMPLES)
    if gap > TOLERANCE:
        raise DataError(f"the graph's logits lie {gap:.1e} from the model's: please report it")
    return [f"logits on {len(SAMPLES)} texts, padded together, lie within {gap:.1e} of the model's"]


def measured(
    classifier: SentimentClassifier, folder: Path, examples: Sequence[Example]
) -> list[str]:
    """Accuracy of the model and of each graph on labelled texts; of two labels those of either."""
    labels = classifier.labels
    kept = [e for e in examples if len(labels) > 2 or e.target != 0.5]
    texts, numbers = [e.text for e in kept], numbers_of(kept, labels)
    forms = {"the model": logits_of(classifier, texts)}
    for name in (GRAPH, INT8):
        if (folder / name).is_file():
            forms[name] = graph_logits(folder / name, classifier, texts)
    lines = []
    for name, logits in forms.items():
        one = figures_of(softmax(logits), numbers, labels)
        gap = abs(logits - forms["the model"]).max()
        lines.append(
            f"{name:18} accuracy {one.accuracy:.2%} of {len(kept):,} texts, largest change of a "
            f"logit {gap:.1e}"
        )
    return lines


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file())
