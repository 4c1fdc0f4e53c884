"""``retrieve train report``: the curves of trained models side by side."""

from __future__ import annotations

from pathlib import Path

import click

from retrieval.cli.answer import write_report
from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option

_HELP = """\
Show the curves of trained models side by side, from their training cards.

A row a validation: epoch, loss, AP, accuracy and what else was measured. With --png all
systems go into one figure, AP and accuracy by epoch.

\b
  retrieve train report models/praise models/genres
  retrieve train report models/* --png curves.png
"""


@click.command("report", help=_HELP)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@click.option("--png", metavar="FILE", help="Draw the curves to a file, too.")
@json_option
@debug_option
@click.pass_obj
def report(call: Call, /, *, folders: tuple[str, ...], png: str | None) -> None:
    """Read the cards and show their curves."""
    from retrieval.train.curves import read_curves

    curves = read_curves(folders)
    with CommandObserver() as observer:
        for warning in curves.warnings:
            observer.warn(warning)
        if png is not None:
            from retrieval.cli.report.curve_charts import curve_charts
            from retrieval.cli.report.files import put_bytes
            from retrieval.cli.report.plots import panels

            charts = curve_charts(curves)
            if charts:
                put_bytes(Path(png), panels(charts))
            else:
                observer.warn("No training was validated: there is no curve to draw.")
    if call.as_json:
        write_report(curves.to_json())
        return
    from retrieval.cli.report.curve_table import write_curves

    write_curves(curves)
