"""A person's own labelled data: what labels are understood, how it is split, what is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.records import Recipe
from train.data.corpus import Corpus
from train.data.held_out import held_out
from train.data.labelled import (
    Example,
    binary_examples,
    labelled_data,
    labelled_examples,
    split_dev,
)
from train.data.labels import Found, kept_scale, labelling, typical_range
from train.data.stream import prepare, read
from train.data.tables import Columns, DataError, column, load_table, load_texts
from train.data.vocabulary import choose_words


def table(path: Path, rows: list[dict[str, Any]]) -> str:
    """Rows as a jsonl file; gives its name."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def rows_of(labels: list[Any], each: int = 4) -> list[dict[str, Any]]:
    return [{"text": f"words of {v} {i}", "label": v} for i in range(each) for v in labels]


@pytest.mark.parametrize(
    ("values", "labels", "wanted"),
    [
        ([0, 1], ("negative", "positive"), {0: 0.0, 1: 1.0}),
        ([False, True], ("negative", "positive"), {False: 0.0, True: 1.0}),
        ([0.0, 0.25, 1.0], ("negative", "positive"), {0.0: 0.0, 0.25: 0.25, 1.0: 1.0}),
        (["pos", "neg"], ("negative", "positive"), {"pos": 1.0, "neg": 0.0}),
        (["Positive", "Negative"], ("negative", "positive"), {"Positive": 1.0, "Negative": 0.0}),
        ([-1, 1], ("negative", "positive"), {-1: 0.0, 1: 1.0}),
        (["spam", "ham"], ("ham", "spam"), {"ham": 0.0, "spam": 1.0}),
        (
            ["positive", "neutral", "negative"],
            ("negative", "neutral", "positive"),
            {"negative": 0.0, "neutral": 1.0, "positive": 2.0},
        ),
        ([10, 2, 9], ("2", "9", "10"), {2: 0.0, 9: 1.0, 10: 2.0}),
        (["sad", "angry", "glad"], ("angry", "glad", "sad"), {"sad": 2.0, "angry": 0.0}),
    ],
)
def test_labels_are_understood(
    tmp_path: Path, values: list[Any], labels: tuple[str, ...], wanted: dict[Any, float]
) -> None:
    rows = rows_of(values)
    found = labelled_data(table(tmp_path / "a.jsonl", rows))
    assert found.labels == labels
    targets = {example.text: example.target for example in found.train + found.dev}
    for value, target in wanted.items():
        assert targets[f"words of {value} 0"] == target


def test_ratings_take_their_middle_for_neither(tmp_path: Path) -> None:
    source = table(tmp_path / "a.jsonl", rows_of([1, 2, 3, 4, 5], each=20))
    found = labelled_data(source, ratings=True)
    assert found.labels == ("negative", "positive")
    targets = {example.text: example.target for example in found.train + found.dev}
    assert [targets[f"words of {v} 1"] for v in (1, 2, 4, 5)] == [0.0, 0.0, 1.0, 1.0]
    assert {e.target for e in found.train} == {0.0, 0.5, 1.0}
    assert {e.target for e in found.dev} == {0.0, 1.0}  # accuracy has no middle


def test_the_order_of_the_labels_can_be_given(tmp_path: Path) -> None:
    source = table(tmp_path / "a.jsonl", rows_of(["low", "high", "mid"]))
    found = labelled_data(source, labels=["low", "mid", "high"])
    assert found.labels == ("low", "mid", "high")
    assert {e.text.split()[2]: e.target for e in found.train}["high"] == 2.0


def test_a_folder_with_its_own_dev_split_keeps_it(tmp_path: Path) -> None:
    table(tmp_path / "train.jsonl", rows_of(["a", "b", "c"]))
    table(tmp_path / "validation.jsonl", [{"text": "only this", "label": "b"}])
    found = labelled_data(str(tmp_path))
    assert len(found.train) == 12
    assert found.dev == [Example("only this", 1.0)]


