"""The page: ``python app.py`` here, or the Space's entry point. Wiring only."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported
# torch keeps compiled kernels for 1024 shapes, and every length of text makes new ones.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")

import argparse

import torch

from sentiment.classifier import load
from sentiment.errors import SentimentError
from sentiment.hub import chosen_model
from sentiment.ui.page import LAUNCH, build


def main() -> None:
    """Load the model, build the page, serve it."""
    parser = argparse.ArgumentParser(description="See how an LSTM makes up its mind.")
    parser.add_argument(
        "--model",
        help="checkpoint folder or Hub id (default: MODEL_ID, else the embedded weights)",
    )
    parser.add_argument("--revision", help="commit, tag or branch of a Hub id")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # short sentences are faster on one thread
    try:
        model, revision = chosen_model(arguments.model, arguments.revision)
        classifier = load(model, revision=revision)
    except (SentimentError, OSError) as error:
        raise SystemExit(f"error: {error}") from error
    build(classifier).launch(server_port=arguments.port, **LAUNCH)


if __name__ == "__main__":
    main()
