"""The page's answers without a browser: limits, messages, sentences, endpoints."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import gradio as gr
import numpy as np
import openpyxl
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.classifier import SentimentClassifier
from sentiment.tables import ReadOptions, open_source, preview
from sentiment.ui import api, page, uploads, view
from sentiment.ui.answers import Reader
from sentiment.ui.gate import Gate, Visitor
from sentiment.ui.known import known
from sentiment.ui.limits import RecentExplanations, RefusedError, checked_text
from sentiment.ui.padded import MOST_PADDING
from sentiment.ui.panels import PANELS, about, compare, padding, report, score
from sentiment.ui.panels.score import FileScorer
from sentiment.ui.storage import private_folder
from sentiment.ui.uploads import AUTOMATIC
from sentiment.ui.visitors import ASKING, visitor
from tests.conftest import answered, awaited, tiny_classifier

LABELS = ("bad", "middling", "good")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(tiny_classifier())


@pytest.fixture(scope="module")
def three() -> Reader:
    return Reader(tiny_classifier(labels=LABELS))


def functions(reader: Reader) -> dict[str, Any]:
    found = [function for panel in PANELS for function in panel.functions(reader)]
    return {f.__name__: answered(f) for f in found if f.__name__ != "suite"}


@pytest.fixture(scope="module")
def client(app_url: str) -> Client:
    return Client(app_url, verbose=False)


ANYTHING = st.one_of(
    st.text(max_size=40), st.integers(), st.none(), st.floats(), st.lists(st.text(max_size=5))
)
NAMES = st.sampled_from(["text", "compare", "lines", "start", "end", "target", "baseline", "seed"])


@settings(max_examples=60, deadline=None)
@given(question=st.dictionaries(NAMES, ANYTHING, max_size=5))
def test_every_question_is_answered_in_json(question: dict[str, Any]) -> None:
    reader = Reader(tiny_classifier())
    for call in functions(reader).values():
        answer = call([question])
        assert isinstance(json.dumps(answer, allow_nan=False), str)
        assert "Something went wrong" not in str(answer.get("message"))


@pytest.mark.parametrize("question", [None, 3, "text", [], {"text": None}, {"text": ["a"]}, {}])
def test_malformed_questions_get_a_message(reader: Reader, question: object) -> None:
    for call in functions(reader).values():
        assert call([question]).get("message") or call.__name__ in (
            "batch",
            "padding_example",  # which asks for no text
        )


def test_faults_are_logged_without_the_text(
    reader: Reader, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(reader.classifier, "predict", broken)
    answer = functions(reader)["predict"]([{"text": "a private film"}])
    assert "Something went wrong" in answer["message"]
    assert "RuntimeError" in caplog.text
    assert "private" not in caplog.text


def test_texts_beyond_the_limits_are_refused(reader: Reader) -> None:
    for text, wanted in (
        (5, "string"),
        ("x" * 5001, "5,001"),
        ("a " * 1001, "1,001"),
        (" ", "one"),
    ):
        with pytest.raises(RefusedError, match=wanted):
            checked_text(text, reader.classifier)
    assert checked_text("a " * 1000, reader.classifier)


def test_recent_explanations_are_bounded_by_their_tokens(reader: Reader) -> None:
    kept = RecentExplanations(most_tokens=5)
    made = []

    def ask(text: str) -> None:
        kept.get((text,), lambda: made.append(text) or reader.classifier.explain(text))  # type: ignore[func-returns-value]

    for text in ("the film", "a plot", "the film", "not very good", "the film"):
        ask(text)
    assert made == ["the film", "a plot", "not very good"]
    ask("a plot")
    assert made[-1] == "a plot"


def test_a_phrase_leads_with_what_it_reads_alone(reader: Reader) -> None:
    calls = functions(reader)
    found = calls["phrase"]([{"text": "the film was not very good", "start": 3, "end": 6}])
    prediction = reader.classifier.predict
    halves = [found["alone"][side]["words"] for side in ("first", "second")]
    assert " ".join(halves) == found["words"] == "not very good"
    assert found["alone"]["logit"] == pytest.approx(prediction("not very good").logit, abs=1e-9)
    parts = [prediction(half).logit for half in halves]
    assert [found["alone"][side]["logit"] for side in ("first", "second")] == pytest.approx(parts)
    expected = found["alone"]["logit"] - sum(parts)
    assert found["alone"]["interaction"] == pytest.approx(expected, abs=1e-9)
    single = calls["phrase"]([{"text": "the film", "start": 0, "end": 1}])
    assert single["alone"]["first"] is single["alone"]["second"] is None


def test_the_strongest_interaction_names_its_pieces(reader: Reader) -> None:
    calls = functions(reader)
    found = calls["more"]([{"text": "never was it at all good"}])["interplay"]
    pieces = [found[side] for side in ("first", "second")]
    parts = [reader.classifier.predict(piece["words"]).logit for piece in pieces]
    assert [piece["logit"] for piece in pieces] == pytest.approx(parts, abs=1e-9)
    assert found["joint"] == pytest.approx(found["score"] - sum(parts), abs=1e-9)


def test_numbers_reach_the_page_unscaled(reader: Reader) -> None:
    explanation = reader.classifier.explain("the film was not very good")
    shown = view.reading(explanation, reader.known)
    lanes = {name: np.array(values, dtype=float) for name, values in shown["lanes"].items()}
    scores = explanation.integrated_gradients.scores
    np.testing.assert_allclose(lanes["gradients"], scores, atol=1e-6)
    np.testing.assert_allclose(lanes["ledger"], explanation.ledger.total, atol=1e-6)
    rebuilt = "".join(t["gap"] + t["text"] for t in shown["tokens"])
    assert rebuilt == explanation.text


def test_more_labels_work_in_every_panel(three: Reader) -> None:
    calls = functions(three)
    for target in (None, *LABELS):
        question = {"text": "a dull film", "compare": "a good film", "target": target, "start": 0}
        for name in ("predict", "explain", "more", "compare", "memory", "padding", "edits"):
            answer = calls[name]([question])
            assert "message" not in answer, (name, answer)
        if target:
            assert calls["explain"]([question])["target"] == target
    assert "target is one of" in calls["explain"]([{"text": "a", "target": "superb"}])["message"]
    page.build(three.classifier)


@pytest.mark.parametrize("pooling", [("last",), ("max",), ("mean", "last")])
def test_other_heads_and_layers_work(pooling: tuple[str, ...]) -> None:
    calls = functions(Reader(tiny_classifier(pooling=pooling, layers=2)))
    for name in ("explain", "more", "compare", "memory", "padding"):
        answer = calls[name]([{"text": "not very good", "compare": "good", "start": 0}])
        assert "message" not in answer, (name, answer)


def test_padding_that_is_read_is_the_model_on_the_padded_text(reader: Reader) -> None:
    text = "the film was awful"
    shown = padding.drift(reader, text)
    ids = reader.classifier.encoder.encode(text).ids
    for k in (0, 1, 17, MOST_PADDING):
        (row,) = reader.classifier.logits([[*ids, *[0] * k]])
        assert shown["logits"][k] == pytest.approx(row[0], abs=1e-5)
    assert shown["packed"]["logit"] == pytest.approx(shown["logits"][0], abs=1e-5)


def test_steps_of_a_batch() -> None:
    assert padding.steps([2, 13, 2, 12, 3, 3]) == {
        "width": 13,
        "padded": 78,
        "bucketed": 4 * 13 + 2 * 2,
        "packed": 35,
        "bucket": 4,
    }


def test_the_projection_keeps_what_two_dimensions_can(reader: Reader) -> None:
    first, second = (reader.classifier.explain(t) for t in ("good film", "not a good film"))
    places, shares = compare.projection(first, second)
    assert places.shape == (3 + 5, 2)
    zero = np.zeros((1, first.hidden_states.shape[1]))
    states = np.concatenate([zero, first.hidden_states, zero, second.hidden_states])
    values = np.linalg.eigvalsh(np.cov(states.T))[::-1]
    np.testing.assert_allclose(shares, values[:2] / values.sum(), atol=1e-9)
    np.testing.assert_allclose(places.var(axis=0, ddof=1), values[:2], rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("der film ist nicht gut und das ist sehr schade", "German, not English"),
        ("zzq xxv", "none of its words"),
        ("фильм хороший", "of a script that the model does not read"),
        ("a film", None),
        ("zzq xxv good", "only 1 of these 3"),
    ],
)
def test_warnings(shipped: SentimentClassifier, text: str, wanted: str | None) -> None:
    found = view.verdict(shipped.predict(text), known(shipped))["notice"]
    assert found is None if wanted is None else wanted in str(found)


def test_only_four_endpoints_are_public(client: Client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert sorted(named) == ["/compare", "/explain", "/predict", "/score"]
    for endpoint in named.values():
        assert endpoint["description"]
        assert all(p["type"] for p in endpoint["parameters"])
        assert all(r["type"] for r in endpoint["returns"])


def test_endpoints_agree_with_the_library(client: Client, shipped: SentimentClassifier) -> None:
    verdict = client.predict("not good", api_name="/predict")
    assert verdict["logit"] == pytest.approx(shipped.predict("not good").logit, abs=1e-5)
    explained = client.predict("not good", api_name="/explain")
    assert explained["logit"] == pytest.approx(verdict["logit"], abs=1e-5)
    compared = client.predict("good", "not good", api_name="/compare")
    assert compared["logit_delta"] == pytest.approx(
        shipped.compare("good", "not good").logit_delta, abs=1e-5
    )
    scored = client.predict(["not good", ""], api_name="/score")
    assert scored[0]["label"] == "negative"
    assert scored[1]["error"]


@pytest.mark.parametrize(
    ("endpoint", "arguments"),
    [
        ("/predict", ("",)),
        ("/predict", ("x" * 6000,)),
        ("/predict", (["a"],)),
        ("/explain", ("good", "no such label")),
        ("/explain", ("good", None, "no such baseline")),
        ("/compare", ("good", "")),
        ("/score", ([],)),
        ("/score", (["a"] * 300,)),
        ("/score", ("a",)),
    ],
)
def test_malformed_calls_are_refused(
    client: Client, endpoint: str, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(AppError):
        client.predict(*arguments, api_name=endpoint)


def test_private_events_cannot_be_called(client: Client) -> None:
    with pytest.raises(ValueError):
        client.predict(api_name="/run")


AS_FOUND = (AUTOMATIC, AUTOMATIC, True, AUTOMATIC, None, False)
"""Encoding, delimiter, header, rows to skip, sheet, safe."""


class Person:
    """All that a run needs of a request."""

    session_hash = "somebody"


SOMEBODY = cast(gr.Request, Person())


def scored(file: Path | None, column: str = "text", lines: str = "") -> list[Any]:
    scorer = FileScorer(Reader(tiny_classifier()))

    async def run() -> list[Any]:
        given = str(file) if file else None
        return [shown async for shown, _ in scorer.run(given, column, lines, *AS_FOUND, SOMEBODY)]

    found: list[Any] = awaited(run())
    return found


def test_a_file_is_scored_row_by_row_and_its_folder_goes(tmp_path: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("scored-*"))
    file = tmp_path / "any[thing]*.jsonl"
    file.write_text('{"text": "good"}\n{"text": 5}\nnot json\n{"text": "dull"}\n')
    last = scored(file)[-1]
    assert (last["rows"], last["failed"]) == (4, 2)
    assert sum(count for _, count, _ in last["histogram"]) == 2
    assert set(Path(tempfile.gettempdir()).glob("scored-*")) <= before


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("virus.exe", b"MZ\x90" + bytes(60) + b"\xff" * 9, "is no text"),
        ("empty.csv", b"", "input"),
        ("other.csv", b"id,review\n1,good\n", "no column 'text'"),
        ("broken.parquet", b"no parquet", ""),
        ("big.csv", b"text\n" + b"good\n" * 4_000_001, "up to 20 MB"),
    ],
)
def test_files_that_cannot_be_scored(
    tmp_path: Path, name: str, content: bytes, wanted: str
) -> None:
    (tmp_path / name).write_bytes(content)
    message = scored(tmp_path / name)[-1]["message"]
    assert wanted.replace("input", name) in message
    assert "scored-" not in message  # no path of the server


def test_rows_beyond_the_limit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "MAX_ROWS", 2)
    last = scored(None, lines="good\nbad\ndull")[-1]
    assert last["truncated"]
    assert last["rows"] == 2


def test_one_run_a_person_and_stop_reaches_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score, "WINDOW", 1)
    scorer = FileScorer(Reader(tiny_classifier()))

    def start() -> Any:
        return scorer.run(None, "text", "good\n" * 2000, *AS_FOUND, SOMEBODY)

    async def check() -> None:
        first = start()
        await anext(first)
        refused = [shown async for shown, _ in start()]
        assert ["under way" in shown["message"] for shown in refused] == [True]
        for run in (first, start()):
            if run is not first:
                await anext(run)
            await anext(run)
            started = time.perf_counter()
            await scorer.stop(SOMEBODY)
            assert [shown async for shown, _ in run][-1]["message"].startswith("Stopped")
            while scorer._reader.files.under_way:
                await asyncio.sleep(0.01)
            assert time.perf_counter() - started < 2

    with private_folder(tmp_path) as folder:
        awaited(check())
        assert not list(folder.rglob("*.*"))


def test_a_result_lives_as_long_as_its_page(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("text\ngood\n")
    scorer = FileScorer(Reader(tiny_classifier()))
    another = cast(gr.Request, SimpleNamespace(session_hash="another"))

    async def check() -> None:
        for person in (SOMEBODY, another):  # equal files are one file to the framework
            await scorer.opened(str(file), AUTOMATIC, AUTOMATIC, AUTOMATIC, person)
        runs = scorer.run(str(file), "text", "", *AS_FOUND, SOMEBODY)
        out = [Path(given.value["path"]) async for _, given in runs if given.value][-1]
        assert out.read_text().startswith("text,label")
        await scorer.closed(SOMEBODY)
        assert not out.exists()
        assert file.exists()
        await scorer.closed(another)
        assert not file.exists()

    with private_folder(tmp_path):
        awaited(check())


def test_a_page_that_closes_ends_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "WINDOW", 1)
    scorer = FileScorer(Reader(tiny_classifier()))

    async def check() -> None:
        run = scorer.run(None, "text", "good\n" * 2000, *AS_FOUND, SOMEBODY)
        await anext(run)
        await anext(run)
        await cast(AsyncGenerator[Any, None], run).aclose()
        while scorer._reader.files.under_way:
            await asyncio.sleep(0.01)

    with private_folder(tmp_path) as folder:
        awaited(check())
        assert not list(folder.rglob("*.*"))


def test_long_questions_leave_the_quick_gates_free() -> None:
    reader = Reader(tiny_classifier())
    taken: list[str] = []
    for name in ("verdicts", "explanations", "studies", "long"):
        gate = getattr(reader, name)

        async def run(*asked: Any, gate: Gate = gate, name: str = name) -> Any:
            taken.append(name)
            return await gate.run(*asked)

        setattr(reader, name, SimpleNamespace(run=run, end_older=gate.end_older))
    calls, endpoints = functions(reader), {f.__name__: f for f in api.endpoints(reader)}
    for name, question in (
        ("predict", {"text": "good " * 900}),
        ("explain", {"text": "not good"}),
        ("explain", {"text": "good " * 900}),
        ("more", {"text": "not good"}),
        ("compare", {"text": "good", "compare": "bad " * 900}),
    ):
        calls[name]([question])
    awaited(endpoints["explain"]("good film " * 30))
    awaited(endpoints["score"](["good"] * 200))
    assert taken == [
        *("verdicts", "explanations", "long", "studies", "long", "long", "explanations")
    ]


@pytest.mark.parametrize("labels", [("ham", "spam"), ("1", "2", "3", "4", "5")])
def test_the_page_speaks_of_the_models_own_labels(labels: tuple[str, ...]) -> None:
    reader = Reader(tiny_classifier(labels=labels))
    calls = functions(reader)
    texts = ["a plot was not good", "der plot ist nicht good und das ist sehr dull"]
    said: list[Any] = [page.settings(reader) | {"examples": []}, about.facts(reader)]
    said += [calls[n]([{"text": t, "compare": "good"}]) for n in calls for t in texts]
    text = json.dumps(said)
    assert re.findall(r"positive|film reviews?|learnt English|\"label\": \"neutral\"", text) == []
    assert "undecided" in text or len(labels) > 2
    assert not re.search(r"\bneutral\b(?!\\| word)", text)  # a key without value, a part of speech
    assert "report" not in {panel["name"] for panel in page.settings(reader)["panels"]}
    assert page.settings(reader)["stories"] == []  # they are told of negation in sentiment
    if len(labels) == 2:
        assert api.verdict(reader.classifier.predict("a plot was good"))["neutral"] is None
        suite = next(answered(f) for f in report.functions(reader))
        assert "ham, spam" in str(suite([{}])["message"])


def test_programs_are_told_the_models_own_labels_language_and_licence(tmp_path: Path) -> None:
    tiny_classifier(labels=("ham", "spam")).save_pretrained(tmp_path)
    card = "---\nlanguage: de\ndatasets: [somebody/mails]\nlicense: cc0-1.0\n---\n# Mails\n"
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    reader = Reader(SentimentClassifier.from_folder(tmp_path))
    assert about.facts(reader)["license"] == "cc0-1.0"
    for endpoint in api.endpoints(reader):
        told = endpoint.__doc__ or ""
        assert "ham, spam" in told
        for said in ("German", "somebody/mails", "cc0-1.0"):
            assert said in told
        assert not re.search(r"positive|\{", told)
    assert "probability (of spam)" in (api.endpoints(reader)[0].__doc__ or "")
    many = api.described(known(tiny_classifier(labels=tuple(f"kind {n}" for n in range(30)))))
    assert many["labels"].endswith("kind 19 and 10 more")
    assert many["probability"].startswith("null")


def test_a_card_names_language_and_data(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    tiny_classifier(labels=("ham", "spam")).save_pretrained(folder)
    card = "---\nlanguage: de\ndatasets: [somebody/mails]\n---\n# Mails\n"
    (folder / "README.md").write_text(card, encoding="utf-8")
    found = known(SentimentClassifier.from_folder(folder))
    assert (found.language, found.language_name) == ("de", "German")
    assert found.datasets == ("somebody/mails",)
    assert found.card == "# Mails\n"
    assert found.between == "undecided"


def test_scripts_hold_no_markup_made_of_text() -> None:
    scripts = sorted(Path(page.__file__).parent.rglob("*.js"))
    assert {panel.script for panel in PANELS} < set(scripts)
    for script in scripts:
        code = script.read_text(encoding="utf-8")
        for forbidden in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "</script"):
            assert forbidden not in code, f"{script.name} has {forbidden}"


def test_scores_shared_by_runs_of_a_long_text_say_so() -> None:
    calls = functions(Reader(tiny_classifier(hidden_dim=3)))
    (long,) = (calls["more"]([{"text": "good film " * 150}]),)  # 300 words
    assert long["runs"] == {"deletion": 2}
    assert long["lanes"]["deletion"][0] == long["lanes"]["deletion"][1]
    assert calls["more"]([{"text": "not good"}])["runs"] == {}


def looked_here(path: Path, options: ReadOptions, count: int = 5, *, whole: bool = False) -> Any:
    return preview(open_source(path, options=options), count)


def test_sheets_and_rows_to_skip_are_chosen_beside_the_rest_of_the_guess(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "about"
    for name in ("who", "someone"):
        book.active.append([name])
    sheet = book.create_sheet("reviews")
    for row in (("Reviews of", "May"), ("id", "text"), (1, "good"), (2, "awful")):
        sheet.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    scorer = FileScorer(Reader(tiny_classifier()))

    async def handed_in() -> tuple[Any, ...]:
        opened = await scorer.opened(str(path), AUTOMATIC, AUTOMATIC, AUTOMATIC, SOMEBODY)
        given = (AUTOMATIC, AUTOMATIC, True)
        looks = [
            await scorer.looked_at(str(path), *given, skip, "reviews")
            for skip in ("0", "1", "many", "9")
        ]
        other = await scorer.chosen(str(path), *given, "1", "reviews", "id")
        elsewhere = await scorer.looked_at(str(path), *given, "0", "none")
        run = scorer.run(str(path), "text", "", *given, "1", "reviews", False, SOMEBODY)
        return opened, looks, other, elsewhere, [shown async for shown, _ in run][-1]

    with patch.object(uploads, "preview_apart", looked_here):  # tests/test_apart.py has the other
        (_, _, choice, shown), looks, other, elsewhere, scored = awaited(handed_in())
    assert (choice.visible, [name for name, _ in choice.choices]) == (True, ["about", "reviews"])
    assert "sheet “about” (1 more can be chosen)" in shown["understood"]
    assert "of its sheets about is read (reviews are not)" in shown["notes"]
    assert looks[0][1]["columns"] == ["Reviews of", "May"]
    assert looks[1][1]["preview"] == [["1", "good"], ["2", "awful"]]
    assert looks[1][0].value == "text"
    assert looks[2][1]["message"] == "rows to skip are a whole number, 0 or more, got 'many'"
    assert "no row in its sheet 'reviews' below the first 9" in looks[3][1]["message"]
    assert other["text"] == "id"
    assert "no sheet 'none'; it has about, reviews" in elsewhere[1]["message"]
    assert (scored["rows"], scored["failed"]) == (2, 0)
    assert scored["columns"][:2] == ["id", "text"]


def test_rows_to_skip_of_a_text_file_are_chosen_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Export of May\nid;text\n1;good\n2;awful\n", encoding="utf-8")
    scorer = FileScorer(Reader(tiny_classifier()))

    async def looked() -> tuple[Any, ...]:
        _, _, choice, first = await scorer.opened(
            str(path), AUTOMATIC, AUTOMATIC, AUTOMATIC, SOMEBODY
        )
        given = (AUTOMATIC, AUTOMATIC, True)
        _, skipped = await scorer.looked_at(str(path), *given, "1", None)
        _, all_of_it = await scorer.looked_at(str(path), *given, "2000", None)
        return choice, first, skipped, all_of_it

    with patch.object(uploads, "preview_apart", looked_here):
        choice, first, skipped, all_of_it = awaited(looked())
    assert not choice.visible
    assert first["columns"] == ["text"]
    assert skipped["columns"] == ["id", "text"]
    assert skipped["preview"] == [["1", "good"], ["2", "awful"]]
    assert "2,000 rows to skip" in all_of_it["message"]


def test_a_study_of_an_older_text_ends_when_its_page_asks_for_another() -> None:
    reader = Reader(tiny_classifier())
    calls = {f.__name__: f for panel in PANELS for f in panel.functions(reader)}
    released = threading.Event()

    async def check() -> None:
        ASKING.set(Visitor("1.1.1.1", "another page"))
        held = asyncio.create_task(reader.studies.run(visitor(), lambda: released.wait(20)))
        ASKING.set(Visitor("1.1.1.1", "page"))
        older = asyncio.ensure_future(calls["more"]([{"text": "not good"}]))
        while reader.studies.under_way < 2:
            await asyncio.sleep(0.001)
        await calls["explain"]([{"text": "not good"}])
        assert not older.done()
        await calls["explain"]([{"text": "not good at all"}])
        assert "gone on" in json.loads(bytes((await older).body))["message"]
        newer = asyncio.ensure_future(calls["more"]([{"text": "not good at all"}]))
        released.set()
        assert "lanes" in json.loads(bytes((await newer).body))
        await held

    awaited(check())
