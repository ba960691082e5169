"""A tutorial's state_dict becomes a checkpoint that gives its verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn
from typer.testing import CliRunner, Result

from sentiment.classifier import SentimentClassifier
from sentiment.text import TextEncoder, new_tokenizer
from train.__main__ import app
from train.data.tables import DataError
from train.foreign import parts_of, read_state, read_vocabulary, renamed, splitter
from train.importing import greatest_difference, imported

WORDS = ["a", "<unk>", "good", "film", "not", "<pad>", "the", "cast", "is", "great"]
VOCABULARY = {word: row for row, word in enumerate(WORDS)}


class Tutorial(nn.Module):
    """As tutorials have it, with names of their own and the unknown word somewhere."""

    def __init__(
        self, outputs: int = 1, *, bidirectional: bool = False, kind: str = "LSTM"
    ) -> None:
        super().__init__()
        self.emb = nn.Embedding(len(WORDS), 5)
        self.layer = getattr(nn, kind)(5, 6, 2, batch_first=True, bidirectional=bidirectional)
        self.out = nn.Linear(6 * (1 + bidirectional), outputs)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        _, final = self.layer(self.emb(ids))
        hidden = final[0] if isinstance(final, tuple) else final
        ends = hidden[-2:] if self.layer.bidirectional else hidden[-1:]
        logits: torch.Tensor = self.out(torch.cat(list(ends), dim=1))
        return logits


@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_verdicts_are_those_of_the_model(outputs: int, bidirectional: bool, kind: str) -> None:
    torch.manual_seed(0)
    model = Tutorial(outputs, bidirectional=bidirectional, kind=kind)
    classifier = imported(model.state_dict(), VOCABULARY)
    with torch.no_grad():
        theirs = model(torch.tensor([[VOCABULARY[w] for w in ("not", "a", "<unk>", "film")]]))[0]
    verdict = classifier.predict("not a dreadful film")
    ours = torch.tensor(verdict.logits if outputs == 3 else [verdict.logit])
    wanted = theirs[1:] - theirs[:1] if outputs == 2 else theirs
    torch.testing.assert_close(ours, wanted)
    assert len(classifier.labels) == max(2, outputs)
    assert greatest_difference(model.state_dict(), VOCABULARY, classifier) < 1e-5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.json", WORDS),
        ("v.json", VOCABULARY),
        ("v.json", {"itos": WORDS}),
        ("v.json", {str(row): word for row, word in enumerate(WORDS)}),
        ("v.json", {"model": {"vocab": VOCABULARY}}),
        ("v.json", {"config": {"word_index": json.dumps(VOCABULARY)}}),
        ("v.txt", "\n".join(WORDS) + "\n"),
    ],
)
def test_vocabularies_of_many_kinds(tmp_path: Path, name: str, content: object) -> None:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    assert read_vocabulary(path) == VOCABULARY


def brought(folder: Path, *options: str, out: str = "out") -> Result:
    """What the command says of the state and the words in a folder."""
    places = ["--state", str(folder / "m.pt"), "--vocabulary", str(folder / "v.json")]
    return CliRunner().invoke(app, ["import", *places, "--out", str(folder / out), *options])


def test_the_command_writes_a_checkpoint(tmp_path: Path) -> None:
    torch.save({"model_state_dict": Tutorial().state_dict(), "epoch": 3}, tmp_path / "m.pt")
    (tmp_path / "v.json").write_text(json.dumps(WORDS))
    assert "once stored in 16 bits" in brought(tmp_path, "--labels", "ham,spam").output
    classifier = SentimentClassifier.from_folder(tmp_path / "out")
    assert classifier.labels == ("ham", "spam")
    assert classifier.explain("not good").ledger.last.sum() != 0
    assert "holds a finished model" in str(brought(tmp_path).exception)


def test_what_cannot_be_imported_says_why(tmp_path: Path) -> None:
    one_way = {**Tutorial(bidirectional=True).state_dict(), "out.weight": torch.zeros(1, 6)}
    with pytest.raises(DataError, match="one direction of two"):
        parts_of(one_way)
    two_parts = {**Tutorial().state_dict(), "out.weight": torch.zeros(1, 12)}
    with pytest.raises(DataError, match="reads 2 pooled parts"):
        imported(two_parts, VOCABULARY)
    assert imported(two_parts, VOCABULARY, pooling=("max", "mean")).model.pooling == ("max", "mean")
    with pytest.raises(DataError, match="no recurrent layer"):
        parts_of({"fc.weight": torch.zeros(1, 2)})
    extra = {**Tutorial().state_dict(), "norm.weight": torch.ones(3)}
    with pytest.raises(DataError, match=r"no place for: norm\.weight"):
        parts_of(extra)
    with pytest.raises(DataError, match="is row 10 of an embedding of 10 rows"):
        imported(Tutorial().state_dict(), {**VOCABULARY, "more": 10})
    with pytest.raises(DataError, match="3 outputs; got 2 labels"):
        imported(Tutorial(3).state_dict(), VOCABULARY, ["a", "b"])
    torch.save(Tutorial(), tmp_path / "whole.pt")
    with pytest.raises(DataError, match="not a state_dict that is safe"):
        read_state(tmp_path / "whole.pt")


SPLIT = "The film isn't great,\tbut GOOD: 10/10 (really)! <br />I'd see \"it\" again; O.K.?\n"


@pytest.mark.parametrize("rule", ["whitespace", "lowercase", "basic_english", "keras"])
def test_a_rule_of_tokenization_is_the_librarys(rule: str, tmp_path: Path) -> None:
    words = splitter(rule)(SPLIT)
    encoder = TextEncoder(new_tokenizer(dict.fromkeys(words), rule))
    encoding = encoder.encode(SPLIT)
    assert [encoder.tokenizer.id_to_token(i) for i in encoding.ids] == words
    assert all(SPLIT[t.start : t.end] == t.text for t in encoding.tokens)
    classifier = imported(Tutorial(bidirectional=True).state_dict(), VOCABULARY, rule=rule)
    classifier.save_pretrained(tmp_path / "saved")
    saved = SentimentClassifier.from_folder(tmp_path / "saved")
    assert saved.predict(SPLIT).logit == pytest.approx(classifier.predict(SPLIT).logit, abs=1e-3)


def test_basic_english_splits_as_torchtext_says() -> None:
    told = "Basic English Normalization for a Line of Text (isn't it?)."
    wanted = "basic english normalization for a line of text ( isn ' t it ? ) ."
    assert splitter("basic_english")(told) == wanted.split()


def test_a_bilstm_is_held_against_the_persons_own_model(tmp_path: Path) -> None:
    model = Tutorial(2, bidirectional=True)
    torch.save(model.state_dict(), tmp_path / "m.pt")
    (tmp_path / "v.json").write_text(json.dumps(WORDS))
    lines = ["text~logits"]
    for text in ("not a good film", "the cast is great"):
        with torch.no_grad():
            logits = model(torch.tensor([[VOCABULARY[word] for word in text.split()]]))[0]
        lines.append(f"{text}~{logits.tolist()}")
    (tmp_path / "check.csv").write_text("\n".join(lines))
    check = ["--check", str(tmp_path / "check.csv"), "--delimiter", "~"]
    said = brought(tmp_path, "--tokenization", "whitespace", *check).output
    assert "a bidirectional LSTM whose head reads last" in said
    assert "logits on 2 texts lie within" in said
    assert "NOT THE SAME" not in said
    found = SentimentClassifier.from_folder(tmp_path / "out").explain("not a good film")
    assert len(found.pooling.winners) == 12
    told = brought(tmp_path, "--pooling", "max", *check, out="other").output
    assert "NOT THE SAME MODEL: with --tokenization treebank --pooling last it is" in told


def test_a_head_that_reads_the_backward_direction_first(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = Tutorial(3, bidirectional=True)

    def logits(text: str) -> list[float]:
        with torch.no_grad():
            ids = torch.tensor([[VOCABULARY[word] for word in text.split()]])
            _, (hidden, _) = model.layer(model.emb(ids))
            found: list[float] = model.out(torch.cat((hidden[-1], hidden[-2]), dim=1))[0].tolist()
        return found

    torch.save(model.state_dict(), tmp_path / "m.pt")
    (tmp_path / "v.json").write_text(json.dumps(WORDS))
    rows = [{"text": t, "logits": logits(t)} for t in ("not a good film", "the cast is great")]
    file = tmp_path / "check.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    told = brought(tmp_path, "--check", str(file), out="one").output
    assert "with --tokenization treebank --pooling last --backward-first it is" in told
    told = brought(tmp_path, "--check", str(file), "--backward-first", out="two").output
    assert "NOT THE SAME" not in told
    saved = SentimentClassifier.from_folder(tmp_path / "two")
    assert list(saved.predict("a film").logits) == pytest.approx(logits("a film"), abs=1e-3)
    assert greatest_difference(model.state_dict(), VOCABULARY, saved, backward_first=True) < 1e-3
    rows[1]["logits"] = [9.0, 9.0, 9.0]
    file.write_text("\n".join(map(json.dumps, rows)))
    told = brought(tmp_path, "--check", str(file), out="three").output
    assert "NOT THE SAME MODEL: a class that reads" in told
    with pytest.raises(DataError, match="final states of two directions"):
        imported(Tutorial().state_dict(), VOCABULARY, backward_first=True)


def test_names_can_be_said_where_shapes_do_not_tell(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Tutorial()
    state = {
        name.replace("emb", "table").replace("layer", "rec"): value
        for name, value in model.state_dict().items()
    }
    state["extra.weight"] = torch.zeros(3, 5)  # as wide as the embedding
    with pytest.raises(DataError, match="want one tensor as an embedding"):
        parts_of(state)
    names = {"table": "embedding", "extra": "", "rec": "lstm"}
    wanted = imported(model.state_dict(), VOCABULARY).predict("not a film").logit
    assert imported(renamed(state, names), VOCABULARY).predict("not a film").logit == wanted
    kept = renamed(state, {"table": "embedding", "extra": "side"})
    with pytest.raises(DataError, match=r"has no place for: side\.weight"):
        parts_of(kept)
    with pytest.raises(DataError, match=r"no tensor is named nobody; there are table\.weight"):
        renamed(state, {"nobody": "fc"})
    with pytest.raises(DataError, match=r"two tensors would be named fc\.weight"):
        renamed(state, {"extra": "fc", "out": "fc"})
    torch.save(state, tmp_path / "model.pt")
    (tmp_path / "vocab.json").write_text(json.dumps(WORDS))
    command = ["import", "--state", str(tmp_path / "model.pt"), "--out", str(tmp_path / "out")]
    command += ["--vocabulary", str(tmp_path / "vocab.json")]
    said = [f"{theirs}={ours}" for theirs, ours in names.items()]
    ran = CliRunner().invoke(app, [*command, *(x for pair in said for x in ("--name", pair))])
    assert ran.exit_code == 0, ran.output
    saved = SentimentClassifier.from_folder(tmp_path / "out")
    assert saved.predict("not a film").logit == pytest.approx(wanted, abs=1e-2)
    command[4] = str(tmp_path / "other")
    refused = CliRunner().invoke(app, [*command, "--name", "table"])
    assert "--name wants THEIRS=OURS" in str(refused.exception)
