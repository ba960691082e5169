"""What happens inside the network: states, gates, pools, memory, gradients through time."""

from __future__ import annotations

from dataclasses import dataclass

from sentiment.values.base import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Pooling:
    """The max-pool as a tournament of tokens for channels (hidden units).

    ``winners`` is the first position of each channel's maximum; ``runners_up`` the best other
    position (-1 for one token) and ``margins`` how far behind it is (infinite for one token).
    ``contributions`` are w_max * h at the winner, in logits. ``shares`` is the part of all
    channels that each token wins; it sums to 1. ``weighted_shares`` weighs channels by their
    absolute contribution.
    """

    winners: IntArray  # (H,)
    runners_up: IntArray  # (H,)
    margins: FloatArray  # (H,)
    contributions: FloatArray  # (H,)
    shares: FloatArray  # (T,)
    weighted_shares: FloatArray  # (T,)
    token_contributions: FloatArray  # (T,)


@dataclass(frozen=True, slots=True, eq=False)
class RunningVerdict:
    """The head on every prefix: ``logits[t]`` is the verdict after reading tokens 0 to t.

    The three parts and the bias sum to the logit of the target. ``probabilities`` are the target's:
    the sigmoid of that logit for two labels, the softmax over all labels for more. ``flips`` are
    the positions whose verdict (label) differs from that of the position before. Exact: in one
    direction h_t depends on the prefix alone, and a model of two directions reads each prefix anew.
    """

    logits: FloatArray  # (T,)
    probabilities: FloatArray  # (T,)
    last: FloatArray  # (T,)
    max: FloatArray  # (T,)
    mean: FloatArray  # (T,)
    bias: float
    flips: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayerGates:
    """One LSTM layer replayed: what its gates did at every step.

    c_t = forget * c_{t-1} + input * candidate; h_t = output * tanh(c_t). Gates lie in [0, 1],
    the candidate in [-1, 1]. Hochreiter & Schmidhuber 1997; Gers et al. 2000 (forget gate).
    """

    input: FloatArray  # (T, H)
    forget: FloatArray  # (T, H)
    candidate: FloatArray  # (T, H)
    output: FloatArray  # (T, H)
    cell: FloatArray  # (T, H)
    hidden: FloatArray  # (T, H)


@dataclass(frozen=True, slots=True, eq=False)
class Gates:
    """Gates of every layer, lowest first; the plain names are those of the top layer.

    ``residual`` is the largest difference between a replayed top hidden state and that of the
    forward pass which made the verdict. A bidirectional LSTM has the gates of its other direction,
    which reads from right to left, in ``backward``; all else is of the forward direction.
    """

    layers: tuple[LayerGates, ...]
    residual: float
    backward: tuple[LayerGates, ...] = ()

    @property
    def input(self) -> FloatArray:
        """How much of the candidate is written, (T, H)."""
        return self.layers[-1].input

    @property
    def forget(self) -> FloatArray:
        """How much of the cell is kept, (T, H)."""
        return self.layers[-1].forget

    @property
    def candidate(self) -> FloatArray:
        """What is offered for writing, (T, H)."""
        return self.layers[-1].candidate

    @property
    def output(self) -> FloatArray:
        """How much of the cell is shown, (T, H)."""
        return self.layers[-1].output

    @property
    def cell(self) -> FloatArray:
        """The cell state, (T, H)."""
        return self.layers[-1].cell

    @property
    def hidden(self) -> FloatArray:
        """The hidden state, (T, H)."""
        return self.layers[-1].hidden


@dataclass(frozen=True, slots=True, eq=False)
class GRULayerGates:
    """One GRU layer replayed: what its gates did at every step.

    h_t = (1 - update) * candidate + update * h_{t-1}; ``reset`` weighs what the candidate takes of
    h_{t-1}. Cho et al. 2014, arXiv:1406.1078.
    """

    reset: FloatArray  # (T, H)
    update: FloatArray  # (T, H)
    candidate: FloatArray  # (T, H)
    hidden: FloatArray  # (T, H)


@dataclass(frozen=True, slots=True, eq=False)
class GRUGates:
    """Gates of every layer of a GRU; ``residual`` and ``backward`` as in ``Gates``."""

    layers: tuple[GRULayerGates, ...]
    residual: float
    backward: tuple[GRULayerGates, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """The top layer's final cell as an exact sum over tokens.

    c_T = sum of ``kept``, kept_s = (prod_{u>s} f_u) * i_s * g_s: what token s wrote and the
    later forget gates left of it. ``written_norms`` and ``kept_norms`` are the norms of i_s * g_s
    and kept_s; ``shares`` is kept_s . c / |c|^2 with c that sum, signed, which sums to 1 (zeros for
    an empty cell). ``residual`` is the largest absolute difference of a unit of c_T, as the forward
    pass left it, from the sum, in units of the largest cell (of 1 where none is larger): cells of
    repeated words grow to some hundreds, and rounding with them.
    """

    kept: FloatArray  # (T, H)
    written_norms: FloatArray  # (T,)
    kept_norms: FloatArray  # (T,)
    shares: FloatArray  # (T,)
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class GradientReach:
    """How far back the gradient reaches: its norm at each token, for a logarithmic axis.

    ``full`` is |dz/dx_t| of the whole head, x_t the embedding. ``cell`` is
    |d(w_last . h_T)/dc_t| of the top LSTM layer, the total derivative, by the hidden states too;
    ``forget`` is that part of it which went through the cells alone, by the product of the forget
    gates: the constant error carousel. ``twin_hidden`` is |d(w_last . h_T)/dh_t| of the vanilla
    RNN twin, ``twin_full`` the twin's |dz/dx_t|. The twin's are None where the checkpoint has no
    twin, and ``cell``, ``forget`` and ``twin_hidden`` where the head has no final-state part;
    ``note`` then says so.
    """

    full: FloatArray  # (T,)
    cell: FloatArray | None  # (T,)
    forget: FloatArray | None  # (T,)
    twin_full: FloatArray | None  # (T,)
    twin_hidden: FloatArray | None  # (T,)
    note: str
