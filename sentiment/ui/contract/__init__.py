"""What the page sends its scripts: one typed dict an answer.

``tests/scripts/answers.d.ts`` is made of these by ``python -m tests.declarations``, so that the
scripts are checked against the same names. Numbers are raw, in the units that the glossary names.
"""

from __future__ import annotations

from typing import Any

from sentiment.ui.contract.about import AboutModel, Table
from sentiment.ui.contract.compare import (
    AlignedRow,
    Compared,
    EditOffered,
    Edits,
    EditShown,
    OwnPair,
    Shuffled,
    Side,
    SmallestEdit,
    StatePath,
)
from sentiment.ui.contract.memory import CellLedger, Memory, Reach
from sentiment.ui.contract.padding import (
    Batch,
    BatchRow,
    Costs,
    Padded,
    PaddingExample,
    Timed,
    Timing,
)
from sentiment.ui.contract.page import LaneShown, Limits, PanelShown, Refusal, Settings
from sentiment.ui.contract.read import (
    FaithfulnessMeter,
    Ghost,
    Gradients,
    Interplay,
    Mechanism,
    MethodMeasured,
    More,
    Network,
    Phrase,
    PhraseAlone,
    PhraseShare,
    Reading,
    Running,
    Sum,
    WonUnit,
)
from sentiment.ui.contract.report import Suite
from sentiment.ui.contract.several import ModelRead, Models
from sentiment.ui.contract.stories import StepTold, StoryListed, StoryTold
from sentiment.ui.contract.words import Download, Numbers, Piece, ShortVerdict, TokenShown, Verdict

__all__ = [
    "ANSWERS",
    "AboutModel",
    "AlignedRow",
    "Batch",
    "BatchRow",
    "CellLedger",
    "Compared",
    "Costs",
    "Download",
    "EditOffered",
    "EditShown",
    "Edits",
    "FaithfulnessMeter",
    "Ghost",
    "Gradients",
    "Interplay",
    "LaneShown",
    "Limits",
    "Mechanism",
    "Memory",
    "MethodMeasured",
    "ModelRead",
    "Models",
    "More",
    "Network",
    "Numbers",
    "OwnPair",
    "Padded",
    "PaddingExample",
    "PanelShown",
    "Phrase",
    "PhraseAlone",
    "PhraseShare",
    "Piece",
    "Reach",
    "Reading",
    "Refusal",
    "Running",
    "Settings",
    "ShortVerdict",
    "Shuffled",
    "Side",
    "SmallestEdit",
    "StatePath",
    "StepTold",
    "StoryListed",
    "StoryTold",
    "Suite",
    "Sum",
    "Table",
    "Timed",
    "Timing",
    "TokenShown",
    "Verdict",
    "WonUnit",
]

ANSWERS: dict[str, Any] = {
    "predict": Verdict,
    "explain": Reading,
    "more": More,
    "phrase": Phrase,
    "network": Network,
    "download": Download,
    "compare": Compared,
    "edits": Edits,
    "smallest": SmallestEdit,
    "shuffle": Shuffled,
    "memory": Memory,
    "padding": Padded,
    "batch": Batch,
    "padding_example": PaddingExample,
    "timed": Timed,
    "models": Models,
    "story": StoryTold,
    "suite": Suite,
}
"""What each function that the scripts call by name gives, where it does not refuse."""
