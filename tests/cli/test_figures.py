import pytest

from retrieval.cli.figures import amount, count, duration, percent, size


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_234_567_890, "1.2 GB"),
        (5_000_000_000_000_000, "5000.0 TB"),
    ],
)
def test_sizes_are_decimal(size_bytes: int, shown: str) -> None:
    assert size(size_bytes) == shown


def test_counts_agree_with_their_noun() -> None:
    assert count(1, "document") == "1 document"
    assert count(12345, "document") == "12,345 documents"
    assert count(2, "query", "queries") == "2 queries"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (59.95, "1 min 0 s"),
        (3599.6, "1 h 0 min"),
        (3780, "1 h 3 min"),
    ],
)
def test_durations_change_unit_where_people_do(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_all_is_said_only_when_all_is_done() -> None:
    assert percent(999, 1000) == "99 %"
    assert percent(1000, 1000) == "100 %"


def test_bytes_are_a_size_and_passages_a_count() -> None:
    assert amount(2_000_000, "bytes") == "2.0 MB"
    assert amount(2_000_000, "passages") == "2,000,000 passages"
