"""The command `askreports`, as `python -m rag`."""

from rag.commands import main

if __name__ == "__main__":
    main()
