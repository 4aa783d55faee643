"""Does this quote support this claim: hard rules without a model, and a soft check by other weights than the reader's.

The rules (`missing`) alone can drop a claim; the soft check (`Verifier`) only makes an answer more or less likely, and
drops a language model's sentence that its quote contradicts. Neither knows where claims come from.
"""

from rag.verification.rules import missing
from rag.verification.verifier import ClaimVerifier, Entailment, Statement, Verifier, open_verifier

__all__ = ["Statement", "ClaimVerifier", "Entailment", "Verifier", "missing", "open_verifier"]
