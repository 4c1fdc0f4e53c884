"""Golden transcripts: what a person types and sees, as text files.

``python -m tests.cli.transcripts`` writes the second half of each file anew; read the
difference before committing it.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

from tests.cli.corpus import write_reviews
from tests.cli.terminal import ROOT, run_on_terminal

FOLDER = ROOT / "tests" / "golden" / "cli"
_CHANGING = (
    (re.compile(r"^(time +)\d.*$", re.MULTILINE), r"\1..."),
    (re.compile(r"^(size +)\d.*$", re.MULTILINE), r"\1..."),
    (re.compile(r"(committed )\d{4}-\S+"), r"\1..."),
    (re.compile(r"(file|files), [\d.]+ (bytes|kB|MB)"), r"\1, ..."),
    (re.compile(r"[0-9a-f]{32}"), "..."),
    (re.compile(r"manifest-\d{16}"), "manifest-..."),
)


def commands(transcript: str) -> list[str]:
    """Return the lines that were typed."""
    return re.findall(r"^\$ (.*)$", transcript, re.MULTILINE)


def play(lines: list[str], folder: Path) -> str:
    """Run lines one after the other in a folder with five reviews and return what is seen.

    The terminal has 80 columns and draws no bold, so that the transcript is plain text;
    what changes from run to run is written as dots. The exit code ends each answer.
    """
    write_reviews(folder)
    (folder / "broken.jsonl").write_text('{"id": "b1", "text": "Fine."}\nnot json\n{"id": "b3"}\n')
    (folder / "notes").mkdir()
    (folder / "notes" / "soup.md").write_text("# Soup\n\nLeek, potato and patience.\n")
    seen: list[str] = []
    for line in lines:
        program, *args = shlex.split(line)
        assert program == "retrieve"
        screen = run_on_terminal(
            args,
            columns=80,
            folder=folder,
            environment={
                "TERM": "dumb",
                "RETRIEVE_CACHE": str(folder / "cache"),
                **({"RETRIEVE_MODEL": "testing-hashing"} if "index" in args else {}),
            },
            module="retrieval.testing.cli",
        )
        text = screen.text
        for pattern, dots in _CHANGING:
            text = pattern.sub(dots, text)
        plain = "".join(f"{one.rstrip()}\n" for one in text.splitlines())
        seen.append(f"$ {line}\n{plain}[{screen.code}]\n")
    return "\n".join(seen)


def _write_anew() -> None:
    for path in sorted(FOLDER.glob("*.txt")):
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(play(commands(path.read_text()), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    _write_anew()