def test_files_of_a_glob_are_not_measured_on_what_they_teach(tmp_path: Path) -> None:
    for name in ("a", "b"):
        table(
            tmp_path / f"{name}.jsonl", [{"text": f"{name} {i}", "label": i % 2} for i in range(40)]
        )
    found = labelled_data(str(tmp_path / "*.jsonl"))
    assert len(found.train) + len(found.dev) == 80
    assert len(found.dev) == 8
    assert not {e.text for e in found.train} & {e.text for e in found.dev}


def test_of_very_many_texts_no_more_than_enough_are_held_out() -> None:
    numbers = np.random.default_rng(0).permutation(500_000).astype(np.uint64)
    chosen = held_out(numbers, (numbers % 2).astype(float))
    assert chosen == frozenset(range(20_000))


def test_rows_without_text_or_label_are_left_out_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*rows_of(["a", "b"]), {"text": " ", "label": "a"}, {"text": "x", "label": None}]
    found = labelled_data(table(tmp_path / "a.jsonl", [*rows, {"text": None, "label": "c"}]))
    assert found.labels == ("a", "b")
    assert len(found.train) + len(found.dev) == 8
    assert "left out 3 rows without text or label" in capsys.readouterr().out


def test_balance_lets_every_label_weigh_the_same(tmp_path: Path) -> None:
    rows = rows_of(["a", "b", "c"], each=20) + [
        {"text": f"more {i}", "label": "a"} for i in range(60)
    ]
    found = labelled_data(table(tmp_path / "a.jsonl", rows), balance=True)
    weights: dict[float, float] = {}
    for example in found.train:
        weights[example.target] = weights.get(example.target, 0.0) + example.weight
    assert list(weights.values()) == pytest.approx([len(found.train) / 3] * 3)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([{"review": "x", "label": 1}], {}, "has no column 'text'; it has review, label"),
        ([{"text": "x", "score": 1}], {}, "has no column 'label'; it has text, score"),
        ([{"text": "x", "label": "a"}, {"text": "y", "label": "a"}], {}, "got 1 distinct: a"),
        (rows_of(list(range(101))), {}, "want 2 to 100 labels, got 101.*--ratings"),
        (rows_of(["a", "b"]), {"ratings": True}, "ratings must be numbers, got 'a'"),
        (rows_of([3, 3]), {"ratings": True}, "all ratings are 3"),
        (rows_of(["a", "b"]), {"labels": ["a", "c"]}, r"labels \['b'\] are none of a, c"),
        ([*rows_of(["a", "b"]), {"text": "z", "label": "c"}], {}, "only one text has the label"),
        ([{"text": "", "label": "a"}], {}, "no row has both"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(
    tmp_path: Path, rows: list[dict[str, Any]], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        labelled_data(table(tmp_path / "a.jsonl", rows), **options)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=5), st.sampled_from([0.0, 1.0, 2.0])),
        min_size=20,
        max_size=60,
    ),
    st.randoms(),
)
def test_the_automatic_split_depends_on_the_texts_alone(
    rows: list[tuple[str, float]], random: Any
) -> None:
    examples = [Example(text, target) for text, target in dict(rows).items()]
    counts = Counter(example.target for example in examples)
    if min(counts.values()) < 2:
        with pytest.raises(DataError):
            split_dev(examples)
        return
    train, dev = split_dev(examples)
    assert sorted(e.text for e in train + dev) == sorted(e.text for e in examples)
    assert not {e.text for e in train} & {e.text for e in dev}
    assert {e.target for e in dev} == {e.target for e in train} == set(counts)
    shuffled = random.sample(examples, len(examples))
    assert {e.text for e in split_dev(shuffled)[1]} == {e.text for e in dev}


def test_a_repeated_text_is_never_on_both_sides() -> None:
    examples = [Example(f"text {i % 15}", float(i % 2)) for i in range(60)]
    train, dev = split_dev(examples)
    assert not {e.text for e in train} & {e.text for e in dev}


