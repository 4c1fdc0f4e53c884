"""How a way of searching is named on the command line: ``NAME=SPEC``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from retrieval.engine.benchmark.mode_system import ModeSystem
from retrieval.engine.benchmark.rerank_system import RERANK_KEYS, RerankSystem
from retrieval.engine.benchmark.systems import (
    ConceptSystem,
    Constant,
    ContrastSystem,
    DenseSystem,
    RunFile,
    Shuffled,
    System,
)
from retrieval.engine.finding import index_path
from retrieval.engine.index import Index
from retrieval.engine.opening import open_index
from retrieval.errors import UsageError
from retrieval.evaluate.formats import read_qrels
from retrieval.evaluate.seen import Seen
from retrieval.observer import Observer
from retrieval.rerank.opening import OpenReranker
from retrieval.store.recall_entry import recall_of

_SPEC_FIX = (
    "Write for instance --compare other=index=NAME, --compare theirs=run=FILE,"
    " --compare chance=random, --compare base=constant, --compare learned=concept=NAME,"
    " --compare words=lexical, --compare both=hybrid,"
    " --compare again=hybrid,rerank=MODEL,candidates=100 or, for labels, --compare c=contrast."
)
_KEYS = {
    "dense": {"dense", "recall", *RERANK_KEYS},
    "lexical": {"lexical", "k1", "b", *RERANK_KEYS},
    "hybrid": {"hybrid", "weight", "fusion", "k1", "b", *RERANK_KEYS},
    "index": {"index"},
    "run": {"run", "seen"},
    "random": {"random"},
    "constant": {"constant"},
    "contrast": {"contrast"},
    "concept": {"concept"},
}
"""What a system is, by its leading key, and the keys that may stand with it."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a ``--compare NAME=SPEC`` says.

    Attributes:
        name: What the system is called.
        parts: Keys and values, such as ``index`` to ``scifact``; a word alone has none.
    """

    name: str
    parts: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``NAME=SPEC``, where SPEC is ``key=value`` or a word, joined by commas.

        Raises:
            UsageError: There is no name or nothing after it, or a key comes twice.
        """
        name, found, rest = text.partition("=")
        if not (found and name.strip() and rest.strip()):
            raise UsageError(f"{text!r} is not NAME=SPEC.", fix=_SPEC_FIX)
        parts: dict[str, str] = {}
        for piece in re.split(r",(?=\w+=|\w+$)", rest):
            key, _, value = piece.partition("=")
            if key.strip() in parts:
                raise UsageError(f"{text!r} says {key.strip()!r} twice.", fix=_SPEC_FIX)
            parts[key.strip()] = value.strip()
        return cls(name.strip(), parts)


def open_system(
    spec: Spec,
    *,
    index: Index,
    home: str | os.PathLike[str],
    offline: bool,
    observer: Observer,
    stack: ExitStack,
    reranker: Callable[[str], OpenReranker],
    in_sample: bool = False,
) -> System:
    """Open what a spec names; indexes are closed with the stack.

    Args:
        spec: What was said.
        index: The index of the first system.
        home: Folder of the indexes that specs name.
        offline: Never ask a model hub.
        observer: Follows the work.
        stack: Closes what is opened.
        reranker: Opens a reranker by its name.
        in_sample: Whether a concept scores what it was fitted on as if it had not seen it.

    Raises:
        UsageError: It names no way of searching.
        RetrievalError: An index or a file it names cannot be opened.
    """
    kind = next((one for one in _KEYS if one in spec.parts), None)
    extra = set(spec.parts) - _KEYS.get(kind or "", set())
    if kind is None or extra:
        wrong = ", ".join(map(repr, sorted(extra or spec.parts)))
        raise UsageError(
            f"--compare {spec.name}: {wrong} names no way of searching.", fix=_SPEC_FIX
        )
    value = spec.parts[kind]
    if kind in {"index", "run", "concept"} and not value:
        raise UsageError(f"--compare {spec.name}: {kind} needs a value.", fix=_SPEC_FIX)

    def open_index_system() -> System:
        other = open_index(index_path(value, home), offline=offline, observer=observer)
        return DenseSystem(spec.name, stack.enter_context(other))

    def open_run_file() -> System:
        trained_on = spec.parts.get("seen")
        return RunFile(
            spec.name, Path(value), Seen.of(read_qrels(Path(trained_on))) if trained_on else None
        )

    if "rerank" in spec.parts and "recall" not in spec.parts:
        return RerankSystem.parse(spec.name, index, spec.parts, reranker)
    if spec.parts.keys() & RERANK_KEYS:
        raise UsageError(
            f"--compare {spec.name}: candidates, share and only say how to rerank, and recall goes"
            " with none of that.",
            fix="Add rerank=MODEL, or leave them out.",
        )
    openers: dict[str, Callable[[], System]] = {
        "dense": lambda: DenseSystem(spec.name, index, recall_of(spec.parts.get("recall"))),
        "lexical": lambda: ModeSystem.parse(spec.name, index, spec.parts),
        "hybrid": lambda: ModeSystem.parse(spec.name, index, spec.parts),
        "index": open_index_system,
        "run": open_run_file,
        "random": lambda: Shuffled(spec.name, index, _seed(value)),
        "concept": lambda: ConceptSystem(
            spec.name, index, index.concept(value), in_sample=in_sample
        ),
        "constant": lambda: Constant(spec.name, index),
        "contrast": lambda: ContrastSystem(spec.name, index),
    }
    return openers[kind]()


def _seed(text: str) -> int:
    if text and not text.isdigit():
        raise UsageError(f"random={text}: the seed of a random order is a whole number.")
    return int(text or "0")
