"""SciFact, Cranfield and CISI through `retrieve bench --beir`, whole documents and passages.

Each result is the command's own JSON. Target: SciFact whole, nDCG@10 = 0.645 +- 0.002.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.cold_query import RETRIEVE
from bench.pairing import table
from bench.provenance import COMMIT, RESULTS, data_folder, provenance

COLLECTIONS = ("scifact", "cranfield", "cisi")
MEASURES = ("nDCG@10", "AP", "RR@10", "R@100")


def measured(collection: str, passages: str, home: Path) -> dict[str, Any]:
    """Index a collection and return what `retrieve bench` says of it."""
    command = [RETRIEVE, "bench", "--beir", collection, "--passages", passages, "--home", home]
    for measure in MEASURES:
        command += ["--metric", measure]
    # from the folder above, so that no path of this machine is in the result
    done = subprocess.run(
        [*map(str, command), "--json"],
        cwd=data_folder(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    report: dict[str, Any] = json.loads(done.stdout)
    report["provenance"] = {**provenance(), **report["provenance"], "commit": COMMIT}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="Keep the indexes here.")
    chosen = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    rows: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for collection in COLLECTIONS:
            for passages in ("whole", "windows"):
                report = measured(collection, passages, chosen.home or Path(folder))
                name = f"beir_{collection}_{passages}"
                (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
                found = report["runs"]["dense"]["measures"]
                rows[f"{collection} {passages}"] = {
                    measure: f"{found[measure]['mean']:.3f}" for measure in MEASURES
                }
    print(table(rows))


if __name__ == "__main__":
    main()
