"""The process that exports one model: ``python -m retrieval.encode.export_child``.

A process of its own because the exporter needs torch, prints, warns, and fails when
warnings are errors. It ends when its parent does: its standard input is a pipe that
only the parent holds open.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from retrieval.encode.classifier_export import export_classifier
from retrieval.encode.crossencoder_export import export_crossencoder
from retrieval.encode.exporting import export_model
from retrieval.encode.parent import run_for_parent
from retrieval.encode.source import ModelSource, SourceKind
from retrieval.fsops import LocalFiles


def main(words: Sequence[str] | None = None) -> int:
    """Export the model the arguments name; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m retrieval.encode.export_child")
    parser.add_argument("--kind", required=True, choices=[kind.value for kind in SourceKind])
    parser.add_argument("--name", required=True)
    parser.add_argument("--folder", default="")
    parser.add_argument("--staging", required=True, type=Path)
    parser.add_argument("--offline", action="store_true")
    chosen = parser.parse_args(words)
    source = ModelSource(
        SourceKind(chosen.kind), chosen.name, Path(chosen.folder) if chosen.folder else None
    )
    files = LocalFiles()

    def export() -> None:
        if source.kind is SourceKind.CLASSIFIER:
            export_classifier(source, chosen.staging, files=files)
        elif source.kind is SourceKind.CROSSENCODER:
            export_crossencoder(source, chosen.staging, offline=chosen.offline, files=files)
        else:
            export_model(source, chosen.staging, offline=chosen.offline, files=files)

    return run_for_parent(export, chosen.staging, files)


if __name__ == "__main__":
    sys.exit(main())
