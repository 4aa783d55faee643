"""Question + passages -> readings: spans that may answer, where they are, and their margin over "none".

The reader is a small multilingual encoder trained on annotated answers (`rag.training`), independent of wording,
claims and storage. Its weights and model card are in `weights/`.
"""

from rag.reading.reader import Reader, Reading, header_of, open_reader

__all__ = ["Reader", "Reading", "header_of", "open_reader"]