def test_measuring_uses_the_models_labels(tmp_path: Path) -> None:
    source = table(tmp_path / "a.jsonl", rows_of(["b", "c"]))
    examples = labelled_examples(source, "dev", "text", "label", ("a", "b", "c"))
    assert {e.target for e in examples} == {1.0, 2.0}


def test_measuring_refuses_labels_that_the_model_lacks(tmp_path: Path) -> None:
    polar = ("negative", "positive")
    source = table(tmp_path / "a.jsonl", rows_of([1, 2, 3, 4, 5]))
    with pytest.raises(DataError, match="labels 1, 2, 3, 4, 5 are none of the model's negative"):
        labelled_examples(source, "dev", "text", "label", polar)
    rated = labelled_examples(source, "dev", "text", "label", polar, ratings=True)
    assert [e.target for e in rated[:4]] == [0.0, 0.0, 1.0, 1.0]
    only = table(tmp_path / "b.jsonl", rows_of(["positive"]))
    found = labelled_examples(only, "dev", "text", "label", polar)
    assert {e.target for e in found} == {1.0}


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_tables_of_text_are_read(tmp_path: Path, kind: str) -> None:
    separator = "," if kind == "csv" else "\t"
    (tmp_path / f"a.{kind}").write_text(
        f'text{separator}label\n"so, so\nbad"{separator}0\ngood{separator}1\n'
    )
    found = load_table(str(tmp_path / f"a.{kind}"))
    assert found == {"text": ["so, so\nbad", "good"], "label": [0, 1]}


def test_a_column_is_reached_by_a_dotted_name(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"review": {"text": "fine", "by": {"id": 3}}}]
    rows += [{"review": None}, {"review": {}}]
    source = table(tmp_path / "a.jsonl", [*rows, {"review.text": "own", "review": {"text": "x"}}])
    found = load_table(source)
    assert column(found, "review.text", source) == [None, None, None, "own"]
    assert column(found, "review.by.id", source) == [3, None, None, None]
    assert load_texts(table(tmp_path / "b.jsonl", rows), columns=Columns("review.text")) == ["fine"]
    with pytest.raises(DataError, match=r"no column 'review_text'; it has review, review\.text"):
        column(found, "review_text", source)


def test_trees_give_phrases_to_train_on_and_polar_sentences_to_measure(tmp_path: Path) -> None:
    rows = [
        {"text": "good", "rating": 4, "is_sentence": False},
        {"text": "good", "rating": 2, "is_sentence": False},
        {"text": "so so", "rating": 2, "is_sentence": True},
        {"text": "a bad film", "rating": 1, "is_sentence": True},
    ]
    table(tmp_path / "train.jsonl", rows)
    table(tmp_path / "dev.jsonl", rows)
    train = {e.text: e.target for e in binary_examples(str(tmp_path), "train")}
    assert train == {"good": 0.75, "so so": 0.5, "a bad film": 0.0}
    assert binary_examples(str(tmp_path), "dev") == [Example("a bad film", 0.0)]


def test_a_vocabulary_takes_its_own_words_first() -> None:
    core, more = Counter({"good": 3, "bad": 2}), Counter({"film": 9, "rare": 1, "good": 5})
    assert choose_words(core, more, [], 10) == ["good", "bad", "film"]
    assert choose_words(core, more, ["the", "<unk>", "bad"], 4) == ["good", "bad", "film", "the"]
    assert choose_words(core, more, [], 1) == ["good"]


