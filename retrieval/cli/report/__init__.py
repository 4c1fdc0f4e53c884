"""How a benchmark is shown: on the terminal, in a paper, as a page, as pictures."""
