"""The options of ``retrieve query``: one file a theme, each with what it refuses."""
