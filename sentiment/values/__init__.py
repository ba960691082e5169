"""The frozen values that cross module borders. Nothing here knows torch or gradio.

T is the number of tokens, H of hidden units. Arrays are float64 (or int64) numpy and read-only.
"""

from sentiment.values.account import Account, AlignedTokens, Edit, SmallestEdit, Turn
from sentiment.values.attribution import (
    Deletion,
    Faithfulness,
    Hierarchy,
    HierarchyNode,
    IntegratedGradients,
    Interaction,
    Ledger,
    MethodFaithfulness,
    PhraseScore,
    ReadAlone,
    Relevance,
    Scores,
    Shapley,
    TokenScores,
)
from sentiment.values.base import (
    NEUTRAL_ZONE,
    POLAR,
    UNKNOWN_READING,
    FloatArray,
    IntArray,
    floats,
    integers,
    plain,
    shortened,
)
from sentiment.values.states import (
    Gates,
    GradientReach,
    LayerGates,
    Memory,
    Pooling,
    RunningVerdict,
)
from sentiment.values.text import Encoding, Prediction, Token

__all__ = [
    "NEUTRAL_ZONE",
    "POLAR",
    "UNKNOWN_READING",
    "Account",
    "AlignedTokens",
    "Deletion",
    "Edit",
    "Encoding",
    "Faithfulness",
    "FloatArray",
    "Gates",
    "GradientReach",
    "Hierarchy",
    "HierarchyNode",
    "IntArray",
    "IntegratedGradients",
    "Interaction",
    "LayerGates",
    "Ledger",
    "Memory",
    "MethodFaithfulness",
    "PhraseScore",
    "Pooling",
    "Prediction",
    "ReadAlone",
    "Relevance",
    "RunningVerdict",
    "Scores",
    "Shapley",
    "SmallestEdit",
    "Token",
    "TokenScores",
    "Turn",
    "floats",
    "integers",
    "plain",
    "shortened",
]
