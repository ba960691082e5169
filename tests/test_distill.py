"""The recipe on a small treebank of our own: mixture, stages, files."""

import json
from dataclasses import fields, replace

import datasets
import pytest
import torch
import typer

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.options import ReadingOptions
from sentiment.records import Recipe
from sentiment.tables import ReadOptions
from train.__main__ import app
from train.data.labelled import Example
from train.data.reviews import imdb_dev, imdb_train, is_imdb_dev
from train.data.tables import Columns
from train.fit import loop
from train.fit.loop import LoopSettings
from train.recipe import mixture as recipe
from train.recipe.student import student, twin
from train.recipe.written import written_examples

SENTENCES = [
    ("a good film", 4),
    ("a bad film", 0),
    ("a film", 2),
    ("this is a very good little film about a town", 3),
    ("this is a very bad little film about a town", 1),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    rows = {
        "text": [text for text, _ in SENTENCES] * 2,
        "rating": [rating for _, rating in SENTENCES] * 2,
        "is_sentence": [False] * 5 + [True] * 5,
    }
    (folder / "sst").mkdir()
    for split in ("train", "dev"):
        datasets.Dataset.from_dict(rows).to_parquet(folder / "sst" / f"{split}.parquet")
    reviews = [
        f"Review r{n} says: the town was {w}. I saw it."
        for n in range(40)
        for w in ("fine", "dull")
    ]
    table = {"text": reviews, "label": [1, 0] * 40}
    datasets.Dataset.from_dict(table).to_parquet(folder / "imdb.parquet")
    more = {"text": [f"Nobody {n} ever said that it was not good to be here." for n in range(9)]}
    datasets.Dataset.from_dict(more).to_parquet(folder / "more.parquet")
    words = ["a", "good", "bad", "film", "this", "is", "very", "little", "about", "town"]
    lines = [
        f"{w} " + " ".join(str((i * j) % 7 / 7) for j in range(1, 6)) for i, w in enumerate(words)
    ]
    (folder / "glove.txt").write_text("\n".join(lines) + "\n")
    cache = folder / "cache"
    cache.mkdir()
    soft = (
        {"text": "a good film", "soft_label": 0.8},
        {"text": "It was dull\u2028there.", "soft_label": 0.1},
    )
    (cache / "labels-a.jsonl").write_text(
        "".join(json.dumps(s, ensure_ascii=False) + "\n" for s in soft)
    )
    return recipe.Sources(
        sst=str(folder / "sst"),
        imdb=str(folder / "imdb.parquet"),
        unlabelled=str(folder / "more.parquet"),
        vectors=folder / "glove.txt",
        teacher="none",
        cache=cache,
    )


def test_files_are_read_as_the_options_say_and_commands_share_them(sources, tmp_path):
    rows = [(text, int(i % 2)) for i, text in enumerate(sources.texts(sources.imdb))]
    lines = "Reviews\n" + "".join(f"{label}~{text} café\n" for text, label in rows)
    path = tmp_path / "reviews.csv"
    path.write_bytes(lines.encode("cp850"))
    reading = ReadOptions("cp850", "~", header=False, skip_rows=1)
    columns = Columns("2", "1", reading=reading)
    mine = replace(sources, imdb=str(path), columns=columns)
    assert mine.texts(mine.imdb) == [f"{text} café" for text, _ in rows]
    found = {
        (e.text, e.target) for e in (*imdb_dev(str(path), columns), *imdb_train(str(path), columns))
    }
    assert found == {(f"{text} café", label) for text, label in rows}
    commands = typer.main.get_group(app).commands
    for name in ("fit", "evaluate", "distill", "export"):
        taken = {one.name for one in commands[name].params}
        assert {one.name for one in fields(ReadingOptions)} <= taken, name


NB_SVM = ("NB-SVM over bigrams", 9)
SETTINGS = recipe.DistillSettings(
    words=400, hidden_dim=4, constructed=60, unlabelled_reviews=5, written=0
)


def test_the_mixture_holds_every_ingredient_and_no_dev_review(sources):
    from train.recipe.teacher import cached_labels

    labels = cached_labels(sources.cache)
    assert labels["It was dull\u2028there."] == 0.1
    reviews = recipe.label_reviews(sources)
    assert len(reviews) == 9
    assert recipe.label_reviews(sources) == pytest.approx(reviews, abs=1e-4)
    examples = recipe.mixture(sources, SETTINGS, labels, reviews)
    targets = {e.text: e.target for e in examples}
    assert targets["a good film"] == pytest.approx(0.9)
    assert targets["a film"] == 0.5
    assert targets["It was dull\u2028there."] == 0.1
    assert sum(e.text == "a bad film" for e in examples) == SETTINGS.repeat_sentences
    assert sum(e.text in reviews for e in examples) == SETTINGS.unlabelled_reviews
    labelled = {e.text for e in imdb_train(sources.imdb)}
    assert labelled
    assert all(sum(e.text == text for e in examples) == 1 for text in labelled)
    held_out = [e.text for e in imdb_dev(sources.imdb)]
    assert held_out
    assert all(is_imdb_dev(text) for text in held_out)
    assert not set(held_out) & set(targets)


def test_texts_to_label_put_sentences_first_and_leave_out_dev_reviews(sources):
    texts = recipe.texts_to_label(sources)
    assert texts[:5] == [text for text, _ in SENTENCES]
    assert any("not good" in text for text in texts)


def test_variants_to_label_are_of_written_sentences_and_the_treebank(sources, monkeypatch):
    written = (Example("The kettle boils over.", 0.04),)
    monkeypatch.setattr(recipe, "written_examples", lambda: written)
    texts = list(recipe.variants_to_label(sources, 8, seed=2))
    assert len(texts) == 8 + 4 * len(SENTENCES)
    assert texts == list(recipe.variants_to_label(sources, 8, seed=2))


def test_the_teacher_sees_every_sentence(sources):
    chosen = [e.text for e in recipe.teacher_texts(sources)]
    assert {text for text, _ in SENTENCES} <= set(chosen)
    assert len(recipe.teacher_texts(sources, written=1)) == len(chosen) + len(written_examples())


def test_student_and_twin_are_written_calibrated_and_small(sources, tmp_path):
    settings = LoopSettings(epochs=1, batch_size=32, last_state=0.3)
    student(sources, tmp_path, SETTINGS, settings)
    classifier = SentimentClassifier.from_folder(tmp_path)
    probability = classifier.predict("a good film").probability
    assert probability is not None
    assert 0 < probability < 1
    recorded = Recipe.read(tmp_path)
    assert recorded.temperature is not None
    assert recorded.temperature > 0
    assert [(one.name, one.labels) for one in recorded.teachers] == [("cache", 2), NB_SVM]
    assert recorded.vectors == "glove.txt"
    assert [one.settings["constructed"] for one in recorded.passes] == [60]
    further = replace(settings, seed=3)
    student(sources, tmp_path / "on", SETTINGS, further, start=tmp_path)
    passes = Recipe.read(tmp_path / "on").passes
    assert passes[1].settings == {"seed": 3}
    assert [one.start for one in passes] == ["glove.txt", tmp_path.name]
    figures = json.loads((tmp_path / "metrics.json").read_text())
    assert figures["sst_dev"]["n"] == 4
    loaded = checkpoint.load(tmp_path)
    frozen = LoopSettings(epochs=1, batch_size=32, embedding_learning_rate=0.0)
    rnn = twin(sources, tmp_path, SETTINGS, frozen)
    assert torch.equal(rnn.embedding.weight, loaded.model.embedding.weight)
    again = checkpoint.load(tmp_path)
    assert again.twin is not None
    torch.testing.assert_close(again.twin.fc.weight, rnn.fc.weight.detach(), atol=1e-3, rtol=1e-3)


def test_a_second_pass_takes_everyday_texts_and_their_words(sources, tmp_path):
    """From trained weights to another vocabulary, with own opinions on some texts alone."""
    texts = ["🎉 brilliant gadget", "🎉 awful gadget", "the gadget is blue", "some gadget news"] * 3
    table = {
        "text": [f"{text} {n}" for n, text in enumerate(texts)],
        "target": [1.0, 0.0, 0.5, None] * 3,
        "source": ["shop"] * 12,
        "domain": ["products"] * 12,
    }
    for split in ("train", "dev"):
        datasets.Dataset.from_dict(table).to_parquet(tmp_path / "raw" / f"{split}.parquet")
    settings = LoopSettings(epochs=1, batch_size=32)
    student(sources, tmp_path / "first", SETTINGS, settings)
    begun = checkpoint.load(tmp_path / "first")
    assert not begun.encoder.encode("🎉").tokens[0].known
    more = replace(sources, general=str(tmp_path / "raw"))
    labels = {"some gadget news 3": 0.4, "a good film": 0.8}
    phrases = [Example("a good film", 1.0)]
    own = SentimentClassifier(begun.model, begun.encoder)
    blended = recipe.with_own_labels(labels, own, phrases, SETTINGS, recipe.general_texts(more))
    assert blended["some gadget news 3"] == 0.4
    assert blended["a good film"] != 0.8
    examples = {e.text: e for e in recipe.mixture(more, SETTINGS, labels, {})}
    assert examples["some gadget news 3"].weight < 1
    assert examples["the gadget is blue 2"].target == 0.5
    assert {"🎉 awful gadget 1"} <= {e.text for e in recipe.teacher_texts(more)}
    assert recipe.texts_to_label(more)[:12] == table["text"]
    wide = replace(SETTINGS, words=6000)
    student(
        more, tmp_path / "second", wide, settings, start=tmp_path / "first", new_vocabulary=True
    )
    again = SentimentClassifier.from_folder(tmp_path / "second")
    assert all(token.known for token in again.encoder.encode("🎉 gadget").tokens)
    state = again.model.state_dict()
    before = begun.model.state_dict()
    moved = (state["lstm.weight_hh_l0"] - before["lstm.weight_hh_l0"]).abs().max()
    assert moved < 0.1  # one short pass from there, not from random numbers


def test_a_stopped_twin_goes_on_to_the_same_weights(sources, tmp_path, monkeypatch):
    settings = LoopSettings(epochs=2, batch_size=32, embedding_learning_rate=0.0)
    for name in ("whole", "stopped"):
        student(sources, tmp_path / name, SETTINGS, LoopSettings(epochs=1, batch_size=32))
    whole = twin(sources, tmp_path / "whole", SETTINGS, settings)
    kept = loop.write_state

    def stop(folder, state):
        kept(folder, state)
        if state["position"]["epoch"] == 1:
            raise loop.Interrupted("stopped behind the first epoch")

    monkeypatch.setattr(loop, "write_state", stop)
    with pytest.raises(loop.Interrupted):
        twin(sources, tmp_path / "stopped", SETTINGS, settings, resume=True)
    monkeypatch.setattr(loop, "write_state", kept)
    steps: list[int] = []
    step = loop.step_on

    def counted(*given, **more):
        steps.append(0)
        return step(*given, **more)

    monkeypatch.setattr(loop, "step_on", counted)
    resumed = twin(sources, tmp_path / "stopped", SETTINGS, settings, resume=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name])
    again = list(steps)
    steps.clear()
    twin(sources, tmp_path / "whole", SETTINGS, settings)
    assert len(again) * 2 == len(steps)


def test_a_teacher_reads_texts_of_like_size_together(tmp_path):
    seen: list[list[int]] = []

    class Counting:
        def sizes(self, texts):
            return [len(text.split()) for text in texts]

        def soft_labels(self, texts):
            seen.append(self.sizes(texts))
            return torch.tensor([len(text) / 100 for text in texts])

    from train.recipe.teacher import label

    texts = ["a " * number + "good" for number in (9, 1, 5, 3, 8, 2)]
    found = label(Counting(), texts, tmp_path, batch_size=2, chunk=5)
    assert seen == [[10, 9], [6, 4], [2], [3]]
    assert found == {text: pytest.approx(len(text) / 100) for text in texts}
    assert label(Counting(), texts, tmp_path) == {t: pytest.approx(v) for t, v in found.items()}
    assert len(seen) == 4
