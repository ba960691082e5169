"""Explanations, one method a file. Every method takes a Reading and gives a frozen value."""

from sentiment.explain.ablation import state_ablation
from sentiment.explain.account import account
from sentiment.explain.alone import interactions, read_alone, short_phrases
from sentiment.explain.counterfactual import smallest_edit
from sentiment.explain.decomposition import phrases
from sentiment.explain.deletion import deletion
from sentiment.explain.faithfulness import faithfulness
from sentiment.explain.gates import gates, gru_gates
from sentiment.explain.hierarchy import hierarchy
from sentiment.explain.integrated_gradients import BASELINES, integrated_gradients
from sentiment.explain.lanes import LANES, Lane, apt, lanes, ranked_scores, token_scores
from sentiment.explain.ledger import ledger, prefix_pools, running_verdict
from sentiment.explain.memory import memory
from sentiment.explain.minimal_pair import minimal_pair
from sentiment.explain.pooling import tournament
from sentiment.explain.reach import gradient_reach
from sentiment.explain.reading import Method, Reading, read
from sentiment.explain.relevance import relevance
from sentiment.explain.shapley import shapley
from sentiment.explain.states import cell_norms, hidden_norms, hidden_states, state_changes
from sentiment.explain.together import together

__all__ = [
    "BASELINES",
    "LANES",
    "Lane",
    "Method",
    "Reading",
    "account",
    "apt",
    "cell_norms",
    "deletion",
    "faithfulness",
    "gates",
    "gradient_reach",
    "gru_gates",
    "hidden_norms",
    "hidden_states",
    "hierarchy",
    "integrated_gradients",
    "interactions",
    "lanes",
    "ledger",
    "memory",
    "minimal_pair",
    "phrases",
    "prefix_pools",
    "ranked_scores",
    "read",
    "read_alone",
    "relevance",
    "running_verdict",
    "shapley",
    "short_phrases",
    "smallest_edit",
    "state_ablation",
    "state_changes",
    "together",
    "token_scores",
    "tournament",
]
