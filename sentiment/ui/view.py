"""Explanations as plain values for the templates: every scale and every word of text in them.

Scaling happens here alone; the numbers beside the colours are never rescaled.
"""

from __future__ import annotations

from typing import Any

from sentiment.values import Explanation

WIDTH, HEIGHT = 640, 150  # of the running-verdict curve, in SVG units
LANES = (
    ("norm", "hidden norm", "length of the state ‖h‖ after the word; it has no sign"),
    ("wins", "max-pool wins", "share of the hidden units whose maximum the word holds"),
    ("gradients", "integrated gradients", "what the word adds to the logit; they sum to it"),
)


class ReadView:
    """The two kinds of value that the Read panel's template draws."""

    @staticmethod
    def refused(message: str) -> dict[str, Any]:
        """A message instead of a reading."""
        return {"message": message, "reading": None}


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, and a true minus."""
    return f"{value:+.{digits}f}".replace("-", "−")


def polarity(value: float) -> str:
    """The colour class of a signed number."""
    return "positive" if value > 0 else "negative" if value < 0 else "zero"


def reading_view(explanation: Explanation) -> dict[str, Any]:
    """Everything that the Read panel draws of one explanation."""
    prediction = explanation.prediction
    gradients = explanation.integrated_gradients
    probability = prediction.probability
    if probability is None:
        probability = prediction.probabilities[prediction.labels.index(explanation.target)]
    norms = [
        float(v) for v in getattr(explanation.hidden_norms, "scores", explanation.hidden_norms)
    ]
    longest = max(norms) or 1.0
    largest = max(float(abs(gradients.scores).max()), 1e-9)
    tokens = []
    end = 0
    for index, token in enumerate(explanation.tokens):
        score = float(gradients.scores[index])
        tokens.append(
            {
                "gap": explanation.text[end : token.start],
                "text": token.text,
                "known": token.known,
                "norm": f"{norms[index]:.2f}",
                "norm_height": round(100 * norms[index] / longest),
                "wins": f"{100 * explanation.pooling.shares[index]:.0f}%",
                "wins_height": round(100 * explanation.pooling.shares[index]),
                "score": signed(score),
                "score_height": round(100 * abs(score) / largest),
                "polarity": polarity(score),
            }
        )
        end = token.end
    unknown = sum(not token.known for token in explanation.tokens)
    notice = None
    if unknown == len(tokens):
        notice = "The model knows none of these words, so its verdict says nothing about them."
    elif unknown:
        words = ", ".join(f"“{t.text}”" for t in explanation.tokens if not t.known)
        notice = f"Unknown to the model, and read as one and the same word: {words}"
    return {
        "message": None,
        "reading": {
            "label": "neutral" if prediction.neutral else prediction.label,
            "leaning": prediction.label,
            "polarity": "zero" if prediction.neutral else polarity(explanation.logit),
            "probability": f"{probability:.2f}",
            "percent": round(100 * probability, 1),
            "logit": signed(explanation.logit),
            "notice": notice,
            "tokens": tokens,
            "lanes": [{"id": a, "name": b, "help": c} for a, b, c in LANES],
            "longest": f"{longest:.2f}",
            "largest": f"{largest:.2f}",
            "curve": curve(explanation),
            "residual": signed(gradients.residual, 4),
            "converged": gradients.converged,
            "steps": gradients.steps,
            "baseline": gradients.baseline,
            "baseline_logit": signed(gradients.baseline_logit),
            "revision": explanation.revision,
        },
    }


def curve(explanation: Explanation) -> dict[str, Any]:
    """The running verdict as points of an SVG: probability of the target after each word."""
    logits = explanation.running_logits
    probabilities = [1 / (1 + pow(2.718281828459045, -float(z))) for z in logits]
    step = WIDTH / max(1, len(probabilities))
    places = [
        (step * (i + 0.5), HEIGHT * (1 - probability))
        for i, probability in enumerate(probabilities)
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "line": " ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        "neutral_top": round(HEIGHT / 3, 1),
        "neutral_height": round(HEIGHT / 3, 1),
        "points": [
            {
                "x": round(x, 1),
                "y": round(y, 1),
                "index": i,
                "label": f"after “{explanation.tokens[i].text}”: {probabilities[i]:.2f}",
                "flip": i in explanation.running.flips,
            }
            for i, (x, y) in enumerate(places)
        ],
        "flips": [
            f"“{explanation.tokens[i].text}” turns it from {probabilities[i - 1]:.2f} "
            f"to {probabilities[i]:.2f}"
            for i in explanation.running.flips
        ],
    }
