"""Torch networks -> graphs that `rag.encoder` runs: the embedder's with external weights, the others' inside."""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from enum import StrEnum
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import nn

from rag.encoder.engine import READER, VERIFIER
from rag.encoder.pack import Pack
from rag.encoder.products import GRAPH as PRODUCTS_GRAPH
from rag.encoder.tokenizer import Tokenizer
from rag.encoder.weights import FACTS, FILE, GRAPH, packed, parts
from rag.training.network import EmbedderNetwork, ReaderNetwork, VerifierNetwork

OPSET = 17
# The reference text, whose vector is stored beside the graph to check an installation.
KNOWN = "query: Kim Bảng, łąka, çiçek, Grüße, año, Москва, 東京, القاهرة"
# What stays in 32 bits when products are in 8: the heads, after which nothing evens out an error, and the second
# products of the feed-forward parts, whose inputs have outliers (half of all the error).
IN_32_BITS = ("/span/", "/window/", "/claim/", "/inner_out/")
# A layer's weight matrices, in order of use.
PRODUCTS = ("qkv", "attention_out", "inner", "inner_out")
# A matrix with fewer weights is not worth quantising.
LARGE = 100_000


class Precision(StrEnum):
    """How matrices are stored in the file, and the precision of products with them.

    `int8`: stored in 8 bits, most products in 8 bits; `weights8`: stored in 8 bits, products in 32; `float16`: stored
    in 16 bits, products in 32; `float32`: all in 32.
    """

    int8 = "int8"
    weights8 = "weights8"
    float16 = "float16"
    float32 = "float32"


def write_embedder(pack: Pack, folder: Path) -> None:
    """Write the embedder's graph and its facts; its weights stay outside, in the order of `rag.encoder.weights`.

    Raises ValueError if the graph contains a weight that is not in the pack.
    """
    embedder = EmbedderNetwork(pack).eval()
    model = graph(embedder, ["vectors"])
    places: dict[tuple[str, tuple[int, ...]], tuple[str, int]] = {}
    whole, offset = hashlib.sha256(), 0
    for name, array in parts(pack):
        held = packed(array)
        places[hashlib.sha256(held).hexdigest(), array.shape] = name, offset
        whole.update(held)
        offset += len(held)
    renamed: dict[str, str] = {}
    for weight in model.graph.initializer:
        held = packed(numpy_helper.to_array(weight))
        key = hashlib.sha256(held).hexdigest(), tuple(weight.dims)
        if key not in places:
            raise ValueError(f"{weight.name} {key[1]} is in the graph and not in the pack")
        renamed[weight.name], at = places[key]
        _move_out(weight, renamed[weight.name], at, len(held))
    _rename(model, renamed)
    vector = _known_vector(embedder, pack)
    told = {"size": offset, "sha256": whole.hexdigest(), "text": KNOWN, "vector": [round(x, 6) for x in vector]}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(model.SerializeToString())
    (folder / FACTS).write_text(json.dumps(told, ensure_ascii=False) + "\n", "utf-8")


