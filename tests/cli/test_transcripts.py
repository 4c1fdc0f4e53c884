from pathlib import Path

import pytest

from tests.cli.transcripts import FOLDER, commands, play


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: str(path.stem))
def test_a_person_sees_what_the_transcript_says(path: Path, tmp_path: Path) -> None:
    expected = path.read_text(encoding="utf-8")
    assert commands(expected)
    assert play(commands(expected), tmp_path) == expected
