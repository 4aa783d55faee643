"""Does this quote carry this claim: a hard part without any model, a soft part by other weights than the reader's.

The hard part (`missing`) alone can drop a claim; the soft one (`Verifier`) only makes an answer more or less likely,
and drops a language model's sentence that its quote contradicts. Neither knows where claims come from.
"""

from rag.verification.rules import missing
from rag.verification.verifier import ClaimVerifier, Entailment, Statement, Verifier, open_verifier

__all__ = ["Statement", "ClaimVerifier", "Entailment", "Verifier", "missing", "open_verifier"]
