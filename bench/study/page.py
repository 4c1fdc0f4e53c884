"""The page of the study, rendered from the results alone: ``python -m bench.study --page``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import provenance
from bench.study.chart import Bar, chart
from bench.study.results import read_result
from bench.study.system import System
from bench.study.tasks import TASKS

PAGE = provenance.ROOT / "docs" / "study.md"
NOT_RUN = "not run yet"
INTRODUCTION = """\
# The study

Rendered from `bench/results/study-*.json` by `python -m bench.study --page`; edits belong there.
`python -m bench.study` runs everything and goes on where it was stopped; `--list` names the
systems, `--task`, `--collection` and `--systems` choose.

## What this is, and what it is not

This project comes from a study of BERT and SBERT for classification and retrieval: every text is
paired with a dummy token `<s>`, a siamese network learns to bring positive texts close to it, and
the token's vector becomes a query that ranks a corpus. Here that idea stands beside what it was
compared with, and beside concepts learned from a few labels on frozen vectors.

- All systems start from the same contrastively trained MiniLM ([Wang et al.
  (2020)](bibliography.md)), so pre-training is not compared: these are no figures of BERT as it
  was published, and no reproduction of the source's.
- The source's accuracy of .9986 suggests the same texts on both sides of its split, so every task
  counts them.
- The source's letters are replaced by a public set, The Federalist.
- A training has two epochs, of headlines five and of the essays ten, and the state that
  validation prefers is kept; more of them might have taught it more.
- Seconds are those of the machine named below each table, with what else it was busy with:
  compare them within a table only.

