"""Training cross-encoders: two texts, read together, to one score."""
