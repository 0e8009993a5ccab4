"""A second choice of embedding model: a small transformer encoder. None has been trained; the recipe is ready.

Masked words on free text (laws, passages, news), then questions and passages with in-batch and mined negatives, then
one folder that opens with sentence-transformers (float32) and without torch (int8 ONNX, ``index.onnx``).

The tests run all of it in small on a processor; at full size it needs a CUDA machine, and no such machine was to be
had, so the defaults of ``make.Plan`` are untried. ``python -m index.train.encoder --help`` says how to run it in
commands of at most ten minutes. Needs the extras ``models`` and ``onnx``.
"""
