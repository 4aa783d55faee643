"""Files and addresses -> `Article` -> sentences and windows, with exact offsets.

It knows nothing of vectors.
"""

from rag.sources.articles import FIELDS, check_given, make_article
from rag.sources.files import MEGABYTE, Draft, Metadata, assign_ids, list_files, read_file, read_url, readable
from rag.sources.passages import embedding_text, sentences, windows
from rag.sources.reading_view import Block, Piece, View, as_read, blocks, header_of_row, reading_view

__all__ = [
    "Block",
    "Draft",
    "FIELDS",
    "MEGABYTE",
    "Metadata",
    "Piece",
    "View",
    "as_read",
    "assign_ids",
    "blocks",
    "check_given",
    "embedding_text",
    "header_of_row",
    "list_files",
    "make_article",
    "read_file",
    "read_url",
    "readable",
    "reading_view",
    "sentences",
    "windows",
]
