"""Citation metrics: whether quotes are exact and from the right reports, and every sentence is cited.

Precision and recall of citations are those of ALCE (Gao et al., Enabling Large Language Models to Generate Text with
Citations, 2023), with the case's reports in place of an entailment model. None if there is nothing to measure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from rag.models import Citation, Claim


def citation_precision(citations: Sequence[Citation], proving: Collection[str]) -> float | None:
    """Share of the citations whose report proves the answer."""
    if not citations:
        return None
    return sum(citation.article_id in proving for citation in citations) / len(citations)


def citation_recall(citations: Sequence[Citation], proving: Collection[str], *, any_of: bool = False) -> float | None:
    """Share of the required reports that are cited; with `any_of`, 1 if one of them is."""
    if not proving:
        return None
    cited = {citation.article_id for citation in citations} & set(proving)
    return float(bool(cited)) if any_of else len(cited) / len(set(proving))


def citation_exactness(citations: Sequence[Citation], texts: Mapping[str, str]) -> float | None:
    """Share of the citations whose quote is in its report (`texts` by id) at exactly the given offsets."""
    if not citations:
        return None
    return sum(_stands(citation, texts) for citation in citations) / len(citations)


def proof_recall(citations: Sequence[Citation], quotes: Sequence[str], texts: Mapping[str, str]) -> float | None:
    """Share of the proving quotes that a citation overlaps: was the very sentence shown, not only its report.

    A quote that occurs in several reports, or several times in one, is found in any of these places.
    """
    if not quotes:
        return None
    found = 0
    for quote in quotes:
        found += any(
            citation.start < place + len(quote) and place < citation.end
            for citation in citations
            for place in _places(quote, texts.get(citation.article_id, ""))
        )
    return found / len(quotes)


def _places(quote: str, text: str) -> Iterator[int]:
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + 1)


def sentences_cited(claims: Sequence[Claim], citations: Sequence[Citation]) -> float | None:
    """Share of the claims that have citations, all of which exist."""
    if not claims:
        return None
    numbers = {citation.number for citation in citations}
    return sum(bool(claim.citations) and set(claim.citations) <= numbers for claim in claims) / len(claims)


def supported_share(claims: Sequence[Claim]) -> float | None:
    """Share of the claims that verification found supported, rather than weak."""
    if not claims:
        return None
    return sum(claim.support == "supported" for claim in claims) / len(claims)


def _stands(citation: Citation, texts: Mapping[str, str]) -> bool:
    text = texts.get(citation.article_id)
    return text is not None and bool(citation.quote) and text[citation.start : citation.end] == citation.quote
