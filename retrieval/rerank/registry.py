"""Rerankers known by a name: how a test or another package brings its own."""

from __future__ import annotations

from retrieval.encode.registry import ModelRegistry
from retrieval.rerank.protocol import Reranker

RERANKERS: ModelRegistry[Reranker] = ModelRegistry("A reranker")
"""The registry ``open_reranker`` looks in first."""
