"""The disks that may be found after a power cut, each different one once."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from retrieval.testing.power import MemoryFile, MemoryFiles, MemoryFolder, apply, tree

_BLOCK_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOptions:
    """How widely states are enumerated.

    Attributes:
        all_up_to: Every subset of so many unsafe changes of names; beyond, prefixes,
            each change alone, all but each, and random subsets.
        random_subsets: How many random subsets then.
        contents: At most so many combinations of what unsynced files may hold, for each
            subset of names.
    """

    all_up_to: int = 5
    random_subsets: int = 12
    contents: int = 8


@dataclass(slots=True)
class CrashStates:
    """Enumerates the disks after a cut, over a whole run; identical ones come once.

    Attributes:
        options: How widely.
        chance: Source of the random subsets.
        seen: Digests of the disks given out so far.
    """

    options: CutOptions
    chance: random.Random
    seen: set[bytes] = field(default_factory=set)

    def after(self, files: MemoryFiles) -> Iterator[MemoryFiles]:
        """Yield the disks that may be found if the power fails now."""
        folders = list({id(one): one for one in tree(files.root)}.values())
        unsafe = [
            (number, at) for number, one in enumerate(folders) for at in range(len(one.pending))
        ]
        for kept in self._subsets(unsafe):
            names = {
                id(folder): _names(folder, {at for own, at in kept if own == number})
                for number, folder in enumerate(folders)
            }
            dirty = _dirty(files.root, names)
            for contents in self._contents(dirty):
                found = _disk(files.root, names, contents)
                digest = _digest(found)
                if digest not in self.seen:
                    self.seen.add(digest)
                    yield MemoryFiles(found, clock=files.clock)

    def _subsets(self, unsafe: Sequence[tuple[int, int]]) -> Iterator[frozenset[tuple[int, int]]]:
        if len(unsafe) <= self.options.all_up_to:
            for size in range(len(unsafe) + 1):
                yield from map(frozenset, itertools.combinations(unsafe, size))
            return
        for end in range(len(unsafe) + 1):
            yield frozenset(unsafe[:end])
        for one in unsafe:
            yield frozenset([one])
            yield frozenset(unsafe) - {one}
        for _ in range(self.options.random_subsets):
            yield frozenset(one for one in unsafe if self.chance.random() < 0.5)

    def _contents(self, dirty: Sequence[MemoryFile]) -> Iterator[dict[int, bytes]]:
        choices = [_torn(one) for one in dirty]
        combinations = 1
        for one in choices:
            combinations *= len(one)
        keys = [id(one) for one in dirty]
        if combinations <= self.options.contents:
            for chosen in itertools.product(*choices):
                yield dict(zip(keys, chosen, strict=True))
            return
        for _ in range(self.options.contents):
            yield {key: self.chance.choice(one) for key, one in zip(keys, choices, strict=True)}


def _names(folder: MemoryFolder, kept: set[int]) -> dict[str, MemoryFile | MemoryFolder]:
    entries = dict(folder.safe)
    for at, change in enumerate(folder.pending):
        if at in kept:
            apply(entries, change)
    return entries


def _dirty(
    root: MemoryFolder, names: dict[int, dict[str, MemoryFile | MemoryFolder]]
) -> list[MemoryFile]:
    """Return the reachable files with bytes that are not safe, each once."""
    found: dict[int, MemoryFile] = {}

    def walk(folder: MemoryFolder) -> None:
        for node in names[id(folder)].values():
            if isinstance(node, MemoryFolder):
                walk(node)
            elif node.synced < len(node.content):
                found[id(node)] = node

    walk(root)
    return list(found.values())


def _torn(file: MemoryFile) -> list[bytes]:
    """Return what an unsynced file may hold: its safe bytes, and some of the others."""
    safe, whole = file.content[: file.synced], file.content
    rest = len(whole) - file.synced
    half = file.synced + (rest // 2 // _BLOCK_BYTES * _BLOCK_BYTES or rest // 2)
    hole = whole[:half] + bytes(len(whole) - half)
    found = [safe, whole, whole[:half], safe + bytes(rest), hole]
    return list(dict.fromkeys(found))


def _disk(
    folder: MemoryFolder,
    names: dict[int, dict[str, MemoryFile | MemoryFolder]],
    contents: dict[int, bytes],
) -> MemoryFolder:
    """Build the disk as found: everything on it is safe."""
    copied: dict[int, MemoryFile] = {}

    def build(one: MemoryFolder) -> MemoryFolder:
        entries: dict[str, MemoryFile | MemoryFolder] = {}
        for name, node in names[id(one)].items():
            if isinstance(node, MemoryFolder):
                entries[name] = build(node)
                continue
            if id(node) not in copied:
                content = contents.get(id(node), node.content)
                copied[id(node)] = MemoryFile(content, len(content), node.modified)
            entries[name] = copied[id(node)]
        return MemoryFolder(entries, dict(entries), [], one.modified)

    return build(folder)


def _digest(folder: MemoryFolder) -> bytes:
    """Hash all names and contents, in order of name."""
    digest = hashlib.blake2b(digest_size=16)
    for name, node in sorted(folder.entries.items()):
        content = _digest(node) if isinstance(node, MemoryFolder) else node.content
        kind = b"d" if isinstance(node, MemoryFolder) else b"f"
        digest.update(kind + f"{len(name)}:{name}:{len(content)}:".encode() + content)
    return digest.digest()
