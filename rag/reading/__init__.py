"""Question + passages -> readings: the words that may answer, where they stand, and how they compare with "none".

The reader is a small multilingual encoder trained on marked answers (`rag.training`); it knows nothing of wording,
claims or stores. Its weights lie in `weights/`, with their model card.
"""

from rag.reading.reader import Reader, Reading, header_of, open_reader

__all__ = ["Reader", "Reading", "header_of", "open_reader"]
