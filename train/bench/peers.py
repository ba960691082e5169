"""Texts a second beside what people would pick instead, reading and tokenising included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from sentiment.classifier import SentimentClassifier
from train.bench.measuring import Row, like, random_ids, seconds


def peers(classifier: SentimentClassifier, peak: float, quick: bool) -> Iterator[Row]:
    """Throughput on one core at both kinds of length; a peer that is not installed has no row."""
    for name, count in (("SST", 512), ("IMDB", 128)):  # enough of them to fill the slots
        texts = random_texts(classifier, like(name, count))
        repeats = 2 if quick else 3
        ours = len(texts) / seconds(lambda t=texts: classifier.predict_batch(t), repeats)  # type: ignore[misc]
        yield Row(f"texts in, predictions out, {name} lengths", ours, "texts/s")
        for peer, work in linear_peers(texts):
            theirs = len(texts) / seconds(work, repeats)
            yield Row(f"  {peer}", theirs, "texts/s", ours / theirs, "slower")
        yield from graphs(classifier, texts, ours, repeats)


def random_texts(classifier: SentimentClassifier, lengths: Sequence[int]) -> list[str]:
    """Texts of random known words."""
    words = {number: word for word, number in classifier.encoder.tokenizer.get_vocab().items()}
    return [" ".join(words[i] for i in row) for row in random_ids(classifier, lengths)]


def linear_peers(texts: Sequence[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    """VADER, TextBlob where it is installed, and a linear model over words and pairs of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader = SentimentIntensityAnalyzer()
    yield "VADER", lambda: [vader.polarity_scores(text) for text in texts]
    if find_spec("textblob"):
        blob = import_module("textblob").TextBlob
        yield "TextBlob", lambda: [blob(text).sentiment for text in texts]
    bigrams = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression())
    bigrams.fit(texts, [i % 2 for i in range(len(texts))])
    yield "linear model over bigrams", lambda: bigrams.predict_proba(texts)


def graphs(
    classifier: SentimentClassifier, texts: Sequence[str], ours: float, repeats: int
) -> Iterator[Row]:
    """The exported graph under onnxruntime, in 32 and in 8 bits, where that is installed."""
    if not (find_spec("onnxruntime") and find_spec("onnx")):
        return
    import onnx

    from train.export.graph import onnx_model
    from train.export.runtime import graph_logits, quantize

    with TemporaryDirectory() as temporary:
        whole, small = Path(temporary) / "model.onnx", Path(temporary) / "model.int8.onnx"
        onnx.save(onnx_model(classifier), str(whole))
        quantize(whole, small)
        for bits, file in (("32", whole), ("8", small)):
            spent = seconds(lambda f=file: graph_logits(f, classifier, texts), repeats)  # type: ignore[misc]
            theirs = len(texts) / spent
            yield Row(f"  onnxruntime, {bits} bits", theirs, "texts/s", ours / theirs, "slower")
