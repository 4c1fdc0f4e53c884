"""One file per command; ``retrieval.cli.tree`` imports the one that was asked for."""
