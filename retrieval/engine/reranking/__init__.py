"""Training rerankers on what an index finds."""
