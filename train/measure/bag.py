"""python -m train bag-of-words: the page's bag of words, learnt from the texts of the network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from sentiment import text as words_of
from train.data.general import load_general
from train.data.labelled import Example, binary_examples
from train.data.reviews import is_imdb_dev
from train.data.tables import load_table
from train.measure.baselines import polar

LEAST_WEIGHT, FEWEST_TEXTS = 0.05, 4


def bag_of_words_command(
    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")],
    general: Annotated[str, typer.Option(help="Everyday English: folder or Hub ids.")],
    imdb: Annotated[str, typer.Option(help="Labelled reviews: file, folder or Hub id.")],
    out: Annotated[Path, typer.Option(help="The file to write, a word and its weight a line.")],
    most: Annotated[int, typer.Option(help="Words that are kept, the heaviest.")] = 16_000,
    reviews: Annotated[int, typer.Option(help="Reviews that are taken.")] = 6_000,
) -> None:
    """Learn a logistic regression over single words, print its accuracy on dev, and write it."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, labels = polar(
        [*binary_examples(sst, "train"), *_everyday(general, "train"), *_reviews(imdb, reviews)]
    )
    vectorizer = CountVectorizer(
        binary=True,
        tokenizer=words_of.words,
        lowercase=False,
        token_pattern=None,
        min_df=FEWEST_TEXTS,
        dtype=np.float32,
    )
    model = LogisticRegression(C=0.3, solver="liblinear")
    model.fit(vectorizer.fit_transform(texts), labels)
    for name, dev in (("sst", binary_examples(sst, "dev")), ("general", _everyday(general, "dev"))):
        given, wanted = polar(dev)
        print(f"{name} dev: {model.score(vectorizer.transform(given), wanted):.4f}, n {len(given)}")
    weights = model.coef_[0]
    heaviest = np.argsort(-np.abs(weights))[:most]
    names = vectorizer.get_feature_names_out()
    kept = sorted((names[i], weights[i]) for i in heaviest if abs(weights[i]) >= LEAST_WEIGHT)
    lines = [f"\t{model.intercept_[0]:.2f}", *(f"{word}\t{weight:+.2f}" for word, weight in kept)]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(kept)} words in {out}")


def _everyday(source: str, split: str) -> list[Example]:
    found = load_general(source, split)
    return [Example(one.text, one.target) for one in found if one.target is not None]


def _reviews(source: str, count: int) -> list[Example]:
    table = load_table(source)
    rows = zip(table["text"], table["label"], strict=True)
    found = [Example(text, float(label)) for text, label in rows if not is_imdb_dev(text)]
    order = np.random.default_rng(0).permutation(len(found))[:count]
    return [found[i] for i in order]
