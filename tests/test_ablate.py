"""The ablation's rows: what each changes, how they are summed up, and that padding is read."""

import torch

from sentiment.model import ModelConfig, build
from sentiment.text import TextEncoder, new_tokenizer
from train.data.labelled import Example
from train.fit.loop import LoopSettings
from train.measure.ablate import (
    NEGATION,
    VARIANTS,
    Ingredients,
    PaddedReader,
    Variant,
    examples_of,
    padded_logits,
    run_variant,
    summary,
    table,
)

PHRASES = [
    Example("a good film", 1.0),
    Example("a bad film", 0.0),
    Example("a film", 0.5),
    Example("good", 1.0),
    Example("bad", 0.0),
]


def ingredients():
    words = ["a", "good", "bad", "film", "not", "this", "is"]
    encoder = TextEncoder(new_tokenizer(words))
    return Ingredients(
        phrases=PHRASES,
        levels={"a good film": 0.75, "a bad film": 0.25, "a film": 0.5, "good": 1.0, "bad": 0.0},
        soft={"good": 0.8},
        constructed=[Example("not good", 0.1)],
        dev=[Example("this is good", 1.0), Example("this is bad", 0.0)],
        encoder=encoder,
        embedding=torch.randn(encoder.vocabulary_size, 4),
    )


def test_names_are_distinct_and_each_row_changes_something():
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)
    reference = VARIANTS[0]
    for variant in VARIANTS[1:]:
        changed = [
            field
            for field in Variant.__dataclass_fields__
            if field != "name" and getattr(variant, field) != getattr(reference, field)
        ]
        assert changed, variant.name


def test_ingredients_come_and_go():
    made = ingredients()
    by_name = {v.name: examples_of(v, made) for v in VARIANTS}
    reference = {e.text: e.target for e in by_name[VARIANTS[0].name]}
    assert reference == {
        "a good film": 1, "a bad film": 0, "a film": 0.5, "good": 0.9, "bad": 0, "not good": 0.1
    }  # fmt: skip
    texts = {name: {e.text for e in chosen} for name, chosen in by_name.items()}
    assert "a film" not in texts["without neutral phrases"]
    assert "not good" not in texts["without constructed sentences"]
    levels = {e.text: e.target for e in by_name["five levels as targets"]}
    assert levels["a bad film"] == 0.25
    plain = {e.text: e.target for e in by_name["without the teacher"]}
    assert plain["good"] == 1


def test_a_padded_reader_drifts_with_the_width_and_a_packed_one_does_not():
    torch.manual_seed(0)
    padded = PaddedReader(9, 4, 5, pooling=("last",)).eval()
    assert padded_logits(padded, [[2, 3]], width=4) != padded_logits(padded, [[2, 3]], width=40)
    packed = build(ModelConfig(vocab_size=9, embed_dim=4, hidden_dim=5)).eval()
    first, second = (padded_logits(packed, [[2, 3]], width=w) for w in (4, 40))
    assert abs(first[0] - second[0]) < 1e-5


def test_each_kind_of_row_runs():
    made = ingredients()
    settings = LoopSettings(epochs=1, batch_size=4)
    for variant in (
        VARIANTS[0],
        Variant("p", pooling=("last",), padded=True),
        Variant("r", cell="rnn"),
    ):
        figures = run_variant(variant, made, settings)
        assert set(figures) == {"accuracy", "log_loss", "ece", "negation", "neutral"}
        assert 0 <= figures["negation"] <= 1


def test_means_and_spreads():
    runs = [
        {"accuracy": a, "log_loss": 0.3, "ece": 0.1, "negation": 0.5, "neutral": 1.0}
        for a in (0.8, 0.9, 1.0)
    ]
    row = summary("x", runs)
    assert (row.seeds, round(row.accuracy, 9), round(row.accuracy_spread, 9)) == (3, 0.9, 0.1)
    assert "90.0 ± 10.0" in table([row])
    assert summary("y", runs[:1]).accuracy_spread == 0


def test_the_negation_column_names_capabilities_of_the_suite():
    from sentiment.behaviour import suite

    assert set(NEGATION) <= {capability.name for capability in suite()}
