"""Where candidate programs come from: the models by name, each imported only when it is asked for.

Another package adds one as an entry point of the group `neurosym.models`: a callable that is given what follows
`NAME:` in the specification and returns a `Model`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from neurosym.errors import UsageError
from neurosym.models.base import Candidate, LineCheck, LineVerdict, Model, Request

__all__ = ["Candidate", "LineCheck", "LineVerdict", "Model", "Request", "load"]

MODELS = {
    "openai": "neurosym.models.openai:OpenAIModel.parse",
    "openvino": "neurosym.models.transformers:TransformersModel.by_openvino",
    "recorded": "neurosym.models.recorded:RecordedModel",
    "transformers": "neurosym.models.transformers:TransformersModel",
}
"""Name -> where its factory is; it takes the rest of the specification."""


def load(spec: str | None = None) -> Model:
    """The model that `spec` names; its weights are loaded at first use.

    None, "default"          the embedded model, or the one that NEUROSYM_MODEL names
    "recorded:FILE"          a recording
    "openai:MODEL@URL"       a model on a server
    "openvino:MODEL"         a folder or a hub name, or without MODEL the default, run by OpenVINO on the CPU
    "NAME:..."               a model that another package adds
    a folder, a hub name     any causal model that transformers loads

    Raises UsageError where it names none.
    """
    if spec is None or spec == "default":
        return _factory(MODELS["transformers"])(None)
    kind, colon, rest = spec.partition(":")
    if colon and kind in MODELS:
        return _factory(MODELS[kind])(rest)
    if colon and (added := tuple(entry_points(group="neurosym.models", name=kind))):
        return cast(Model, added[0].load()(rest))
    if (spec and Path(spec).expanduser().is_dir()) or re.fullmatch(r"[\w.-]+(/[\w.-]+)?", spec):
        return _factory(MODELS["transformers"])(spec)
    known = ", ".join(f"{name}:..." for name in sorted({*MODELS, *entry_points(group="neurosym.models").names}))
    raise UsageError(f"there is no model {spec!r}: give 'default', a folder, a hub name (OWNER/NAME), or {known}")


def _factory(where: str) -> Callable[[str | None], Model]:
    module, _, path = where.partition(":")
    found = import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return cast(Callable[[str | None], Model], found)
