"""Indexes in other programs' clothes: one module a framework, each with an extra of its own."""
