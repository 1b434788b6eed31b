"""Training's own kernels give what PyTorch's give, values and gradients."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from neurosym.training.kernels import QUERIES, ROWS, causal_attention, linear_cross_entropy  # noqa: E402


@settings(max_examples=20)
@given(rows=st.integers(1, 3), heads=st.integers(1, 3), group=st.integers(1, 3), tokens=st.integers(1, 2 * QUERIES + 3))
def test_blockwise_attention(rows: int, heads: int, group: int, tokens: int) -> None:
    torch.manual_seed(tokens)
    shapes = [(rows, heads * group, tokens, 8), (rows, heads, tokens, 8), (rows, heads, tokens, 8)]
    ours = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    theirs = [x.detach().clone().requires_grad_() for x in ours]
    weight = torch.randn(shapes[0], dtype=torch.float64)
    result = causal_attention(ours[0], ours[1], ours[2], 0.3)
    attention = torch.nn.functional.scaled_dot_product_attention
    expected = attention(*theirs, is_causal=True, scale=0.3, enable_gqa=True)
    torch.testing.assert_close(result, expected)
    (result * weight).sum().backward()
    (expected * weight).sum().backward()
    for x, y in zip(ours, theirs, strict=True):
        torch.testing.assert_close(x.grad, y.grad)


@settings(max_examples=10)
@given(tokens=st.integers(1, 2 * ROWS + 3), scale=st.floats(0.1, 10))
def test_linear_cross_entropy(tokens: int, scale: float) -> None:
    torch.manual_seed(tokens)
    hidden, weight = torch.randn(tokens, 4, requires_grad=True), scale * torch.randn(11, 4)
    labels = torch.randint(11, (tokens,))
    again = hidden.detach().clone().requires_grad_()
    shares = torch.rand(tokens).softmax(0)
    loss = linear_cross_entropy(hidden, weight, labels, shares)
    expected = torch.nn.functional.cross_entropy(again @ weight.t(), labels, reduction="none") @ shares
    torch.testing.assert_close(loss, expected)
    (2 * loss).backward()
    (2 * expected).backward()
    torch.testing.assert_close(hidden.grad, again.grad)
