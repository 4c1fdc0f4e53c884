"""Benchmarks: each is a command, ``python -m bench.NAME``; ``bench.run_all`` runs them."""

import os

# what is measured starts from compiled modules, as every installed package does
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
