"""Training: questions with answers marked in texts -> the weights that `rag.encoder` runs.

    questions -> examples -> training (torch) -> weights -> graph for onnxruntime, 8 bits

Needs the extra `train`. No other package imports this one. The entry point is the command `python -m rag.training`.
"""
