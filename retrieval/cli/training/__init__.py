"""The commands of ``retrieve train``."""
