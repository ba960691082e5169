"""Weights of an LSTM layer made ready once for products that a frozen model repeats.

Everything here is chosen by what the processor can do, never by the clock, so that one machine
always gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

Product = Callable[[Tensor], Tensor]
"""From rows (N, I) to rows (N, O)."""

_FUSED: WeakKeyDictionary[nn.Module, tuple[object, tuple[Tensor, Tensor] | None]] = (
    WeakKeyDictionary()
)
_STEPS: WeakKeyDictionary[nn.Module, tuple[object, StepWeights]] = WeakKeyDictionary()
_LSTM_MODE = 2  # torch's number of the cell, as its own call of the kernel has it


def is_plain(recurrence: nn.RNNBase) -> bool:
    """Whether it is a frozen LSTM of one layer and one direction, in 32 bits, on the CPU."""
    return (
        recurrence.mode == "LSTM"
        and recurrence.num_layers == 1
        and not recurrence.bidirectional
        and recurrence.proj_size == 0
        and bool(recurrence.bias)
        and recurrence.batch_first
        and all(map(_is_frozen, _weights(recurrence)))
        and not torch.is_autocast_enabled("cpu")
    )


def _is_frozen(weight: Tensor) -> bool:
    return (
        weight.dtype == torch.float32
        and weight.device.type == "cpu"
        and not weight.requires_grad
        and not weight.is_inference()
    )


def fused(recurrence: nn.RNNBase, embedded: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """What ``recurrence`` gives for (B, T, E), from weights in the kernel's own layout.

    The layer itself lays its weights out anew at every call, a third of a short text's time. The
    numbers are the same bits, which is tried once a model; where they are not, where gradients
    are asked for, or without oneDNN, the layer is called.
    """
    layouts = None
    if not torch.is_grad_enabled() and embedded.numel() and is_plain(recurrence):
        layouts = _layouts(recurrence)
    if layouts is None:
        hidden, state = recurrence(embedded)
        return hidden, state
    return _with_layouts(recurrence, embedded, layouts)


def _with_layouts(
    recurrence: nn.RNNBase, embedded: Tensor, layouts: tuple[Tensor, Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    batch, hidden_size = len(embedded), recurrence.hidden_size
    start = embedded.new_zeros(1, batch, hidden_size)
    hidden, final, cell, _ = torch.ops.aten.mkldnn_rnn_layer(
        embedded.transpose(0, 1).contiguous(),  # (T, B, E)
        *layouts,
        recurrence.bias_ih_l0,
        recurrence.bias_hh_l0,
        start[0],
        start[0],
        False,  # in reverse
        [],  # sizes of packed batches
        _LSTM_MODE,
        hidden_size,
        1,  # layers
        True,  # biases
        False,  # bidirectional
        False,  # batch first
        False,  # train
    )
    shape = start.shape
    return hidden.transpose(0, 1), (final.view(shape), cell.view(shape))


def _layouts(recurrence: nn.RNNBase) -> tuple[Tensor, Tensor] | None:
    """Input and recurrent weights in oneDNN's layout; None where it does not give the same."""
    state = _state(recurrence)
    kept = _FUSED.get(recurrence)
    if kept is not None and kept[0] == state:
        return kept[1]
    try:
        found: Any = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight(
            recurrence.weight_ih_l0,
            recurrence.weight_hh_l0,
            recurrence.hidden_size,
            False,  # in reverse
            True,  # biases
            False,  # batch first
            [1, 1, recurrence.input_size],
        )
        layouts: tuple[Tensor, Tensor] | None = (found[0], found[1])
        for shape in ((1, 3), (5, 4)):
            tried = torch.linspace(-1, 1, shape[0] * shape[1] * recurrence.input_size)
            tried = tried.view(*shape, -1)
            ours, theirs = _with_layouts(recurrence, tried, found), recurrence(tried)
            same = ours[0].equal(theirs[0]) and ours[1][1].equal(theirs[1][1])
            layouts = layouts if same else None
    except (AttributeError, RuntimeError):  # no oneDNN, or not for this processor
        layouts = None
    _FUSED[recurrence] = state, layouts
    return layouts


def steps_pay() -> bool:
    """Whether a loop over time beats the fused kernel at many texts: where AVX2 is all there is."""
    return torch.backends.cpu.get_cpu_capability() == "AVX2"


@contextmanager
def one_thread() -> Iterator[None]:
    """Products of a step are too small to share: threads wait for each other at every one.

    On two cores of which one was busy, two threads took three times as long as one. More cores are
    for more processes.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True, slots=True)
class StepWeights:
    """One step of a plain layer, gates in the order i, f, o, g and g times -2.

    sigmoid(-2 x) = (1 - tanh x) / 2, so that one nonlinearity does for all gates. A step's gates
    are ``bias`` + inputs ``words`` + hidden states ``hidden``.
    """

    words: Tensor  # (E, 4 H)
    hidden: Tensor  # (H, 4 H)
    bias: Tensor  # (4 H,)


def step_weights(recurrence: nn.RNNBase) -> StepWeights:
    """The layer's, made once."""
    state = _state(recurrence)
    kept = _STEPS.get(recurrence)
    if kept is not None and kept[0] == state:
        return kept[1]
    i, f, g, o = torch.arange(4 * recurrence.hidden_size).chunk(4)
    order = torch.cat([i, f, o, g])
    scale = torch.ones(len(order), 1)
    scale[-len(g) :] = -2.0
    inputs, hidden, bias, more = (p.detach() for p in recurrence.parameters())
    words, states = ((one[order] * scale).t().contiguous() for one in (inputs, hidden))
    found = StepWeights(words, states, (bias + more)[order] * scale.squeeze(1))
    _STEPS[recurrence] = state, found
    return found


def product_of(weight: Tensor, bias: Tensor) -> Product:
    """x (N, I) to x W + b (N, O) for a weight (O, I), read in 16 bits where they hold it.

    As those of every checkpoint do, which halves what is fetched; they are multiplied and summed
    in 32: nothing is rounded that was not.
    """
    if weight.half().float().equal(weight):
        try:
            packed = torch.ops.quantized.linear_prepack_fp16(weight, bias)
        except RuntimeError:  # torch was built without FBGEMM
            pass
        else:
            halves: Product = lambda x: torch.ops.quantized.linear_dynamic_fp16(x, packed)  # noqa: E731
            return halves
    transposed = weight.t().contiguous()
    return lambda x: torch.addmm(bias, x, transposed)


def _state(recurrence: nn.RNNBase) -> object:
    """What changes when a weight does."""
    return tuple((p.data_ptr(), p._version) for p in _weights(recurrence))


def _weights(recurrence: nn.RNNBase) -> list[nn.Parameter]:
    """All of them, without the walk of ``parameters`` over names, which takes a step's time."""
    return [weight for layer in recurrence.all_weights for weight in layer]
