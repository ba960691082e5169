"""The transformer teacher: fine-tune it on SST, then let it label texts into a resumable cache.

A training tool only; nothing that serves imports it. Distilling a large model's soft labels
into an LSTM: Tang et al. 2019, arXiv:1903.12136.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm
from transformers import AutoModel, AutoTokenizer

from sentiment import checkpoint
from sentiment.batches import length_batches
from sentiment.classifier import SentimentClassifier
from sentiment.model import bfloat16_pays
from sentiment.text import UNKNOWN_ID
from train.data.labelled import Example

CLASSES = 3  # negative, neutral, positive
MOST_TOKENS = 128  # of a text, which the encoder reads


class Teacher(nn.Module):
    """A sentence encoder with mean pooling and a three-class head.

    ``forward`` gives logits (B, 3). Its soft label is P(positive) + P(neutral) / 2.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.encoder = AutoModel.from_pretrained(path)
        self.head = nn.Linear(self.encoder.config.hidden_size, CLASSES)

    def forward(self, texts: Sequence[str]) -> Tensor:
        batch = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
        ).to(self.head.weight.device)
        hidden = self.encoder(**batch).last_hidden_state  # (B, T, D)
        mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)  # (B, T, 1)
        logits: Tensor = self.head((hidden * mask).sum(1) / mask.sum(1))  # (B, 3)
        return logits

    def sizes(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the encoder reads of each text."""
        ids = self.tokenizer(list(texts), truncation=True, max_length=MOST_TOKENS)["input_ids"]
        return [len(one) for one in ids]

    def soft_labels(self, texts: Sequence[str]) -> Tensor:
        """P(positive) + P(neutral) / 2 for each text, (B,), float32."""
        device = self.head.weight.device
        pays = bfloat16_pays(device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=pays):
            probabilities: Tensor = self(texts).float().softmax(-1)  # (B, 3)
        return probabilities[:, 2] + probabilities[:, 1] / 2


class SoftLabels(Protocol):
    """Whatever labels texts."""

    def sizes(self, texts: Sequence[str]) -> list[int]:
        """What each text costs, in tokens: texts of like size are read together."""

    def soft_labels(self, texts: Sequence[str]) -> Tensor:
        """Probabilities of "positive", neutral counted half, (B,)."""


class EarlierWeights:
    """A checkpoint of our own as a teacher: what it learnt is handed on without its teacher."""

    def __init__(self, folder: Path) -> None:
        self.classifier = SentimentClassifier.from_folder(folder)

    def sizes(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has."""
        return [len(row) for row in self.classifier.encoder.ids_batch(texts)]

    def soft_labels(self, texts: Sequence[str]) -> Tensor:
        """Its probabilities of "positive", (B,)."""
        ids = self.classifier.encoder.ids_batch(texts)
        logits = self.classifier.logits([row or [UNKNOWN_ID] for row in ids])
        return torch.tensor(logits).squeeze(1).sigmoid()


def is_ours(folder: Path) -> bool:
    """Whether a teacher's path is a checkpoint folder of ours and no transformer's."""
    config = folder / checkpoint.CONFIG
    return config.is_file() and checkpoint.MODEL_TYPE in config.read_text(encoding="utf-8")


def like_batches(sizes: Sequence[int], size: int) -> list[list[int]]:
    """Indexes in batches of so many texts of like size, of which the longest come first.

    What is slowest, and wants most memory, is then known at once.
    """
    order = sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]


def windowed_batches(
    texts: Sequence[str], size: int, generator: random.Random | None
) -> list[list[int]]:
    """Indexes in batches of like length within windows; shuffled when a generator is given."""
    order, lengths = list(range(len(texts))), [len(text) for text in texts]
    if generator:
        generator.shuffle(order)
    windows = (order[start : start + size * 50] for start in range(0, len(order), size * 50))
    order = [i for window in windows for i in sorted(window, key=lengths.__getitem__)]
    batches = list(length_batches(lengths, most_texts=size, order=order))
    if generator:
        generator.shuffle(batches)
    return batches


