"""From a text to the terms it is found by."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from retrieval.lexical.splitting import raw_words, unspaced_runs
from retrieval.lexical.stop_words import stop_words

if TYPE_CHECKING:
    import Stemmer

RULES = 1
"""Version of the rules in this module and in ``splitting``; part of every fingerprint."""

LONGEST_TERM = 100
"""Characters of a term; what is longer is cut there, in documents and in queries alike."""

ALGORITHMS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
}
"""Snowball's stemmer of each language that is detected."""

NO_LANGUAGE = "none"
"""In place of a code: texts that nothing is known of, as a person said."""

_JOINT = re.compile(r"[-.,_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerSettings:
    """What must be equal for the terms of two analyzers to be.

    Attributes:
        language: ISO 639-1 code; empty where none was told from the texts, ``NO_LANGUAGE``
            where a person said so: neither stemming nor stop words.
        rules: Version of the rules of splitting; see ``RULES``.
        stemmer: Name and version of the stemmer; empty without.
    """

    language: str = ""
    rules: int = RULES
    stemmer: str = ""

    @classmethod
    def of_language(cls, language: str) -> Self:
        """Return the settings of this version for a language; an unknown one is as none."""
        if language not in ALGORITHMS:
            return cls(language=NO_LANGUAGE) if language == NO_LANGUAGE else cls()
        import Stemmer

        return cls(language=language, stemmer=f"snowball {Stemmer.version()}")

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: A field is missing.
        """
        return cls(**{name: fields[name] for name in cls.__dataclass_fields__})


class Analyzer:
    """Turns texts into terms; safe for any number of threads.

    Words are stemmed and function words left out where the language has them. A word in
    several parts (``state-of-the-art``) gives the terms of its parts; one with a digit or an
    underscore (``bert-4``, ``snake_case``) is a term as a whole too. Scripts without spaces
    give pairs of neighbouring characters.

    Args:
        settings: What it is made by; the stemmer's version is taken as this machine's.
    """

    def __init__(self, settings: AnalyzerSettings) -> None:
        self.settings = settings
        self._stop_words = stop_words(settings.language)
        self._stemmer: Stemmer.Stemmer | None = None
        self._lock = threading.Lock()  # a stemmer is not safe to share
        if settings.language in ALGORITHMS:
            import Stemmer

            self._stemmer = Stemmer.Stemmer(ALGORITHMS[settings.language])

    def terms(self, text: str) -> list[str]:
        """Return the terms of a text in order, repeated as they are."""
        return [term for word in raw_words(text) for term in self.word_terms(word)]

    def ordered_terms(self, text: str) -> list[str]:
        """Return what stands next to each other in a text, for comparing phrases.

        These are its terms, function words among them as they are, but not the wholes of words
        in several parts: ``bert-4`` gives ``bert`` and ``4``, so that what follows it follows
        ``4``.
        """
        found: list[str] = []
        for word in raw_words(text):
            if word in self._stop_words:
                found.append(word)
                continue
            if word.isalpha() and word.isascii():
                found.append(self._stem(word))
                continue
            parts = _parts(word)
            if _is_abbreviation(parts):
                found.append(word.strip("_")[:LONGEST_TERM])
                continue
            for part in parts:
                found += [part] if part in self._stop_words else self._part_terms(part)
        return found

    def is_function_word(self, term: str) -> bool:
        """Tell whether documents are not found by a word because it is in too many."""
        return term in self._stop_words

    def word_terms(self, word: str) -> tuple[str, ...]:
        """Return the terms of one raw word, as ``splitting.raw_words`` gives it."""
        if word in self._stop_words:
            return ()
        if word.isalpha() and word.isascii():
            return (self._stem(word),)
        parts = _parts(word)
        if _is_abbreviation(parts):
            return (word.strip("_")[:LONGEST_TERM],)
        terms = [
            term
            for part in parts
            if part not in self._stop_words
            for term in self._part_terms(part)
        ]
        whole = word.strip("_")
        if len(parts) > 1 and ("_" in whole or any(sign.isdecimal() for sign in whole)):
            terms.append(whole[:LONGEST_TERM])
        return tuple(terms)

    def _part_terms(self, part: str) -> list[str]:
        """Return the terms of a part of a word that is no function word."""
        terms: list[str] = []
        for piece, unspaced in unspaced_runs(part):
            if unspaced:
                terms.extend(piece[at : at + 2] for at in range(max(1, len(piece) - 1)))
            else:
                terms.append(self._stem(piece))
        return terms

    def _stem(self, word: str) -> str:
        if self._stemmer is not None and word.isalpha():
            with self._lock:
                word = self._stemmer.stemWord(word)
        return word[:LONGEST_TERM]


def _parts(word: str) -> list[str]:
    """Return the parts of a word between its joints."""
    return [part for piece in _JOINT.split(word) for part in _elided(piece)]


def _is_abbreviation(parts: list[str]) -> bool:
    """Tell whether a word in parts is one term: ``u.s.``."""
    return len(parts) > 1 and all(len(part) == 1 for part in parts)


def _elided(word: str) -> list[str]:
    """Return the parts of a word between apostrophes, single letters beside one left out."""
    if "'" not in word:
        return [word] if word else []
    parts = [part for part in word.split("'") if part]
    return [part for part in parts if len(part) > 1] or parts
