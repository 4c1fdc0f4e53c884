"""Training bi-encoders: texts to vectors, for what they are to be near to."""