def write_products(folder: Path) -> None:
    """Write the graph of `rag.encoder.products`: a product of 8-bit integers, and nothing else."""
    rows = [helper.make_tensor_value_info(name, TensorProto.UINT8, [1, "dimension"]) for name in ("first", "rest")]
    codes = helper.make_tensor_value_info("codes", TensorProto.INT8, ["dimension", "n"])
    found = [helper.make_tensor_value_info(f"{row.name} products", TensorProto.INT32, [1, "n"]) for row in rows]
    nodes = [helper.make_node("MatMulInteger", [row.name, "codes"], [f"{row.name} products"]) for row in rows]
    held = helper.make_graph(nodes, "products", [*rows, codes], found)
    model = helper.make_model(held, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    (folder / PRODUCTS_GRAPH).write_bytes(model.SerializeToString())


def write(weights: Path, pack: Pack, folder: Path, precision: Precision = Precision.int8) -> Path:
    """Write the graph, weights inside, of the reader or verifier whose state is in `weights`; returns its path."""
    held = torch.load(weights, map_location="cpu")
    reads = "span.weight" in held
    network: nn.Module = ReaderNetwork(pack) if reads else VerifierNetwork(pack)
    network.load_state_dict(held)
    model = graph(network.eval(), ["spans", "windows"] if reads else ["claims"])
    target = folder / (READER if reads else VERIFIER)
    folder.mkdir(parents=True, exist_ok=True)
    if precision is Precision.int8:
        model = _in_8_bits(model)
    if precision in (Precision.int8, Precision.weights8):
        _round(model)
    elif precision is Precision.float16:
        _halve(model)
    for node in model.graph.node:
        node.ClearField("name")
    target.write_bytes(model.SerializeToString())
    return target


def read_weights(path: Path, network: nn.Module) -> dict[str, torch.Tensor]:
    """The state of a network like this one, from a file made with any precision but `int8`.

    Training can resume from the shipped weights. Raises ValueError for a file with other weights.
    """
    model = onnx.load(str(path))
    held = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Cast" and node.input[0] in held:
            held[node.output[0]] = held[node.input[0]].astype(np.float32)
        elif node.op_type == "Mul" and set(node.input) <= held.keys():
            held[node.output[0]] = held[node.input[0]] * held[node.input[1]]
    # The exporter transposes and renumbers a layer's matrices: they come in order of use.
    turned = [held[node.input[1]] for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in held]
    layered = [name for name in network.state_dict() if name.endswith(".weight") and name.split(".")[-2] in PRODUCTS]
    # A head over all tokens is such a matrix too; one over the <s> token keeps its name.
    names = [*layered, *(name for name in ("span.weight",) if name in network.state_dict())]
    if len(turned) != len(names):
        raise ValueError(f"{path}: {len(turned)} matrices, this network has {len(names)}")
    held |= {name: array.T for name, array in zip(names, turned, strict=True)}
    return {name: torch.from_numpy(np.array(held[name], np.float32)) for name in network.state_dict()}


def graph(network: nn.Module, outputs: list[str]) -> ModelProto:
    """A network over `words` (batch, tokens, width) and `mask` (batch, tokens) as a graph, its weights inside."""
    width = next(weight for name, weight in network.named_parameters() if name.endswith("positions")).shape[1]
    words, mask = torch.randn(2, 7, width), torch.ones(2, 7, dtype=torch.bool)
    free = {0: "batch", 1: "tokens"}
    axes = {"words": free, "mask": free, "spans": free}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter warns that it is deprecated, and that sizes become constants: the heads' width, which is one.
        warnings.simplefilter("ignore")
        path = Path(folder) / "graph.onnx"
        torch.onnx.export(
            network,
            (words, mask),
            str(path),
            input_names=["words", "mask"],
            output_names=outputs,
            dynamic_axes={name: axes.get(name, {0: "batch"}) for name in ("words", "mask", *outputs)},
            opset_version=OPSET,
            dynamo=False,
        )
        return onnx.load(str(path))


def _move_out(weight: TensorProto, name: str, offset: int, length: int) -> None:
    weight.ClearField("raw_data")
    weight.ClearField("float_data")
    weight.name = name
    weight.data_location = TensorProto.EXTERNAL
    for key, value in (("location", FILE), ("offset", offset), ("length", length)):
        weight.external_data.add(key=key, value=str(value))


def _rename(model: ModelProto, names: dict[str, str]) -> None:
    """Rename the weights; nodes lose their names, and what flows between them is numbered: the file is a third."""
    kept = {value.name for value in (*model.graph.input, *model.graph.output)}
    for node in model.graph.node:
        node.ClearField("name")
        for places in (node.input, node.output):
            for row, name in enumerate(places):
                if name and name not in kept:
                    places[row] = names.setdefault(name, str(len(names)))
    del model.graph.value_info[:]


def _in_8_bits(model: ModelProto) -> ModelProto:
    """Make products with weights in 8 bits, with one scale per column of a matrix.

    Weights get 7 bits (`reduce_range`): with 8 the sum of two products overflows on processors without VNNI. They are
    signed: onnxruntime is twice as fast as with unsigned ones.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kept = [node.name for node in model.graph.node if any(part in node.name for part in IN_32_BITS)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reader.onnx"
        quantize_dynamic(
            model,
            path,
            op_types_to_quantize=["MatMul", "Gemm"],
            nodes_to_exclude=kept,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(str(path))


def _round(model: ModelProto) -> None:
    """Store large 32-bit matrices in 8 bits, with one scale per column; they are widened to 32 bits at loading."""
    made: list[NodeProto] = []
    scales: list[TensorProto] = []
    for weight in _large(model):
        name, array = weight.name, numpy_helper.to_array(weight)
        scale = np.maximum(np.abs(array).max(axis=0), 1e-12).astype(np.float32) / np.float32(127)
        weight.CopyFrom(numpy_helper.from_array(np.rint(array / scale).astype(np.int8), name + ".whole"))
        scales.append(numpy_helper.from_array(scale, name + ".scale"))
        made.append(helper.make_node("Cast", [name + ".whole"], [name + ".wide"], to=TensorProto.FLOAT))
        made.append(helper.make_node("Mul", [name + ".wide", name + ".scale"], [name]))
    model.graph.initializer.extend(scales)
    _put_first(model, made)


def _halve(model: ModelProto) -> None:
    """Store large matrices in 16 bits; they are widened to 32 bits at loading."""
    made: list[NodeProto] = []
    for weight in _large(model):
        name = weight.name
        half = numpy_helper.to_array(weight).astype(np.float16)
        weight.CopyFrom(numpy_helper.from_array(half, name + ".half"))
        made.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    _put_first(model, made)


def _large(model: ModelProto) -> list[TensorProto]:
    """The large 32-bit matrices used in products; positions, which are added, are not."""
    factors = {name for node in model.graph.node if node.op_type in ("MatMul", "Gemm") for name in node.input}
    return [
        weight
        for weight in model.graph.initializer
        if weight.name in factors and weight.data_type == TensorProto.FLOAT and np.prod(weight.dims) > LARGE
    ]


def _put_first(model: ModelProto, made: list[NodeProto]) -> None:
    nodes = [*made, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _known_vector(embedder: EmbedderNetwork, pack: Pack) -> list[float]:
    (ids,) = Tokenizer(pack).ids([KNOWN])
    row = np.array([[pack.begin, *ids, pack.end]])
    with torch.inference_mode():
        vector = embedder(torch.from_numpy(pack.word_vectors(row)), torch.ones(row.shape, dtype=torch.bool))[0]
    return [float(x) for x in vector / vector.norm()]
