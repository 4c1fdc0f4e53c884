"""How a model is to be run over passages, in this process or in another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrieval.encode.exported import ExportedModel
from retrieval.encode.forward import Forward, OnnxForward
from retrieval.encode.precision import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardPlan:
    """What to run and where.

    Attributes:
        folder: The exported model, with its record.
        graph: The graph that onnxruntime runs; not used by torch.
        precision: Any but ``auto``.
        device: ``cpu``, or an accelerator as torch names it.
        threads: Batches at the same time.
    """

    folder: Path
    graph: Path
    precision: Precision
    device: str
    threads: int

    @property
    def by_torch(self) -> bool:
        """Whether torch runs it: bf16, and whatever an accelerator does."""
        return self.precision is Precision.BF16 or self.device != "cpu"


def open_forward(plan: ForwardPlan, exported: ExportedModel) -> Forward:
    """Load a model as planned.

    Args:
        plan: What to run and where.
        exported: The record of the folder's model.

    Raises:
        ModelAlteredError: The graph cannot be loaded.
        ModelExportError: The weights are not those of a BERT.
    """
    if not plan.by_torch:
        return OnnxForward(
            plan.graph,
            precision=plan.precision,
            padding_id=exported.padding_id,
            threads=plan.threads,
        )
    from retrieval.encode.packed_forward import PackedForward
    from retrieval.encode.packed_model import load_packed

    return PackedForward(
        lambda: load_packed(exported, precision=plan.precision.value, device=plan.device),
        precision=plan.precision.value,
        device=plan.device,
        threads=plan.threads,
    )
