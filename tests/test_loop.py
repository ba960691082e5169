"""The training loop: learns, resumes to the bit, averages, and leaves no doubt when it stops."""

from dataclasses import replace

import pytest
import torch

from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, bfloat16_pays, build
from train.data.corpus import Corpus, TrainingSet
from train.fit import loop
from train.fit.loop import STATE, LoopSettings, train
from train.fit.step import schedule, step_on

SETTINGS = LoopSettings(epochs=3, batch_size=8, learning_rate=2e-2, averaging=0.5, patience=9)


@pytest.fixture
def toy():
    """Sentences over six words: positive where word 2 stands, negative where word 3 does."""
    generator = torch.Generator().manual_seed(0)
    sentences, targets = [], []
    for number in range(64):
        filler = torch.randint(4, 8, (3 + number % 4,), generator=generator).tolist()
        sentences.append([*filler, 2 if number % 2 else 3])
        targets.append(float(number % 2))
    return TrainingSet(Corpus(sentences), torch.tensor(targets), torch.ones(64))


def model(seed=0, dropout=0.2):
    torch.manual_seed(seed)
    return build(ModelConfig(vocab_size=8, embed_dim=5, hidden_dim=6, dropout=dropout))


def accuracy(data):
    def evaluate(net):
        ids, lengths = data.corpus.rectangle(torch.arange(len(data.corpus)))
        with torch.no_grad():
            said = net(ids, lengths).squeeze(1) > 0
        return {"accuracy": (said == (data.targets > 0.5)).float().mean().item()}

    return evaluate


def test_it_learns_what_can_be_learnt(toy, tmp_path):
    settings = replace(SETTINGS, epochs=8)
    best, log = train(model(), toy, accuracy(toy), settings, tmp_path)
    assert log[-1]["accuracy"] == 1.0
    assert log[-1]["loss"] < log[0]["loss"]
    assert not best.training


@pytest.mark.parametrize("lazy", [False, True])
def test_stopped_and_resumed_equals_uninterrupted(toy, tmp_path, lazy):
    settings = replace(SETTINGS, lazy_embedding=lazy)
    whole, _ = train(model(), toy, accuracy(toy), settings, tmp_path / "whole")

    class StopError(Exception):
        pass

    calls: list[int] = []

    def stopping(net):
        if calls:
            raise StopError
        calls.append(1)
        return accuracy(toy)(net)

    with pytest.raises(StopError):
        train(model(), toy, stopping, settings, tmp_path / "parts")
    again, log = train(model(seed=5), toy, accuracy(toy), settings, tmp_path / "parts", resume=True)
    assert len(log) == 3
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_a_kill_within_an_epoch_costs_what_was_since_the_last_state(toy, tmp_path, monkeypatch):
    whole, log = train(model(), toy, accuracy(toy), SETTINGS, tmp_path / "whole")
    monkeypatch.setattr(loop, "KEEP_SECONDS", -1.0)
    steps = iter(range(100))

    def killed(*given, **more):
        if next(steps) == 12:  # in the second of three epochs of eight steps
            raise KeyboardInterrupt
        return step_on(*given, **more)

    monkeypatch.setattr(loop, "step_on", killed)
    with pytest.raises(KeyboardInterrupt):
        train(model(), toy, accuracy(toy), SETTINGS, tmp_path / "parts")
    told: list[float] = []
    again, resumed = train(
        model(seed=5),
        toy,
        accuracy(toy),
        SETTINGS,
        tmp_path / "parts",
        resume=True,
        on_epoch=lambda row: told.append(row["epoch"]),
    )
    assert next(steps) == 25  # 24 steps in all, and the one that was not taken: none twice
    assert told == [2, 3]
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
    for one, other in zip(log, resumed, strict=True):
        assert {**one, "tokens_per_second": 0} == {**other, "tokens_per_second": 0}


def test_resuming_with_other_settings_names_them(toy, tmp_path):
    train(model(), toy, accuracy(toy), replace(SETTINGS, epochs=1), tmp_path)
    with pytest.raises(ValueError, match="clip"):
        train(
            model(),
            toy,
            accuracy(toy),
            replace(SETTINGS, epochs=1, clip=2.0),
            tmp_path,
            resume=True,
        )
    with pytest.raises(FileNotFoundError, match="nothing to resume"):
        train(model(), toy, accuracy(toy), SETTINGS, tmp_path / "none", resume=True)


