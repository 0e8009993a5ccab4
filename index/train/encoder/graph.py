"""The weights of a BERT -> an int8 ONNX graph, node by node. The one module with ``onnx``.

Written by hand: nothing but ``onnx`` is needed, and the quantisation is the one meant here. Weights have one scale a
column (rows of the word table: one a row), activations one a text. Weights use 7 bits: on processors without VNNI a
sum of two 8-bit products overflows 16 bits, and the same model must not give other vectors there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import MissingPackageError
from index.lexical import Floats
from index.onnx import INPUT, OUTPUT

_OPSET, _IR = 20, 10
"""The oldest with Gelu; onnxruntime 1.20 reads them."""
_WEIGHT_STEPS, _WORD_STEPS = 63, 127


class Graph:
    """Nodes and constants under construction; each method returns the name of its result."""

    def __init__(self) -> None:
        self._onnx = packages()
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def node(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:  # noqa: ANN401
        """Add a node; return the name of its result, a list of names for several."""
        names = [f"{kind}{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, value: NDArray[Any]) -> str:
        """Add an array."""
        name = f"c{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def numbers(self, *values: int) -> str:
        """Add a list of integers."""
        return self.constant(np.array(values, dtype=np.int64))

    def linear(self, rows: str, weight: Floats, bias: Floats) -> str:
        """Multiply by a matrix (inputs, outputs) in int8 and add the bias."""
        columns, scales = quantise(weight.T, _WEIGHT_STEPS)
        levels, scale, zero = self.node("DynamicQuantizeLinear", rows, outputs=3)
        product = self.node("MatMulInteger", levels, self.constant(columns.T), zero)
        both = self.node("Mul", scale, self.constant(scales))
        real = self.node("Mul", self.node("Cast", product, to=self._onnx.TensorProto.FLOAT), both)
        return str(self.node("Add", real, self.constant(bias)))

    def lookup(self, table: Floats, ids: str) -> str:
        """Take rows of a table that is stored in int8."""
        rows, scales = quantise(table, _WORD_STEPS)
        found = self.node("Cast", self.node("Gather", self.constant(rows), ids), to=self._onnx.TensorProto.FLOAT)
        return str(self.node("Mul", found, self.node("Gather", self.constant(scales[:, None]), ids)))

    def write(self, path: Path, result: str, width: int) -> None:
        """Write the graph: token numbers of one text in, one vector of ``width`` out."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        self._nodes.append(helper.make_node("Identity", [result], [OUTPUT]))
        inputs = [helper.make_tensor_value_info(INPUT, kinds.INT64, ["tokens"])]
        outputs = [helper.make_tensor_value_info(OUTPUT, kinds.FLOAT, [width])]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        path.write_bytes(model.SerializeToString())


def packages() -> Any:  # noqa: ANN401 - mypy does not follow the package
    """Return ``onnx``.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise MissingPackageError("写出 ONNX 模型需要 onnx", "运行 pip install 'youju[models,onnx]'") from error
    return onnx


def write_graph(path: Path, weights: Mapping[str, Floats], layers: int, heads: int, epsilon: float) -> None:
    """Write a BERT with mean pooling, from its weights under their names in ``transformers``."""
    graph = Graph()

    def part(name: str) -> tuple[Floats, Floats]:
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    def norm(rows: str, name: str) -> str:
        scale, shift = map(graph.constant, part(name))
        return str(graph.node("LayerNormalization", rows, scale, shift, axis=-1, epsilon=epsilon))

    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    zero = graph.numbers(0)
    place = graph.node("Slice", graph.constant(places), zero, graph.node("Shape", INPUT), zero)
    words = graph.lookup(weights["embeddings.word_embeddings.weight"], INPUT)
    rows = norm(graph.node("Add", words, place), "embeddings.LayerNorm")
    for layer in range(layers):
        at = f"encoder.layer.{layer}"
        asked = [part(f"{at}.attention.self.{name}") for name in ("query", "key", "value")]
        seen = graph.linear(_attend(graph, rows, asked, heads), *_turned(part(f"{at}.attention.output.dense")))
        rows = norm(graph.node("Add", seen, rows), f"{at}.attention.output.LayerNorm")
        inner = graph.node("Gelu", graph.linear(rows, *_turned(part(f"{at}.intermediate.dense"))))
        outer = graph.linear(inner, *_turned(part(f"{at}.output.dense")))
        rows = norm(graph.node("Add", outer, rows), f"{at}.output.LayerNorm")
    mean = graph.node("ReduceMean", rows, zero, keepdims=0)
    graph.write(path, mean, places.shape[1])


def _attend(graph: Graph, rows: str, asked: list[tuple[Floats, Floats]], heads: int) -> str:
    """Return softmax(q k / sqrt(size)) v over all heads; the division is in the weights of q."""
    (query, query_bias), *_ = asked
    width = len(query_bias)
    size = width // heads
    asked = [(query / np.sqrt(size), query_bias / np.sqrt(size)), *asked[1:]]
    weight, bias = (np.concatenate(part).astype(np.float32) for part in zip(*asked, strict=True))
    joined = graph.linear(rows, weight.T, bias)
    split = graph.node("Split", joined, axis=1, num_outputs=3, outputs=3)
    shape = graph.numbers(-1, heads, size)
    orders = ((1, 0, 2), (1, 2, 0), (1, 0, 2))
    q, k, v = (
        graph.node("Transpose", graph.node("Reshape", each, shape), perm=order)
        for each, order in zip(split, orders, strict=True)
    )
    near = graph.node("Softmax", graph.node("MatMul", q, k), axis=-1)
    heard = graph.node("Transpose", graph.node("MatMul", near, v), perm=(1, 0, 2))
    return str(graph.node("Reshape", heard, graph.numbers(-1, width)))


def _turned(part: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return a layer's weight as (inputs, outputs)."""
    return part[0].T, part[1]


def quantise(table: Floats, steps: int) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 rows within ``steps`` of zero and the scale of each row."""
    scales = np.abs(table).max(axis=1) / steps
    rows = np.rint(table / np.where(scales > 0, scales, 1)[:, None])
    return rows.astype(np.int8), scales.astype(np.float32)
