"""The identity of vectors that were made elsewhere, by no model that we know."""

from __future__ import annotations

from retrieval.records import ModelIdentity

OWN_POOLING = "own"
"""What the identity of own vectors says for their pooling."""


def own_identity(dim: int) -> ModelIdentity:
    """Return the identity of own vectors; those of one dimension are taken to be comparable.

    Args:
        dim: Length of a vector, at least 1.
    """
    return ModelIdentity(
        name=f"own vectors (dim {dim})",
        weights_sha256="",
        tokenizer_sha256="",
        pooling=OWN_POOLING,
        normalized=True,
        query_prompt="",
        passage_prompt="",
        dim=dim,
        max_tokens=0,
    )


def is_own(identity: ModelIdentity) -> bool:
    """Tell whether vectors were made elsewhere."""
    return identity.pooling == OWN_POOLING