def test_resuming_with_other_data_labels_or_dropout_is_refused(toy, tmp_path):
    settings = replace(SETTINGS, epochs=1)
    train(model(), toy, accuracy(toy), settings, tmp_path, choice="dev")

    def resumed(net, data, choice="dev"):
        train(net, data, accuracy(data), settings, tmp_path, resume=True, choice=choice)

    resumed(model(), toy)
    flipped = replace(toy, targets=1 - toy.targets)
    with pytest.raises(SentimentError, match="other data or labels"):
        resumed(model(), flipped)
    with pytest.raises(SentimentError, match="other data or labels"):
        resumed(model(), replace(toy, weights=2 * toy.weights))
    with pytest.raises(SentimentError, match="other sizes or dropout"):
        resumed(model(dropout=0.5), toy)
    with pytest.raises(SentimentError, match="other dev data"):
        resumed(model(), toy, choice="other")


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.9])
def test_a_torn_state_is_named(toy, tmp_path, kept):
    settings = replace(SETTINGS, epochs=1)
    train(model(), toy, accuracy(toy), settings, tmp_path)
    path = tmp_path / STATE
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(SentimentError, match="is damaged; start anew"):
        train(model(), toy, accuracy(toy), settings, tmp_path, resume=True)


def test_patience_stops_a_run_that_no_longer_gets_better(toy, tmp_path):
    settings = replace(SETTINGS, epochs=9, patience=2)
    _, log = train(model(), toy, lambda _: {"accuracy": 0.5}, settings, tmp_path)
    assert len(log) == 3


def test_sixteen_bit_products_learn_too_and_keep_weights_in_thirty_two(toy, tmp_path):
    settings = replace(SETTINGS, epochs=8, bfloat16=True)
    if not bfloat16_pays():
        with pytest.raises(ValueError, match="does not multiply in bfloat16"):
            train(model(), toy, accuracy(toy), settings, tmp_path)
        return
    best, log = train(model(), toy, accuracy(toy), settings, tmp_path)
    assert log[-1]["accuracy"] == 1.0
    assert {p.dtype for p in best.parameters()} == {torch.float32}


def test_a_lazy_embedding_learns_and_leaves_unread_words_alone(toy, tmp_path):
    settings = replace(SETTINGS, epochs=8, lazy_embedding=True)
    start = model()
    before = start.embedding.weight[1].clone()  # "unknown" is never read
    best, log = train(start, toy, accuracy(toy), settings, tmp_path / "a")
    assert log[-1]["accuracy"] == 1.0
    torch.testing.assert_close(best.embedding.weight[1], before)


def test_the_last_state_alone_learns_where_it_is_asked_to(toy, tmp_path):
    settings = replace(SETTINGS, epochs=6, last_state=1.0)
    best, _ = train(model(), toy, accuracy(toy), settings, tmp_path)
    ids, lengths = toy.corpus.rectangle(torch.arange(64))
    with torch.no_grad():
        trace = best.run(best.embedding(ids), lengths)
        part = trace.final_hidden @ best.fc.weight[0, :6] + best.fc.bias
    assert ((part > 0) == (toy.targets > 0.5)).all()


def test_texts_without_a_chance_are_never_read(toy, tmp_path):
    chance = (toy.corpus.lengths < 6).float()
    few = replace(toy, chance=chance, targets=torch.where(chance == 0, torch.nan, toy.targets))
    settings = replace(SETTINGS, batch_size=1)
    _, log = train(model(), few, lambda _: {"accuracy": 0.5}, settings, tmp_path)
    assert all(row["loss"] == row["loss"] for row in log)


def test_the_schedule_rises_and_falls_to_nothing():
    values = [schedule(step, 100, 0.1) for step in range(101)]
    assert values[9] == 1.0
    assert values[:10] == sorted(values[:10])
    assert values[9:] == sorted(values[9:], reverse=True)
    assert values[100] == 0.0


def test_a_few_steps_are_all_averaged(toy, tmp_path):
    settings = replace(SETTINGS, epochs=2, batch_size=64)  # one batch an epoch
    best, _ = train(model(), toy, accuracy(toy), settings, tmp_path)
    assert any((a != b).any() for a, b in zip(best.parameters(), model().parameters(), strict=True))


def test_of_equal_accuracy_the_lower_log_loss_is_kept(toy, tmp_path):
    losses = iter([0.5, 0.2, 0.4])
    kept = []

    def evaluate(net):
        kept.append([p.clone() for p in net.parameters()])
        return {"accuracy": 0.5, "log_loss": next(losses)}

    best, _ = train(model(), toy, evaluate, SETTINGS, tmp_path)
    assert all((a == b).all() for a, b in zip(best.parameters(), kept[1], strict=True))
