"""The real command line with the fakes registered: ``python -m retrieval.testing.cli``.

For tests that kill a whole process. Settings come from the environment:
``RETRIEVE_TESTING_DELAY_S`` is the time to wait for each passage, in seconds.
"""

from __future__ import annotations

import os

from retrieval.cli.main import main
from retrieval.encode.registry import ENCODERS
from retrieval.rerank.registry import RERANKERS
from retrieval.testing.encoders import HASHING_NAME, HashingEncoder
from retrieval.testing.rerankers import WORDS_NAME, WordReranker

RESIDENT = "retrieval.testing.resident"
"""The module whose helpers know the fakes too."""
DELAY_VARIABLE = "RETRIEVE_TESTING_DELAY_S"


def hashing_encoder() -> HashingEncoder:
    """Open the hashing encoder with the environment's settings."""
    return HashingEncoder(delay_s_per_passage=float(os.environ.get(DELAY_VARIABLE, "0")))


def register_fakes() -> None:
    """Make ``--model testing-hashing`` and ``--rerank testing-words`` known; once is enough."""
    if ENCODERS.find(HASHING_NAME) is None:
        ENCODERS.register(HASHING_NAME, hashing_encoder)
    if RERANKERS.find(WORDS_NAME) is None:
        RERANKERS.register(WORDS_NAME, WordReranker)


if __name__ == "__main__":
    register_fakes()
    main(resident=RESIDENT)
