from __future__ import annotations

from retrieval.testing.encoders import HashingEncoder


def test_shared_words_mean_similarity() -> None:
    encoder = HashingEncoder()
    rows = encoder.encode_passages(
        ["a slow warm film", "Slow film, warm", "battery screen broken quickly"]
    )
    assert float(rows[0] @ rows[1]) > 0.7
    assert abs(float(rows[0] @ rows[2])) < 0.5


def test_vectors_are_the_same_on_every_machine() -> None:
    (row,) = HashingEncoder(dim=4).encode_queries(["review"])
    assert row.tolist() == [0.5, -0.5, 0.5, 0.5]


def test_passages_are_counted() -> None:
    encoder = HashingEncoder()
    encoder.encode_passages(["a", "b"])
    encoder.encode_queries(["c"])
    encoder.encode_passages(["d"])
    assert (encoder.passages_encoded, encoder.queries_encoded) == (3, 1)


def test_identity_depends_on_dim_and_window_but_not_on_the_name() -> None:
    plain = HashingEncoder().identity.fingerprint
    assert HashingEncoder(name="other").identity.fingerprint == plain
    assert HashingEncoder(dim=32).identity.fingerprint != plain
    assert HashingEncoder(max_tokens=32).identity.fingerprint != plain
