"""Files and addresses -> `Article` -> sentences and windows, with exact offsets.

Independent of vectors.
"""

from rag.sources.addresses import Fetcher
from rag.sources.articles import check_given, make_article
from rag.sources.content import Metadata, one_line
from rag.sources.files import MEGABYTE, Draft, assign_ids, is_gone, list_files, location_of, read_file, readable
from rag.sources.formats import known_suffixes
from rag.sources.passages import embedding_text, sentences, windows
from rag.sources.reading_view import (
    View,
    as_read,
    blocks,
    header_of_row,
    lead_of,
    reading_parts,
    reading_view,
)

__all__ = [
    "Draft",
    "Fetcher",
    "MEGABYTE",
    "Metadata",
    "View",
    "as_read",
    "assign_ids",
    "blocks",
    "check_given",
    "embedding_text",
    "header_of_row",
    "is_gone",
    "known_suffixes",
    "lead_of",
    "list_files",
    "location_of",
    "make_article",
    "one_line",
    "read_file",
    "readable",
    "reading_parts",
    "reading_view",
    "sentences",
    "windows",
]
