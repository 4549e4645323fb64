"""A model's parts in a file: a compressed .npz without code.

Format 2 added larger labels (`*_coarser`), thresholds and places; files of format 1 are read as having none.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from zipfile import BadZipFile
from zlib import error as BadDeflate

import numpy as np

from services.routing.classifier.heads import Head
from services.routing.classifier.places import Places
from services.routing.classifier.vectors import Vocabulary

FORMAT = 2
FORMATS_READ = (1, 2)
Thresholds = Mapping[str, Mapping[float, float]]


class Parts(NamedTuple):
    """What a model consists of."""

    vocabulary: Vocabulary
    topic: Head
    agency: Head | None
    thresholds: Thresholds
    places: Places | None


def pack(parts: Parts) -> bytes:
    """The file's content; depends on the parts alone."""
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "buckets": parts.vocabulary.buckets,
        "idf": parts.vocabulary.idf.astype(np.float16),
        **_thresholds_as_arrays(parts.thresholds),
        **_places_as_arrays(parts.places),
        **_head_as_arrays(parts.topic, "topic"),
        **(_head_as_arrays(parts.agency, "agency") if parts.agency else {}),
    }
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack(data: bytes) -> Parts:
    """The parts. ValueError for what is no model of a known format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _read_parts(arrays)
    except (KeyError, TypeError, AttributeError, EOFError, OSError, BadZipFile, BadDeflate) as error:
        raise ValueError(f"This is no model: {error}") from None


def _read_parts(arrays: Mapping[str, Any]) -> Parts:
    if int(arrays["format"]) not in FORMATS_READ:
        raise ValueError("The model has another format.")
    topic = _read_head(arrays, "topic")
    if topic is None:
        raise ValueError("The model holds no topics.")
    vocabulary = Vocabulary(arrays["buckets"], arrays["idf"].astype(np.float32))
    return Parts(
        vocabulary, topic, _read_head(arrays, "agency"), _read_thresholds(arrays), _read_places(arrays)
    )


def _head_as_arrays(head: Head, name: str) -> dict[str, Any]:
    arrays = {
        f"{name}_labels": np.array(head.labels),
        f"{name}_weights": head.weights,
        f"{name}_scale": head.scale,
        f"{name}_bias": head.bias,
        f"{name}_calibration": np.array([head.temperature, head.doubt]),
    }
    for kind, weights in (("topic", head.topic_weights), ("place", head.place_weights)):
        if weights is not None:
            arrays[f"{name}_{kind}_weights"] = weights.astype(np.float16)
    if head.coarser:
        arrays[f"{name}_coarser"] = np.array(head.coarser)
    return arrays


def _read_head(arrays: Mapping[str, Any], name: str) -> Head | None:
    if f"{name}_labels" not in arrays:
        return None
    coarser = f"{name}_coarser"
    temperature, doubt = arrays[f"{name}_calibration"].tolist()
    return Head(
        labels=tuple(str(label) for label in arrays[f"{name}_labels"]),
        weights=np.ascontiguousarray(arrays[f"{name}_weights"]),
        scale=arrays[f"{name}_scale"],
        bias=arrays[f"{name}_bias"],
        temperature=temperature,
        doubt=doubt,
        topic_weights=_read_small(arrays, f"{name}_topic_weights"),
        place_weights=_read_small(arrays, f"{name}_place_weights"),
        coarser=tuple(str(label) for label in arrays[coarser]) if coarser in arrays else (),
    )


def _read_small(arrays: Mapping[str, Any], name: str) -> Any:
    return arrays[name].astype(np.float32) if name in arrays else None


def _places_as_arrays(places: Places | None) -> dict[str, Any]:
    if places is None:
        return {}
    pairs = [(name, stem) for name, stems in places.stems.items() for stem in stems]
    return {"place_names": np.array(places.names), "place_stems": np.array(pairs)}


def _read_places(arrays: Mapping[str, Any]) -> Places | None:
    if "place_names" not in arrays:
        return None
    stems: dict[str, list[str]] = {name: [] for name in arrays["place_names"].tolist()}
    for name, stem in arrays["place_stems"].tolist():
        stems[name].append(stem)
    return Places(stems)


def _thresholds_as_arrays(thresholds: Thresholds) -> dict[str, Any]:
    rows = [
        (kind, precision, score)
        for kind, by_precision in thresholds.items()
        for precision, score in by_precision.items()
    ]
    if not rows:
        return {}
    return {
        "threshold_kinds": np.array([kind for kind, *_ in rows]),
        "threshold_values": np.array([values for _, *values in rows], np.float64),
    }


def _read_thresholds(arrays: Mapping[str, Any]) -> Thresholds:
    found: dict[str, dict[float, float]] = {}
    if "threshold_kinds" in arrays:
        pairs = zip(arrays["threshold_kinds"].tolist(), arrays["threshold_values"].tolist(), strict=True)
        for kind, (precision, score) in pairs:
            found.setdefault(kind, {})[precision] = score
    return MappingProxyType({kind: MappingProxyType(values) for kind, values in found.items()})