def fine_tune(
    path: str | Path,
    train: Sequence[Example],
    dev: Sequence[Example],
    cache: Path,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    learning_rate: float = 2e-5,
    seed: int = 0,
) -> Teacher:
    """Fine-tune the encoder at ``path`` on targets 0, 1/2, 1; keep the result under ``cache``.

    A finished fine-tuning in ``cache`` is loaded instead of repeated.
    """
    torch.manual_seed(seed)
    teacher = Teacher(path)
    saved = cache / "teacher.pt"
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if saved.exists():
        teacher.load_state_dict(torch.load(saved, weights_only=True, map_location="cpu"))
        return teacher.to(device).eval()
    teacher.to(device).train()
    freeze_lowest(teacher.encoder, layers=len(teacher.encoder.encoder.layer) // 4)
    trained = [p for p in teacher.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.01, fused=True)
    texts = [example.text for example in train]
    targets = torch.tensor([round(2 * example.target) for example in train], device=device)
    generator = random.Random(seed)
    steps = epochs * -(-len(texts) // batch_size)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, learning_rate, total_steps=steps, pct_start=0.06, anneal_strategy="linear"
    )
    cache.mkdir(parents=True, exist_ok=True)
    with tqdm(total=steps, desc="fine-tune the teacher", mininterval=5) as bar:
        for _ in range(epochs):
            for indexes in windowed_batches(texts, batch_size, generator):
                with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16_pays(device)):
                    logits = teacher([texts[i] for i in indexes])
                loss = nn.functional.cross_entropy(logits.float(), targets[indexes])
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(trained, 1.0)
                optimizer.step()
                scheduler.step()
                bar.update()
                bar.set_postfix(loss=f"{loss.item():.3f}")
    teacher.eval()
    accuracy = polar_accuracy(teacher, dev)
    (cache / "teacher.json").write_text(
        json.dumps({"sst_dev_accuracy": accuracy, "examples": len(train), "epochs": epochs})
    )
    print(f"teacher on SST-2 dev: {100 * accuracy:.1f}", flush=True)
    partial = saved.with_suffix(".partial")
    torch.save(teacher.state_dict(), partial)
    partial.rename(saved)
    return teacher


def freeze_lowest(encoder: Any, layers: int) -> None:
    """Keep the embeddings and the lowest layers as pre-trained: a quarter less work a step."""
    for parameter in encoder.embeddings.parameters():
        parameter.requires_grad_(False)
    for layer in encoder.encoder.layer[:layers]:
        for parameter in layer.parameters():
            parameter.requires_grad_(False)


def polar_accuracy(teacher: Teacher, dev: Sequence[Example]) -> float:
    """Share of polar examples on whose side of 1/2 the soft label falls."""
    polar = [example for example in dev if example.target != 0.5]
    right = 0
    for indexes in windowed_batches([e.text for e in polar], 64, None):
        soft = teacher.soft_labels([polar[i].text for i in indexes])
        right += sum(
            (value > 0.5) == (polar[i].target > 0.5)
            for value, i in zip(soft.tolist(), indexes, strict=True)
        )
    return right / len(polar)


def cached_labels(cache: Path) -> dict[str, float]:
    """Every label kept so far, by text; the mean where teachers in several folders gave one."""
    sums: dict[str, list[float]] = {}
    for part in sorted(cache.rglob("labels-*.jsonl")):
        for line in part.read_text(encoding="utf-8").split("\n"):
            try:
                row = json.loads(line)
            except json.JSONDecodeError:  # a line cut short by a kill
                continue
            sums.setdefault(row["text"], []).append(row["soft_label"])
    return {text: sum(labels) / len(labels) for text, labels in sums.items()}


def label(
    teacher: SoftLabels,
    texts: Iterable[str],
    cache: Path,
    *,
    batch_size: int = 64,
    chunk: int = 4096,
    deadline: float | None = None,
) -> dict[str, float]:
    """Soft labels of ``texts`` in their order, appended to ``cache`` as they are made.

    Texts that the cache holds are skipped, so a killed run goes on where it stopped.
    ``deadline`` (seconds since the epoch) stops it early.
    """
    cache.mkdir(parents=True, exist_ok=True)
    labels = cached_labels(cache)
    todo = [text for text in dict.fromkeys(texts) if text not in labels]
    part = cache / f"labels-{hashlib.sha256(str(time.time_ns()).encode()).hexdigest()[:12]}.jsonl"
    with (
        part.open("a", encoding="utf-8") as out,
        tqdm(total=len(todo), desc="label", unit="text", mininterval=5) as bar,
    ):
        for start in range(0, len(todo), chunk):
            window = todo[start : start + chunk]
            for indexes in like_batches(teacher.sizes(window), batch_size):
                batch = [window[i] for i in indexes]
                soft = teacher.soft_labels(batch).tolist()
                for text, value in zip(batch, soft, strict=True):
                    labels[text] = value
                    row = {"text": text, "soft_label": round(value, 4)}
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
                bar.update(len(batch))
                out.flush()
                if deadline and time.time() > deadline:
                    return labels
    return labels
