"""Run the command line as ``python -m retrieval``."""

from retrieval.cli.main import main

if __name__ == "__main__":
    main()
