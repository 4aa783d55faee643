"""Question + passages -> readings: spans that may answer, where they are, and their margin over "none".

The reader is a small multilingual encoder trained on marked answers (`rag.training`); it knows nothing of wording,
claims or stores. Its weights are in `weights/`, with their model card.
"""

from rag.reading.reader import Reader, Reading, header_of, open_reader

__all__ = ["Reader", "Reading", "header_of", "open_reader"]
