"""Adam over the rows of a batch: torch's SparseAdam to the bit."""

from __future__ import annotations

import pytest
import torch

from train.fit.row_adam import RowAdam


def test_it_is_sparse_adam_to_the_bit() -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(50, 7, generator=generator)
    tables = [torch.nn.Parameter(start.clone()) for _ in range(2)]
    torchs, ours = torch.optim.SparseAdam([tables[0]], lr=0.1), RowAdam([tables[1]], lr=0.1)
    for number in range(20):
        count = number % 5 * 8  # none, too
        rows = torch.randint(0, 50, (1, count), generator=generator)
        values = torch.randn(count, 7, generator=generator)
        for table in tables:
            table.grad = torch.sparse_coo_tensor(
                rows, values.clone(), start.shape, check_invariants=True
            )
        torchs.step()
        ours.step()
        assert torch.equal(*tables)
    assert not torch.equal(tables[1], start)
    one, other = torchs.state_dict(), ours.state_dict()
    assert one["param_groups"] == other["param_groups"]
    for name, value in one["state"][0].items():
        found = other["state"][0][name]
        assert torch.equal(value, found) if isinstance(value, torch.Tensor) else value == found


def test_a_closure_is_refused() -> None:
    optimizer = RowAdam([torch.nn.Parameter(torch.zeros(2, 2))])
    with pytest.raises(TypeError, match="no closure"):
        optimizer.step(lambda: 0.0)
