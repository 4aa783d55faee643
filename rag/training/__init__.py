"""Making the reader: questions with their answers marked in texts -> the weights that `rag.encoder` runs.

    questions -> examples -> training (torch) -> weights -> graph for onnxruntime, 8 bits

Needs the extra `train`. Nothing else imports this room. The way in is the command `python -m rag.training`.
"""
