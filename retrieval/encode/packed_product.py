"""A linear layer that keeps its weights in the order in which the processor multiplies them."""

from __future__ import annotations

from typing import Any

_OPERATORS = ("_is_mkldnn_bf16_supported", "_reorder_linear_weight", "_linear_pointwise")


class Product:
    """``x @ weight.T + bias``, after which GELU if asked for.

    oneDNN brings weights into blocks of its own before each product, which costs a tenth of it
    and more; here that is done once, for bf16 on a processor. The operators are those that
    torch's compiler calls, and private: where they are missing it is ``linear`` and ``gelu``.

    Args:
        weight: (out, in).
        bias: (out,).
    """

    def __init__(self, weight: Any, bias: Any) -> None:
        import torch

        self._bias = bias
        self._dtype = weight.dtype
        operators = torch.ops.mkldnn
        self.blocked = (
            weight.device.type == "cpu"
            and weight.dtype == torch.bfloat16
            and all(hasattr(operators, name) for name in _OPERATORS)
            and operators._is_mkldnn_bf16_supported()
        )
        self._weight = operators._reorder_linear_weight(weight) if self.blocked else weight

    def __call__(self, given: Any, *, gelu: bool = False) -> Any:
        """Return (rows, out) for (rows, in), in the precision of the weights."""
        import torch
        from torch.nn import functional

        given = given.to(self._dtype)
        if self.blocked:
            name, form = ("gelu", "none") if gelu else ("none", "")
            return torch.ops.mkldnn._linear_pointwise(
                given, self._weight, self._bias, name, [], form
            )
        found = functional.linear(given, self._weight, self._bias)
        return functional.gelu(found) if gelu else found
