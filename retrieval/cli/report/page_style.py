"""The look of the page: small, printable, light or dark as the reader's machine is."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.cli.report.palette import DARK, LIGHT

_LIGHT = """
color-scheme: light;
--page: #ffffff; --ink: #1b1f24; --soft: #57606a; --hair: #d8dee4; --tint: #f6f8fa;
--shout: #8a1c00; --shout-page: #fff1ec; --link: #0550ae;
"""
_DARK = """
color-scheme: dark;
--page: #14171b; --ink: #e6e9ed; --soft: #9ba4ae; --hair: #343b43; --tint: #1c2127;
--shout: #ffb59b; --shout-page: #3a1a10; --link: #79b8ff;
"""
_RULES = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.15rem; margin: 0 0 1rem; font-weight: 600; color: var(--soft); }
h2 { font-size: 1.15rem; margin: 3rem 0 .75rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--hair); }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); }
.headline { font-variant-numeric: tabular-nums; margin: 0; line-height: 1.1; }
.headline b { font-size: 3.5rem; font-weight: 650; letter-spacing: -.02em; }
.headline span { font-size: 1.4rem; color: var(--soft); white-space: nowrap; }
.in-sample { display: inline-block; padding: 0 .4em; border: 1px solid currentColor;
  border-radius: .25em; font-size: .75em; font-weight: 700; letter-spacing: .04em;
  color: var(--shout); background: var(--shout-page); white-space: nowrap; }
.warning { border-left: .3rem solid var(--shout); background: var(--shout-page);
  padding: .6rem .9rem; margin: 1rem 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
caption { text-align: left; color: var(--soft); padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0;
  overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--hair); }
tbody th { font-weight: 600; }
tbody th.plain { font-weight: 400; overflow-wrap: anywhere; }
tbody + tbody tr:first-child > * { border-top: 1px solid var(--hair); }
.system { overflow-wrap: anywhere; min-width: 4.5rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.spread { color: var(--soft); white-space: nowrap; }
.facts { table-layout: fixed; }
.facts th { width: 13rem; font-weight: 400; color: var(--soft); }
.facts th, .facts td { overflow-wrap: anywhere; }
.pair { display: inline-block; white-space: nowrap; font-variant-numeric: tabular-nums; }
sup { line-height: 0; }
.grade { white-space: nowrap; }
sup a { color: var(--link); text-decoration: none; padding: 0 .15em; }
.notes { margin: 1rem 0 0; padding: 0; list-style: none; font-size: .925rem; }
.notes li { padding: .1rem 0; }
.beside { display: grid; gap: 1rem 2.5rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
.beside .facts th { width: 9rem; }
.charts { display: grid; gap: 2rem 2.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
figure { margin: 0; break-inside: avoid; max-width: 36rem; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font: 12px system-ui, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--soft);
  font-variant-numeric: tabular-nums; }
svg text.name { fill: var(--ink); }
.grid { stroke: var(--hair); stroke-width: 1; }
.axis { stroke: var(--soft); stroke-width: 1; }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
.area { fill: var(--c); fill-opacity: .3; stroke: var(--c); stroke-width: 1.2; }
.dot { fill: var(--c); }
.rule { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
td.mark { width: 9rem; }
td.mark svg { height: 1rem; margin-top: .25rem; }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--link); }
article { margin: 0 0 2rem; break-inside: avoid; }
blockquote { margin: 0 0 .4rem; font-weight: 600; }
.relevant { font-weight: 700; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 38rem) {
  main { padding: 1.25rem .7rem 3rem; }
  h2 { margin-top: 2.2rem; }
  .headline b { font-size: 2.75rem; }
  .headline span { font-size: 1.1rem; }
  .mark { display: none; }
  th, td { padding-right: .4rem; }
  table .in-sample { font-size: .62em; padding: 0 .25em; letter-spacing: 0; }
  table { font-size: .8rem; }
  .loose, thead .number { white-space: normal; }
  .facts th, .beside .facts th { width: 7rem; }
  .spread { display: block; font-size: .93em; }
}
@media print {
  main { max-width: none; padding: 0; }
  body { font-size: 10pt; }
  h2, thead { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; gap: 1rem 1.5rem; }
  tr, figure, article { break-inside: avoid; }
  .scroll { overflow: visible; }
  details > *, details::details-content { display: block; content-visibility: visible; }
}
"""


def style_sheet() -> str:
    """Return the style sheet; printed pages are light whatever the screen was."""
    return (
        f":root {{{_LIGHT}{_series(LIGHT)}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{{_DARK}{_series(DARK)}}} }}\n"
        f"{_shades()}{_RULES}"
    )


def _series(colours: Sequence[str]) -> str:
    return " ".join(f"--c{place}: {colour};" for place, colour in enumerate(colours))


def _shades() -> str:
    return "\n".join(f".s{place} {{ --c: var(--c{place}); }}" for place in range(len(LIGHT)))