**How to read it.** Test rows are read once a system. Thresholds of accuracy and F1 are chosen on
all validation rows, for a concept of 20 labels as well, which its user would not have: AP and
P@100 need no threshold. A figure is the mean of its runs, with the 95 % bootstrap interval over
test documents in brackets; it does not cover the draw of labels or seeds, for which least and
greatest run are given. “To encode” is paid once for all queries, “to rank” by each; both are for
25,000 texts, scaled from fewer. A system that learned from fewer rows than there are, or was
measured on fewer tests, says so. What was not run has no figure."""
HEADINGS = {
    "sentiment": "Sentiment",
    "news": "News",
    "authors": "Authors",
    "similarity": "Similarity",
    "efficiency": "Efficiency",
}
Figures = Mapping[str, Any]


def write(results: Path = provenance.RESULTS, page: Path = PAGE) -> None:
    """Write the page and its figures."""
    for path, text in rendered(results, page).items():
        path.write_text(text, encoding="utf-8")


def rendered(results: Path = provenance.RESULTS, page: Path = PAGE) -> dict[Path, str]:
    """Return the page and its figures, by path."""
    found: dict[Path, str] = {}
    pieces = [INTRODUCTION]
    for task, heading in HEADINGS.items():
        figures = read_result(results, task)
        pieces.append(f"## {heading}")
        for collection in TASKS[task].collections:
            one = figures.get(collection, {"systems": {}})
            pieces.extend(SECTIONS[task](collection, one))
            bars = bars_of(TASKS[task].systems, one["systems"], *CHARTED[task])
            if len(bars) > 1:
                name = f"study-{task}-{collection}.svg"
                found[page.parent / name] = chart(CHARTED[task][1], bars)
                pieces.append(f"![{CHARTED[task][1]} of all systems on {collection}]({name})")
    found[page] = "\n\n".join(pieces) + "\n"
    return found


CHARTED = {
    "sentiment": ("AP", "Average precision"),
    "news": ("accuracy", "Accuracy"),
    "authors": ("accuracy", "Accuracy over essays"),
    "similarity": ("spearman", "Spearman's correlation"),
    "efficiency": ("", ""),
}


def bars_of(
    systems: Sequence[System], figures: Mapping[str, Figures], measure: str, title: str
) -> list[Bar]:
    """Return what a figure draws of a measure."""
    return [
        Bar(
            name=one.name,
            value=figures[one.name][measure]["mean"],
            low=figures[one.name][measure].get("low"),
            high=figures[one.name][measure].get("high"),
        )
        for one in systems
        if one.name in figures and measure in figures[one.name]
    ]


def sentiment(collection: str, found: Figures) -> list[str]:
    """Return the section of a collection of two classes."""
    columns = ("AP", "P@100", "accuracy", "F1")
    rows = []
    for system in TASKS["sentiment"].systems:
        one = found["systems"].get(system.name)
        if one is None:
            rows.append([named(system), NOT_RUN, *[""] * 7])
            continue
        told = one["from"]
        seconds = [seconds_of(told, name) for name in ("train_s", "encode_25k_s", "rank_25k_s")]
        rows.append(
            [told_of(system, told), *(cell(one[name]) for name in columns), runs_of(one), *seconds]
        )
    heads = ["system", *columns, "runs (AP)", "s to train", "s to encode", "s to rank"]
    pieces = [f"### {collection}", *split_of(found), table(heads, rows)]
    if found.get("differences"):
        told = [[name, signed(one), str(one["runs"])] for name, one in found["differences"].items()]
        pieces += ["Differences of AP, paired by document and run:"]
        pieces += [table(["difference", "AP", "runs"], told)]
    return [*pieces, *ending("sentiment", collection, found)]


def news(collection: str, found: Figures) -> list[str]:
    """Return the section of many classes."""
    columns = ("accuracy", "merged_accuracy", "macro_F1", "macro_AP", "silhouette", "v_measure")
    rows = []
    for system in TASKS["news"].systems:
        one = found["systems"].get(system.name)
        if one is None:
            rows.append([named(system), NOT_RUN, *[""] * (len(columns) + 1)])
            continue
        figures = [cell(one[name]) if name in one else "" for name in columns]
        told = one["from"]
        rows.append(
            [told_of(system, told), *figures, str(told["runs"]), seconds_of(told, "train_s")]
        )
    heads = ["system", *(name.replace("_", " ") for name in columns), "runs", "s to train"]
    pieces = [f"### {collection}", *split_of(found), table(heads, rows)]
    if "near_synonyms" in found:
        groups = "; ".join(" = ".join(group) for group in found["near_synonyms"])
        pieces.append(f"Merged accuracy counts near-synonyms as one category: {groups}.")
    for name in ("classifier", "concepts"):
        if name in found["systems"]:
            pieces += classes_of(name, found["systems"][name])
            break
    return [*pieces, *ending("news", collection, found)]


def classes_of(name: str, one: Figures) -> list[str]:
    """Return the table of classes of a system, and where it errs most."""
    labels = [row[0] for row in one["classes"]]
    rows = []
    for row, line in zip(one["classes"], one["confusion"], strict=True):
        others = sorted(
            ((count, label) for count, label in zip(line, labels, strict=True) if label != row[0]),
            key=lambda pair: (-pair[0], pair[1]),
        )[:2]
        taken = ", ".join(f"{label} ({count})" for count, label in others if count)
        rows.append([row[0], *(f"{value:.3f}" for value in row[1:4]), str(row[4]), taken])
    heads = ["category", "precision", "recall", "F1", "headlines", "most often taken for"]
    return [
        f"Categories by `{name}`, first run; the whole confusion matrix is in the results:",
        table(heads, rows),
    ]


def authors(collection: str, found: Figures) -> list[str]:
    """Return the section of the essays."""
    rows = []
    asked: dict[int, list[str]] = {}
    applied = [one for one in TASKS["authors"].systems if one.name in found["systems"]]
    applied = [one for one in applied if one.name != "majority"]
    for system in TASKS["authors"].systems:
        one = found["systems"].get(system.name)
        if one is None:
            rows.append([named(system), NOT_RUN, *[""] * 4])
            continue
        recalls = ", ".join(f"{label.title()} {recall:.2f}" for label, recall, _ in one["classes"])
        rows.append(
            [
                told_of(system, one["from"]),
                cell(one["accuracy"]),
                f"{one['balanced_accuracy']:.3f}",
                f"{one['passage_accuracy']:.3f}",
                recalls,
                seconds_of(one["from"], "train_s"),
            ]
        )
        if system in applied:
            for number, author, given, _ in one["application"]:
                asked.setdefault(number, [str(number), author.lower()]).append(given.title())
    heads = ["system", "accuracy", "mean recall", "of passages", "recall", "s in all"]
    pieces = [f"### {collection}", *split_of(found), table(heads, rows)]
    if asked:
        pieces.append(
            "An application without truth to measure by: the twelve essays that Hamilton and"
            " Madison both claimed, and the three written jointly. [Mosteller and Wallace (1964)]"
            "(bibliography.md) ascribe all twelve to Madison, by rates of function words; vectors"
            " of sentences are made to carry what an essay is about, not such habits."
        )
        heads = ["essay", "known as", *(one.name for one in applied)]
        pieces.append(table(heads, [asked[number] for number in sorted(asked)]))
    return [*pieces, *ending("authors", collection, found)]


def similarity(collection: str, found: Figures) -> list[str]:
    """Return the section of pairs of sentences."""
    rows = []
    for system in TASKS["similarity"].systems:
        one = found["systems"].get(system.name)
        if one is None:
            rows.append([named(system), NOT_RUN, *[""] * 3])
            continue
        accuracy = cell(one["snli_accuracy"]) if "snli_accuracy" in one else ""
        told = one["from"]
        seconds = seconds_of(told, "train_s")
        rows.append(
            [told_of(system, told), cell(one["spearman"]), accuracy, str(told["runs"]), seconds]
        )
    heads = ["trained", "STS-B test, Spearman", "SNLI test, accuracy", "runs", "s to train"]
    pieces = [f"### {collection}", *split_of(found), table(heads, rows)]
    return [*pieces, *ending("similarity", collection, found)]


def efficiency(collection: str, found: Figures) -> list[str]:
    """Return the section of the most similar pair."""
    rows = []
    for system in TASKS["efficiency"].systems:
        one = found["systems"].get(system.name)
        if one is None:
            rows.append([named(system), NOT_RUN, ""])
            continue
        how = (
            f"extrapolated from {one['measured_pairs']:,} pairs in {one['measured_seconds']:.1f} s"
            if one["extrapolated"]
            else "measured, indexing included"
        )
        rows.append([named(system), f"{one['seconds']:,.0f}", how])
    pieces = [f"### {collection}", *split_of(found)]
    if "pairs" in found:
        pieces.append(f"{found['sentences']:,} sentences, {found['pairs']:,} pairs.")
    pieces.append(table(["system", "seconds", "how"], rows))
    return [*pieces, *ending("efficiency", collection, found)]


SECTIONS = {
    "sentiment": sentiment,
    "news": news,
    "authors": authors,
    "similarity": similarity,
    "efficiency": efficiency,
}


def split_of(found: Figures) -> Iterable[str]:
    """Yield a sentence about split and duplicates."""
    if "split" not in found:
        return
    split = found["split"]
    counts = ", ".join(
        f"{split[name]:,} {told}"
        for name, told in (
            ("train_full", "to learn from"),
            ("validation", "to validate on"),
            ("test", "to test on"),
            ("essays", "essays"),
            ("passages", "passages"),
        )
        if name in split
    )
    text = f"Split: {split['told']}" + (f" ({counts})." if counts else ".")
    if split.get("dropped"):
        text += f" Left out as duplicates: {split['dropped']:,}."
    if "duplicates" in split:
        words = {
            "same_text": "the same text",
            "near_text": "a text of cosine .95 or more",
            "same_sentence": "one of the same sentences",
            "snli_same_premise": "(of SNLI) the same premise",
        }
        told = ", ".join(f"{words[name]} {count:,}" for name, count in split["duplicates"].items())
        text += f" Tests with something of theirs on the other side, too: {told}."
    yield text


def ending(task: str, collection: str, found: Figures) -> Iterable[str]:
    """Yield whence the figures are, and how to run what was not."""
    if found["systems"]:
        yield f"Run on: {'; '.join(origins([one['from'] for one in found['systems'].values()]))}."
    missing = [one.name for one in TASKS[task].systems if one.name not in found["systems"]]
    if missing:
        command = f"python -m bench.study --task {task} --collection {collection}"
        names = (
            "" if len(missing) == len(TASKS[task].systems) else f" --systems {' '.join(missing)}"
        )
        yield f"What was not run yet:\n\n```sh\n{command}{names}\n```"


def origins(told: Sequence[Figures]) -> list[str]:
    """Return machine, date, commit and load of runs, those of one origin together."""
    loads: dict[str, list[float]] = {}
    for one in told:
        device = f", trained on {one['device']}" if one.get("device") else ""
        place = f"{one['cpu']}, {one['cores']} cores{device}, {one['date']}, commit {one['commit']}"
        loads.setdefault(place, []).append(one["load"])
    return [
        f"{place}, load average before {min(every):.1f} to {max(every):.1f}"
        for place, every in sorted(loads.items())
    ]


def told_of(system: System, told: Figures) -> str:
    """Return what a system is, and what of less than there is it learned or was measured on."""
    less = []
    if "subset_rows" in told:
        less.append(f"subset of {told['subset_rows']:,} of {told['of_rows']:,} training rows")
    if "subset_tests" in told:
        less.append(f"measured on {told['subset_tests']:,} of {told['of_tests']:,} tests")
    if "judged_in_parts" in told:
        less.append(f"the essays in {told['judged_in_parts']} parts, not one by one")
    if "of_epochs" in told:
        less.append(f"{told['epochs']} of {told['of_epochs']} epochs")
    if kept := told.get("kept_epochs"):
        every = sorted(set(kept))
        ends = f"{every[0]:g}" if len(every) == 1 else f"{every[0]:g} to {every[-1]:g}"
        less.append(f"best after epoch {ends} of {told['epochs']}")
    return f"{named(system)} ({'; '.join(less)})" if less else named(system)


def named(system: System) -> str:
    """Return a system's name and what it is."""
    return f"`{system.name}`: {system.told}"


def cell(figure: Mapping[str, float]) -> str:
    """Return a mean with its interval."""
    if "low" not in figure:
        return f"{figure['mean']:.3f}"
    return f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def signed(figure: Mapping[str, float]) -> str:
    """Return a difference with its interval."""
    return f"{figure['mean']:+.3f} [{figure['low']:+.3f}, {figure['high']:+.3f}]"


def runs_of(one: Figures) -> str:
    """Return how many runs there were, and their least and greatest AP."""
    runs, figure = one["from"]["runs"], one["AP"]
    return "1" if runs == 1 else f"{runs} ({figure['min']:.3f}-{figure['max']:.3f})"


def seconds_of(told: Figures, name: str) -> str:
    """Return mean seconds; small ones with their digits."""
    if name not in told:
        return ""
    mean = told[name]["mean"]
    return f"{mean:,.0f}" if mean >= 10 else f"{mean:.2g}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
