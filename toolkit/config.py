"""YAML files to strict objects, with errors that name the file, the key, what was found and what is allowed."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.types import ConfigError

Schema = TypeVar("Schema", bound=BaseModel)


class StrictModel(BaseModel):
    """A config block: unknown keys are errors and no value is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key may stand only once in its block."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem=f"key {key!r} must be text", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} stands twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=True)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ConfigError: the file is missing, not UTF-8, not YAML, not a mapping, or holds a key twice.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise ConfigError(f"{path}: cannot read it: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8; save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not valid YAML: {getattr(error, 'problem', None) or error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: found {type(content).__name__}, expected a mapping of keys to values")
    return content


def load_config(path: Path, schema: type[Schema], overrides: Sequence[str] = ()) -> Schema:
    """Read a YAML file into ``schema``; overrides as in ``read_overridden``.

    Raises:
        ConfigError: as ``read_overridden``, and when a key is unknown, missing, or has a wrong value.
    """
    return validate(read_overridden(path, overrides), schema, path=str(path))


def read_overridden(path: Path, overrides: Sequence[str]) -> dict[str, Any]:
    """Read a YAML file for ``validate``; each override ``key.path=value`` (value in YAML) replaces one value.

    Raises:
        ConfigError: as ``read_yaml``, and when an override is not ``key.path=value``.
    """
    content = read_yaml(path)
    for override in overrides:
        _apply(content, override)
    return content


def validate(content: object, schema: type[Schema], *, path: str) -> Schema:
    """Check a mapping against ``schema``; all mistakes are named in one ``ConfigError``, one a line."""
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        lines = [_explain(problem, schema) for problem in error.errors()]
        raise ConfigError("\n".join(f"{path}: {line}" for line in lines)) from None


def _apply(content: dict[str, Any], override: str) -> None:
    name, equals, value = override.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"--set {override}: write key.path=value")
    *parents, last = name.strip().split(".")
    block = content
    for depth, parent in enumerate(parents, start=1):
        inner = block.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {'.'.join(parents[:depth])} is {inner!r}, not a block of keys")
        block = inner
    try:
        block[last] = yaml.load(value, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        raise ConfigError(f"--set {override}: {value!r} is not valid YAML") from None


def nearest(found: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the closest of ``known``, or nothing."""
    close = difflib.get_close_matches(found, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def _explain(problem: Mapping[str, Any], schema: type[BaseModel]) -> str:
    where = problem["loc"]
    name = ".".join(_named(where, schema)) or "the file"
    match problem["type"]:
        case "extra_forbidden":
            known = _known_keys(schema, where[:-1])
            return f"{name} is unknown; known: {', '.join(known)}{nearest(str(where[-1]), known)}"
        case "missing":
            return f"{name} is missing"
        case "union_tag_invalid":
            context = problem["ctx"]
            known = context["expected_tags"].replace("'", "")
            return f"{name}.kind is {context['tag']!r}; known: {known}"
        case "union_tag_not_found":
            return f"{name}.kind is missing"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{name} is {problem['input']!r}: {message[:1].lower()}{message[1:]}"


def _named(where: Sequence[int | str], schema: type[BaseModel]) -> list[str]:
    """Return a path as the file has it: pydantic's also names the kind that it chose, which is no key there."""
    names: list[str] = []
    block: Any = schema
    for part in where:
        fields = getattr(block, "model_fields", {})
        if part not in fields and (member := _member(block, str(part))) is not None:
            block = member
            continue
        block = fields[part].annotation if part in fields else None
        names.append(str(part))
    return names


def _known_keys(schema: type[BaseModel], where: Sequence[int | str]) -> list[str]:
    block: Any = schema
    for part in where:
        fields = getattr(block, "model_fields", {})
        # In a union told apart by kind, pydantic's path names the kind, which is no field: stay at the same block.
        block = fields[part].annotation if part in fields else _member(block, str(part)) or block
    return sorted(getattr(block, "model_fields", {}))


def _member(union: object, kind: str) -> type[BaseModel] | None:
    for member in getattr(union, "__args__", ()):
        field = getattr(member, "model_fields", {}).get("kind")
        if field is not None and field.default == kind:
            return member  # type: ignore[no-any-return]
    return None
