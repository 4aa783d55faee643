"""The packed model's vocabulary as SentencePiece reads it: a serialised `ModelProto`, made in memory in some ms.

Fields are those of sentencepiece_model.proto: pieces = 1 (piece = 1, score = 2, type = 3), trainer_spec = 2
(model_type = 3), normalizer_spec = 3 (name = 1, add_dummy_prefix = 3, remove_extra_whitespaces = 4,
escape_whitespaces = 5). Normalisation is done before, so that offsets are known.
"""

from __future__ import annotations

import struct

import numpy as np

from rag.encoder.pack import Pack

# What surrounds a piece's text: tag and length of the record, tag and length of its text; then tag and score.
BEFORE, AFTER = 4, 5
UNKNOWN_TYPE = 2
_TRAINER = b"\x12\x02\x18\x01"  # model_type: unigram
_NORMALIZER = b"\x1a\x10\x0a\x08identity\x18\x00\x20\x00\x28\x00"


def model_proto(pack: Pack) -> bytes:
    """The vocabulary with its scores, in order of id. Raises ValueError for a piece over 100 bytes."""
    before, after = (_records(pack, *span) for span in ((0, pack.unknown), (pack.unknown + 1, len(pack.piece_scores))))
    text = b"<unk>"  # of this type it matches no text
    unknown = b"\x0a" + bytes([len(text)]) + text + b"\x15" + struct.pack("<f", pack.piece_scores[pack.unknown])
    unknown += b"\x18" + bytes([UNKNOWN_TYPE])
    return b"".join((before, b"\x0a" + bytes([len(unknown)]), unknown, after, _TRAINER, _NORMALIZER))


def _records(pack: Pack, first: int, last: int) -> bytes:
    """The records of the pieces `first` to `last` (exclusive)."""
    ends = pack.piece_ends[first : last + 1].astype(np.int64)
    lengths = np.diff(ends)
    if len(lengths) == 0:
        return b""
    if lengths.max() > 100:  # a length of one byte goes to 127
        raise ValueError(f"{pack.path}: a piece of {lengths.max()} bytes")
    sizes = lengths + BEFORE + AFTER
    starts = np.cumsum(sizes) - sizes
    out = np.empty(int(sizes.sum()), np.uint8)
    out[starts], out[starts + 1] = 0x0A, sizes - 2
    out[starts + 2], out[starts + 3] = 0x0A, lengths
    text = np.arange(ends[0], ends[-1])
    out[text - ends[0] + np.repeat(BEFORE + (BEFORE + AFTER) * np.arange(len(lengths)), lengths)] = pack.piece_text[
        text
    ]
    scores = np.ascontiguousarray(pack.piece_scores[first:last], "<f4").view(np.uint8).reshape(-1, 4)
    tails = starts + BEFORE + lengths
    out[tails] = 0x15
    out[tails[:, None] + np.arange(1, 5)] = scores
    return out.tobytes()
