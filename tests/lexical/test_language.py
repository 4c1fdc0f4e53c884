from __future__ import annotations

import pytest

from retrieval.lexical.language import detect_language

SAMPLES = {
    "da": "Hun sagde, at det ikke var noget, som hun ville tale med ham om, før de blev alene.",
    "de": "Er wollte nicht, dass sie mit den anderen in das Haus ging, weil es dort sehr kalt war.",
    "en": "The results of this study show that the drug was as good as it had been before.",
    "es": "No quería que ella se fuera con los otros a la casa, porque hacía frío en el campo.",
    "fi": "Hän ei ole siellä, mutta he ovat kaikki täällä ja se on nyt niin kuin sen olla pitää.",
    "fr": "Il ne voulait pas que les autres soient dans la maison avec elle, il y a du bruit.",
    "it": "Non voleva che lei andasse con gli altri nella casa, perché era molto freddo per tutti.",
    "nl": "Hij wilde niet dat ze met de anderen naar het huis ging, omdat het daar zeer koud was.",
    "no": "Hun sa at det ikke var noe som hun ville snakke med ham om før de ble alene.",
    "pt": "Não queria que ela fosse com os outros para a casa, porque estava frio lá em cima.",
    "ru": "Он не хотел, чтобы она пошла с ними в этот дом, потому что там было очень холодно.",
    "sv": "Hon sade att det inte var något som hon ville tala med honom om, innan de blev två.",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_a_sentence_tells_its_language(language: str) -> None:
    assert detect_language([SAMPLES[language]]) == language


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["text 1 a 0", "text 2 a 1"], ["東京都に行く"] * 50, ["BERT GPT ELMo RoBERTa"] * 50],
)
def test_where_nothing_tells_none_is_given(texts: list[str]) -> None:
    assert detect_language(texts) == ""


def test_the_language_of_most_texts_wins() -> None:
    assert detect_language([SAMPLES["fr"], SAMPLES["en"], SAMPLES["en"], SAMPLES["en"]]) == "en"


def test_a_stream_is_read_only_as_far_as_needed() -> None:
    def endless() -> object:
        while True:
            yield SAMPLES["en"]

    assert detect_language(endless()) == "en"  # type: ignore[arg-type]
