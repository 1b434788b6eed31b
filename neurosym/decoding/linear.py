"""Linear layers on a CPU: by oneDNN, whose matrices are laid out for its kernels once, when the model is loaded."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

ROWS = 16
"""Rows of a multiplication that the layout is chosen for; it serves any other number."""


def packs(dtype: torch.dtype) -> bool:
    """Whether this machine's oneDNN multiplies matrices of `dtype`."""
    if not torch.backends.mkldnn.enabled or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return False
    return dtype == torch.float32 or bool(dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def pack(model: Any, dtype: torch.dtype) -> None:
    """Have the linear layers of a float32 model on a CPU multiply in `dtype`, which `packs`; all else stays float32.

    Their weights are taken over; one that another layer shares (the embedding) stays as it is.
    """
    shared = {
        id(p) for module in model.modules() if type(module) is not torch.nn.Linear for p in module.parameters(False)
    }
    for module in model.modules():
        if type(module) is torch.nn.Linear:
            weight = torch.ops.mkldnn._reorder_linear_weight(module.weight.detach().to(dtype), ROWS)
            bias = None if module.bias is None else module.bias.detach().to(dtype)
            module.forward = partial(_linear, weight, bias)  # type: ignore[method-assign]
            if id(module.weight) not in shared:
                module.weight = torch.nn.Parameter(torch.empty(0), requires_grad=False)


def _linear(weight: torch.Tensor, bias: torch.Tensor | None, x: torch.Tensor) -> torch.Tensor:
    """The layer by oneDNN, with the operator that PyTorch's own compiler emits: PyTorch asks MKL, and lays out anew."""
    out: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x.to(weight.dtype), weight, bias, "none", [], "")
    return out.to(x.dtype)
