"""The use cases of concepts: fit, keep, export, import."""
