from __future__ import annotations

import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from retrieval.lexical.analyzer import ALGORITHMS, LONGEST_TERM, Analyzer, AnalyzerSettings
from retrieval.lexical.characters import word_class
from retrieval.lexical.splitting import raw_words
from retrieval.lexical.stop_words import LANGUAGES, stop_words


def english() -> Analyzer:
    return Analyzer(AnalyzerSettings.of_language("en"))


def plain() -> Analyzer:
    return Analyzer(AnalyzerSettings())


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("BERT-4", ["bert", "4", "bert-4"]),
        ("CVE-2026-1234", ["cve", "2026", "1234", "cve-2026-1234"]),
        ("snake_case", ["snake", "case", "snake_case"]),
        ("__init__", ["init"]),
        ("v1.2.3", ["v1", "2", "3", "v1.2.3"]),
        ("3.14 and 1,000", ["3", "14", "3.14", "and", "1", "000", "1,000"]),
        ("U.S. e.g.", ["u.s", "e.g"]),
        ("il2 h1n1", ["il2", "h1n1"]),
        ("one,two/three", ["one", "two", "three"]),
        ("state-of-the-art", ["state", "of", "the", "art"]),
        ('"quoted" -dash --- _ \' .', ["quoted", "dash"]),
        ("", []),
    ],
)
def test_identifiers_and_numbers_are_found_whole_and_by_parts(text: str, terms: list[str]) -> None:
    assert plain().terms(text) == terms


def test_case_width_and_composition_do_not_matter() -> None:
    one = plain().terms("Straße ﬁne Ｃafé naïve co\u00adoperate L’homme")
    assert one == plain().terms("STRASSE fine cafe\u0301 nai\u0308ve cooperate l'homme")


def test_unspaced_scripts_give_pairs_of_neighbours() -> None:
    assert plain().terms("東京都へ iPhone用") == ["東京", "京都", "都へ", "iphone", "用"]
    assert plain().terms("한국어 ภาษา") == ["한국", "국어", "ภา", "าษ", "ษา"]
    assert plain().terms("ｶﾀｶﾅ") == ["カタ", "タカ", "カナ"]


def test_marks_belong_to_their_word() -> None:
    assert plain().terms("हिन्दी שָׁלוֹם") == ["हिन्दी", "שָׁלוֹם"]


def test_every_mark_of_the_basic_plane_makes_words() -> None:
    letters = word_class()
    missing = [
        f"{code:04x}"
        for code in range(min(sys.maxunicode, 0xFFFF))
        if unicodedata.category(chr(code))[0] == "M"
        and raw_words(f"क{chr(code)}क") == ["क", "क"]
        and unicodedata.unidata_version.startswith("14.")
    ]
    assert missing == []
    assert len(letters) < 1000


def test_english_is_stemmed_and_loses_function_words() -> None:
    assert english().terms("The users' running dogs don't stop the user's dog") == [
        "user", "run", "dog", "stop", "user", "dog",
    ]  # fmt: skip
    assert english().terms("state-of-the-art") == ["state", "art"]


def test_a_word_with_digits_is_not_stemmed() -> None:
    assert english().terms("1990s covid19s") == ["1990s", "covid19s"]


def test_french_elisions_are_parts() -> None:
    french = Analyzer(AnalyzerSettings.of_language("fr"))
    assert french.terms("L’arbre qu'il d'accord") == ["arbre", "accord"]


def test_long_words_are_cut_alike_in_documents_and_queries() -> None:
    (term,) = plain().terms("x" * 5000)
    assert term == "x" * LONGEST_TERM
    assert [len(one) for one in plain().terms("a" * 300 + "_" + "b" * 300)] == [LONGEST_TERM] * 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_with_function_words_has_a_stemmer(language: str) -> None:
    analyzer = Analyzer(AnalyzerSettings.of_language(language))
    assert language in ALGORITHMS
    assert analyzer.terms(" ".join(stop_words(language))) == []
    assert analyzer.settings.stemmer.startswith("snowball ")


def test_function_words_are_written_as_they_are_compared() -> None:
    for language in LANGUAGES:
        for word in stop_words(language):
            assert raw_words(word) == [word], (language, word)


def test_an_unknown_language_is_as_none() -> None:
    assert AnalyzerSettings.of_language("tlh") == AnalyzerSettings()


def test_settings_come_back_from_json() -> None:
    settings = AnalyzerSettings.of_language("sv")
    assert AnalyzerSettings.from_json(settings.to_json()) == settings


def test_threads_share_an_analyzer() -> None:
    analyzer = english()
    words = [f"running{'ly' * (n % 5)} nations{'x' * (n % 7)}ing" for n in range(2000)]
    alone = [analyzer.terms(one) for one in words]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(analyzer.terms, words)) == alone
