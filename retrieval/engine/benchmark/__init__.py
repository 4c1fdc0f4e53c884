"""The use cases of measuring: judgments are found, systems ranked, figures drawn up."""
