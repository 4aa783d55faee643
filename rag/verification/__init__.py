"""Whether a quote supports a claim: hard rules without a model, and a soft check by a model other than the reader.

Only the rules (`missing`) can drop a claim. The soft check (`Verifier`) drops a language model's sentence that its
quote contradicts; it does not affect the confidence. Both are independent of where claims come from.
"""

from rag.verification.rules import missing
from rag.verification.verifier import ClaimVerifier, Entailment, Statement, Verifier, open_verifier

__all__ = ["Statement", "ClaimVerifier", "Entailment", "Verifier", "missing", "open_verifier"]
