import pytest

from retrieval.query.matching_words import matching_words


def words(sentence: str, query: str) -> list[str]:
    return [sentence[span.start : span.end] for span in matching_words(sentence, query)]


@pytest.mark.parametrize(
    ("sentence", "query", "found"),
    [
        ("A Positive review.", "positive review", ["Positive", "review"]),
        ("Reviews, reviewed again", "review", ["Reviews", "reviewed"]),
        ("the reviewer-general", "review", ["reviewer"]),
        ("Start of a star", "star", ["Start", "star"]),
        ("carts and cars", "car", []),
        ("ＦＩＬＭ fans", "film", ["ＦＩＬＭ"]),
        ("It is what it is", "what is the best film", ["what"]),
        ("To be or not to be", "to be", ["To", "be", "to", "be"]),
        ("nothing here", "positive", []),
        ("", "positive", []),
    ],
)
def test_words_match_whole_or_by_their_ending(sentence: str, query: str, found: list[str]) -> None:
    assert words(sentence, query) == found
