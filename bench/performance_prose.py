"""What the page of figures says in words: how to repeat it, and what is compared with what."""

from __future__ import annotations

from bench.targets import AT_99

REPEATING = """\
# Performance

Rendered from `bench/results/*.json` by `python -m bench.performance_page`; edits belong there.

## How to repeat

`make bench` makes an environment with every peer, runs all benchmarks one after another (it says
how long each takes), writes `bench/results/` and this page. `.venv/bin/python -m bench.run_all
NAME...` runs some of them, `--quick` runs small sizes for a trial, `--table` shows what is there.
The texts are in `../shared/data`; `python -m bench.peers_indexing` and `python -m bench.peers_cold`
take any JSON Lines with `text` by `--corpus`. Run them on a machine that does nothing else: the
load average before and after is in each result and, where it was above 1 before, in the table."""
COMPARING = """\
## What is compared with what

Ours and the peer run in turn, A B A B, so that what else a machine does falls on both. A figure is
the median of the rounds, with the least and the greatest; a ratio is taken round by round. Every
peer has the same weights (the bundled all-MiniLM-L6-v2, single precision), the same texts, the same
k = 10, no network, and the settings that its manual begins with:"""
PEERS = (
    (
        "sentence-transformers",
        '`encode` with its defaults; `backend="onnx"` in an environment of its own, since'
        " optimum-onnx asks for transformers below 4.58 and sentence-transformers 6 for 5;"
        " `util.semantic_search` on tensors with `dot_score`, as the rows have unit length;"
        " `paraphrase_mining` with its defaults",
    ),
    ("txtai", "`Embeddings(path=..., content=True)`"),
    (
        "chromadb",
        "persistent client. Its default embedding function is given an ONNX graph of the same"
        " weights in place of the download; it fills every text up to 256 tokens. Beside it its"
        " `SentenceTransformerEmbeddingFunction`",
    ),
    ("LanceDB", "a table with its sentence-transformers function and no index, so exact"),
    (
        "FAISS",
        "`IndexFlatIP` for exact search, with its own threads, and the kernels that we choose",
    ),
    ("hnswlib, usearch", "`M` and `connectivity` 32, breadth of building 200, float32"),
    ("bm25s", '`method="lucene"`, tokens made before its clock starts'),
    (
        "ranx, scikit-learn, SQLite FTS5",
        "as `bench/measures.py`, `clustering.py` and `words.py` begin",
    ),
)
SETTINGS = """\
- **Indexing**: passages of film reviews of about 56 tokens. Ours is the whole process `retrieve
  index`, from its start to a committed index; a peer's clock starts when its libraries and its
  model are loaded and have encoded once. Of the ten that each finds, the share that exact search
  over single-precision vectors finds is measured with 200 queries.
- **Cold**: whole processes that start, open an index of 10,000 short texts, encode a question, and
  print ten hits with their texts; files are in the page cache, nothing is resident.
- **A million**: short real texts with vectors given; these are real embeddings resampled with noise
  (a made row has a cosine of about .86 to the one it was made of), which says how long things
  take and nothing of relevance.
- **Approximate**: such vectors, in memory; every library builds its index once and is asked 1,000
  queries at the least effort that reaches the recall. hnswlib and usearch have 32 links and a
  breadth of 200 in building. Memory is what a process holds beyond its libraries, pages of mapped
  files included, which the system can take back."""
OTHER_MACHINES = (
    "A is the machine of the newest result. **Figures of another letter were measured elsewhere or"
    " say less of where: read them for themselves, not beside A's.**"
)
SCALING = (
    "Both axes are logarithmic; the dashed line is growth in proportion, from the last size back."
    " The exponent b says that a figure grows as n^b between two sizes: 0 is constant, 1 in"
    " proportion."
)
BENDS = """\
The curves bend where what every document costs outgrows what every process costs.

- Building starts libraries and syncs files; then every document is read, hashed, counted by its
  words and written.
- Memory starts with the libraries; what grows is the table of ids and the pages of mapped files,
  which the system counts although it may take them back.
- A first query starts Python, reads the model and maps the index; it looks at the vectors once.
- A warm exact query reads every vector (1.5 KiB): in proportion from where they no longer fit into
  the processor's cache. A batch shares that reading among its queries, and is bound by products.
- Segments of more than 50,000 passages are searched approximately: a query looks at some hundreds
  or thousands of vectors, so the curve of warm queries is nearly flat from there, and the curve of
  building steeper by the graph that is built and tuned."""
_FILTERED = (
    "without a filter a query looks at some thousands of vectors only, so it became so much faster"
    " than the scan it is compared with above; a filtered one looks farther until it has met as"
    " many that may be found, and takes no longer than by a scan"
)
WHY: dict[tuple[str, str], str] = {
    ("peers_indexing", "figures/retrieve_over/sentence_transformers"): (
        "products are half of the encoder's time and attention a quarter;"
        " importing torch is a tenth of the command's (decisions/0010)"
    ),
    ("approximate", f"{AT_99}/alone/ours_over_hnswlib"): (
        "of about 290 microseconds 150 to 180 are FAISS's search of the graph, 45 reading and"
        " scoring 15 rows in float64, the rest Python's; hnswlib keeps all rows in memory, and is"
        " at .996 with its least breadth (decisions/0009)"
    ),
    ("approximate", f"{AT_99}/cores/ours_over_hnswlib"): (
        "graphs are searched by both cores, and their candidates read and scored by one"
    ),
    ("filters", "figures/dense/1 % over unfiltered"): _FILTERED,
    ("filters", "figures/dense/10 % over unfiltered"): _FILTERED,
    ("filters", "figures/dense/50 % over unfiltered"): _FILTERED,
    ("peers_cold", "figures/over_retrieve/chromadb"): (
        "its default function runs onnxruntime without torch, as we do: what is left is importing"
        " chromadb and opening its database; its sentence-transformers function imports torch"
    ),
    ("rerank_speed", "figures/speed/ours_over_predict"): (
        "both multiply in single precision, which is most of the time on both sides; bf16 would"
        " move scores by more than 1e-4"
    ),
    ("pairs", "figures/paraphrase_mining_over_ours"): (
        "encoding takes nearly all of the time on both sides; the comparison alone, with vectors at"
        " hand, is the row below it"
    ),
}
"""What explains a miss, by result and figure."""
