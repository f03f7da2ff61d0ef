"""Rewrite an OpenVINO model so that its linear layers compute in 8-bit integers.

Weights are rounded once, each row to 255 levels. Their inputs are rounded while the model runs, each token by its own
largest value (OpenVINO's dynamic quantization), so no articles are needed to calibrate. The values of the attention
keep their precision: rounding them moved the outputs as much as rounding all the rest, for a twelfth of the work.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

_LEVELS = 127  # either side of zero
_SMALLEST = 16  # a head of a few outputs decides much and costs nothing: it keeps its precision


def compress(model: Any) -> int:  # noqa: ANN401 - an openvino.Model; openvino is optional and imported late
    """Replace the weights of the linear layers by int8 and return the group size to run them with; 0: there are none.

    A group is as many values of a token as share one scale: the most that divides every layer's input.
    """
    from openvino import opset13 as ops

    widths = []
    for layer, weights in _linear_layers(model):
        scale = np.abs(weights).max(axis=1, keepdims=True) / _LEVELS
        scale[scale == 0] = 1
        rounded = ops.constant(np.rint(weights / scale).astype(np.int8))
        restored = ops.multiply(ops.convert(rounded, "f32"), ops.constant(scale))
        layer.input(1).replace_source_output(restored.output(0))
        widths.append(weights.shape[1])
    return math.gcd(*widths)


def _linear_layers(model: Any) -> Iterator[tuple[Any, np.ndarray]]:  # noqa: ANN401 - as above
    nodes = model.get_ordered_ops()
    values = {_layer_of_values(node) for node in nodes if node.get_type_name() == "ScaledDotProductAttention"}
    for node in nodes:
        if node.get_type_name() != "MatMul" or node.get_friendly_name() in values:
            continue
        source = node.input_value(1).get_node()
        is_weights = source.get_type_name() == "Constant" and node.get_attributes()["transpose_b"]
        if is_weights and len(source.shape) == 2 and min(source.shape) >= _SMALLEST:
            yield node, np.array(source.data, dtype=np.float32)


def _layer_of_values(attention: Any) -> str | None:  # noqa: ANN401 - as above
    """Return the name of the linear layer that makes an attention's values; None if it is not made by one."""
    node = attention.input_value(2).get_node()
    while node.get_type_name() in ("Reshape", "Transpose", "Add"):
        node = node.input_value(0).get_node()
    return str(node.get_friendly_name()) if node.get_type_name() == "MatMul" else None
