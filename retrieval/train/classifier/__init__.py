"""Training classifiers: texts to one of several classes."""