def test_batches_hold_every_sentence_once_within_both_limits() -> None:
    corpus = Corpus([[1 + i % 5] * (1 + i * i % 37) for i in range(200)])
    for batches in (corpus.batches(16, 120), corpus.batches(1, 10)):
        seen = [int(i) for batch in batches for i in batch]
        assert sorted(seen) == list(range(200))
    for batch in corpus.batches(16, 120):
        ids, lengths = corpus.rectangle(batch)
        assert len(batch) <= 16
        assert ids.numel() <= 120 or len(batch) == 1
        for row, length in zip(ids.tolist(), lengths.tolist(), strict=True):
            assert all(row[:length])
            assert not any(row[length:])


def test_long_texts_keep_their_beginning_and_end() -> None:
    corpus = Corpus([list(range(1, 101))], max_tokens=10)
    assert corpus.flat.tolist() == [1, 2, 3, 4, 5, 96, 97, 98, 99, 100]


def test_one_label_alone_cannot_be_trained_on(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="all labels are the same"):
        labelled_data(table(tmp_path / "one.jsonl", rows_of([1], 30)))


def test_a_label_of_one_text_is_named(tmp_path: Path) -> None:
    rows = [*rows_of(["ham", "spam"], 9), {"text": "the only one", "label": "other"}]
    with pytest.raises(DataError, match="only one text has the label 'other'"):
        labelled_data(table(tmp_path / "a.jsonl", rows))
    with pytest.raises(DataError, match="only one text has the label 'negative'"):
        labelled_data(table(tmp_path / "b.jsonl", [{"text": "x", "label": 0}, *rows_of([1], 9)]))


def test_a_dev_split_of_other_labels_is_refused(tmp_path: Path) -> None:
    table(tmp_path / "train.jsonl", rows_of(["neg", "pos"], 9))
    table(tmp_path / "dev.jsonl", rows_of(["neg", "so-so", "pos"]))
    with pytest.raises(DataError, match="so-so"):
        labelled_data(str(tmp_path))


def test_na_is_a_text_and_brackets_are_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "two[1].csv"
    path.write_text("text,label\nNA,None\nN/A,None\nfine film,good\na fine film,good\n")
    found = labelled_data(str(path))
    assert set(found.labels) == {"None", "good"}
    texts = {example.text for example in (*found.train, *found.dev)}
    assert texts == {"NA", "N/A", "fine film", "a fine film"}


@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        (
            "bad.jsonl",
            b'{"text": "a 7", "label": 1}\n{"text": ',
            "a row that cannot be read.* line 10",
        ),
        ("latin.csv", b"text,label\ncaf\xe9,1\n", "not UTF-8: read as Windows-1252"),
        ("commas.csv", b"text,label\ngood, not bad,1\n", "line 10: 3 fields, the header has 2"),
        ("open.csv", b'text,label\n"never closed,1\n', "opens on line 10 and is never closed"),
    ],
)
@pytest.mark.parametrize("way", ["fit", "fit --stream", "evaluate", "distill"])
def test_what_is_odd_in_a_file_is_said_and_its_other_rows_are_used(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    note: str,
    way: str,
) -> None:
    path = tmp_path / name
    header, _, row = content.partition(b"\n")
    good = [b'{"text": "film %d", "label": %d}' % (i, i % 2) for i in range(8)]
    if name != "bad.jsonl":
        good = [b"film %d,%d" % (i, i % 2) for i in range(8)]
    path.write_bytes(b"\n".join([header, *good, row]))
    rows = 9 if name[0] in "bl" else 8
    if way == "fit --stream":
        prepare(str(path), tmp_path / "state", "text", "label", words=50)
        prepared = read(tmp_path / "state")
        assert len(prepared.train.corpus) + len(prepared.held_out) == rows
    elif way == "fit":
        found = labelled_data(str(path))
        assert found.labels == ("negative", "positive")
        assert len(found.train) + len(found.dev) == rows
    elif way == "evaluate":
        labels = ("negative", "positive")
        assert len(labelled_examples(str(path), "train", "text", "label", labels)) == rows
    else:
        assert len(binary_examples(str(path), "train")) == len(load_texts(str(path))) == rows
    assert re.search(note, capsys.readouterr().out)


