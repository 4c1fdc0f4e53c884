"""Random documents with metadata of all types, random filters on it, and the obvious evaluation."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from retrieval.filters.tree import And, Eq, Exists, Filter, In, Not, Or, Range
from retrieval.filters.values import FilterValue
from retrieval.records import Document, JsonValue

Values = Sequence[JsonValue]

_DATES = ["2020-01-31", "2020-01-31T00:00:00Z", "2020-01-31T01:00+01:00", "2021-05-05T10:20:30.5",
          "1999-12-31", "2021-05-05 10:20:31", "0001-01-01", "9999-12-31T23:59:59Z"]  # fmt: skip
FIELDS: Mapping[str, Values] = {
    "year": [1999, 2000, 2001, 2020, -5, 0],
    "size": [1, 1.0, 2.5, -0.0, 0, 2**53, 2**53 + 1, float(2**53), 2**63, 2**64 - 1, 1e300, -1e-9],
    "lang": ["en", "de", "", "fr", "e", "é", "𝔘", "�", "zh-Hant"],
    "a day": _DATES,
    "fresh": [True, False],
    "tags": [["a"], ["a", "b"], [], ["b", "c", "c"], ["2020-01-31"], ["é", "a"]],
    "when": [*_DATES, "unknown", "soon"],
    "mixed": [1, "1", True, ["1"], {"a": 1}],
    "deep": [{"a": 1}, [1, 2], [["a"]]],
}
"""Values of each field, one of which a document has, or null, or none at all."""

STRINGS = {"lang", "when", "tags"}
COMPARED = ("year", "size", "lang", "a day", "fresh", "tags", "when")


def random_metadata(chance: random.Random) -> dict[str, JsonValue]:
    """Return the metadata of one document."""
    return {
        name: chance.choice(values) if chance.random() < 0.9 else None
        for name, values in FIELDS.items()
        if chance.random() < 0.8
    }


def random_documents(chance: random.Random, numbers: Iterable[int]) -> list[Document]:
    """Return documents ``d<number>`` of none to three passages, some with a title."""
    words = ["alpha", "beta", "gamma", "delta", "epsilon"]
    documents = []
    for number in numbers:
        sentences = [" ".join(chance.choices(words, k=3)) for _ in range(chance.randrange(4))]
        documents.append(
            Document(
                f"d{number:03d}",
                ". ".join(sentences),
                title=chance.choice(["", "", "beta"]),
                metadata=random_metadata(chance),
            )
        )
    return documents


def random_filter(chance: random.Random, types: Mapping[str, str], deep: int = 3) -> Filter:
    """Return a filter that fits the fields of an index.

    Args:
        chance: Where it comes from.
        types: Type of each field.
        deep: Deepest nesting.
    """
    if deep > 1 and chance.random() < 0.6:
        node = chance.choice([And, Or, Not])
        if node is Not:
            return Not(random_filter(chance, types, deep - 1))
        inner = [random_filter(chance, types, deep - 1) for _ in range(chance.randrange(2, 4))]
        return And(tuple(inner)) if node is And else Or(tuple(inner))
    compared = [name for name in types if types[name] not in {"mixed", "nested"}]
    if not compared or chance.random() < 0.15:
        return Exists(chance.choice(sorted(types)))
    field = chance.choice(sorted(compared))
    return _comparison(chance, field, types[field])


def _comparison(chance: random.Random, field: str, found: str) -> Filter:
    def value() -> FilterValue:
        if found == "boolean":
            return chance.random() < 0.5
        if found in {"integer", "float"}:
            return chance.choice(
                [0, 1, 1.5, 1999, 1999.5, 2000.0, 2**53 + 1, 2**63, 10**30, -1e300, -5]
            )
        if found == "date":
            return chance.choice([*_DATES, "2020-06-01", "2021-05-05T10:20:30Z"])
        return chance.choice(["en", "de", "", "é", "a", "b", "zz", "2020-01-31", "unknown"])

    if found not in {"boolean", "list of strings"} and chance.random() < 0.5:
        low = chance.choice([None, "at_least", "above"])
        high = chance.choice(["at_most", "below"] if low is None else [None, "at_most", "below"])
        return Range(field, **{name: value() for name in (low, high) if name is not None})
    if chance.random() < 0.4:
        return In(field, tuple(value() for _ in range(chance.randrange(1, 5))))
    return Eq(field, value())


def holds(tree: Filter, metadata: Mapping[str, JsonValue], types: Mapping[str, str]) -> bool:
    """Tell whether a filter lets a document through, in the obvious way."""
    if isinstance(tree, And):
        return all(holds(one, metadata, types) for one in tree.filters)
    if isinstance(tree, Or):
        return any(holds(one, metadata, types) for one in tree.filters)
    if isinstance(tree, Not):
        return not holds(tree.filter, metadata, types)
    value = metadata.get(tree.field)
    if value is None or isinstance(tree, Exists):
        return value is not None
    key: Callable[[object], object] = _moment if types[tree.field] == "date" else _itself
    values = [key(one) for one in value] if isinstance(value, list) else [key(value)]
    if isinstance(tree, Range):
        (own,) = values
        bounds = tree.bounds
        return (
            bounds.low is None or _below(key(bounds.low), own, or_equal=not bounds.low_open)
        ) and (bounds.high is None or _below(own, key(bounds.high), or_equal=not bounds.high_open))
    wanted = [key(one) for one in (tree.values if isinstance(tree, In) else (tree.value,))]
    return any(own == one for own in values for one in wanted)


def _itself(value: object) -> object:
    return value


def _moment(value: object) -> object:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _below(low: object, high: object, *, or_equal: bool) -> bool:
    return bool(low < high or (or_equal and low == high))  # type: ignore[operator]