def test_a_csv_with_a_gap_keeps_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "gap.csv"
    lines = [f"film {i},{i % 2}" for i in range(8)] + ["no label,", ",1"]
    path.write_text("\n".join(["text,label", *lines, ""]))
    found = labelled_data(str(path))
    assert found.labels == ("negative", "positive")
    assert len(found.train) + len(found.dev) == 8
    path.write_text(path.read_text().replace(",0", ",4"))
    assert labelled_data(str(path), ratings=True).labels == ("negative", "positive")


@pytest.mark.parametrize("stream", [False, True])
def test_labels_and_ratings_mean_one_thing_on_every_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stream: bool
) -> None:
    def read_in(rows: list[dict[str, Any]], **options: Any) -> tuple[tuple[str, ...], Any]:
        source = table(tmp_path / "a.jsonl", rows)
        if not stream:
            found = labelled_data(source, **options)
            return found.labels, found.scale
        prepare(source, tmp_path / "state", "text", "label", words=50, **options)
        streamed = read(tmp_path / "state")
        return streamed.labels, streamed.scale

    spellings = rows_of(["spam", "Spam ", "SPAM", "spam", "ham"], each=12)
    assert read_in(spellings)[0] == ("ham", "spam")
    out = capsys.readouterr().out
    assert "differ by case or blanks" in out
    assert "labels ham (12), spam (48)" in out
    assert read_in(rows_of(["TRUE", "FALSE"], each=20))[0] == ("negative", "positive")
    assert read_in(rows_of(["0", "1"], each=20))[0] == ("negative", "positive")
    read_in([*rows_of(["1.0", "2", 4, "5"], each=20), {"text": "typo", "label": 55}], ratings=True)
    out = capsys.readouterr().out
    assert "ratings 1 to 5, as found: 1, 2 negative (40); 4, 5 positive (40)" in out
    assert "rating 55 (line 81) is off the scale" in out
    few = rows_of([3, 4, 5], each=20)
    assert read_in(few, ratings=(1.0, 5.0))[1] == (1.0, 5.0)
    with pytest.raises(DataError, match=r"got 'N/A' \(line 2\)"):
        read_in([{"text": "x", "label": 5}, {"text": "y", "label": "N/A"}], ratings=True)


def test_an_odd_label_is_named_with_its_place() -> None:
    found = {"a": Found(30, "line 2"), "b": Found(29, "line 3"), "I hate": Found(1, "line 9")}
    notes = labelling(found, "x.csv").notes
    assert any("'I hate' occurs 1 time among 60 (line 9): a slip?" in note for note in notes)


def test_the_scale_in_a_checkpoint_is_used_to_measure(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    Recipe(settings={"ratings": "1..5"}).write(tmp_path / "run")
    assert kept_scale(tmp_path / "run") == (1.0, 5.0)
    upper = table(tmp_path / "b.jsonl", rows_of([3, 4, 5]))
    for ratings in (kept_scale(tmp_path / "run") or True, True):
        found = labelled_examples(
            upper, "dev", "text", "label", ("negative", "positive"), ratings=ratings
        )
        assert {example.target for example in found} == {1.0}


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ({1: 20, 2: 20, 4: 20, 5: 20, 55: 1, 45: 1}, (1, 5)),
        ({5: 95, 4: 3, 1: 1}, (1, 5)),
        ({0: 500, 100: 500, 50: 3, 1000: 1}, (0, 100)),
        ({0.0: 50, 0.5: 50, 1.0: 50, 9.0: 1}, (0, 1)),
        ({1: 1, 2: 1, 5: 1}, (1, 5)),
        ({-1: 40, 1: 40, 99: 1}, (-1, 1)),
    ],
)
def test_a_scale_is_found_without_rare_values_far_off(
    counts: dict[float, int], wanted: tuple[float, float]
) -> None:
    assert typical_range(Counter(counts)) == wanted
