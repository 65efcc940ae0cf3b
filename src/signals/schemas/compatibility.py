"""Check whether a changed schema is still good for those who use the old one.

Inputs: whatever producers wrote under the old schema must be accepted, and read, under the new one. Outputs: whatever
we write under the new schema must be readable by who knows the old one. Both are one question with the roles swapped:
does the *reader's* schema accept all that the *writer's* allows? Only the keywords that our generator emits are known;
any other keyword that differs counts as incompatible, so the check errs on the safe side.
"""

from dataclasses import dataclass, field

from signals.schemas.documents import Direction, JsonSchema

_PROSE = frozenset(
    {"title", "description", "default", "examples", "$schema", "$id", "$defs", "discriminator", "x-class"}
)
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_HANDLED = (
    {"type", "enum", "const", "properties", "required", "items", "prefixItems", "additionalProperties", "propertyNames"}
    | {"anyOf", "oneOf", "allOf", "$ref"}
    | set(_LOWER)
    | set(_UPPER)
)


def incompatibilities(old: JsonSchema, new: JsonSchema, direction: Direction) -> list[str]:
    """Return what breaks for users of *old*, one sentence each with the path; empty when compatible.

    New fields in outputs, new optional fields and new kinds in inputs, wider bounds and new enum values in inputs are
    compatible. A new enum value in an output is too: readers are told to expect values they do not know.
    """
    if direction == "input":
        return _Comparison(writer_root=old, reader_root=new, direction=direction).problems(old, new, "")
    return _Comparison(writer_root=new, reader_root=old, direction=direction).problems(new, old, "")


@dataclass
class _Comparison:
    writer_root: JsonSchema
    reader_root: JsonSchema
    direction: Direction
    seen: set[tuple[str, str]] = field(default_factory=set)

    def problems(self, writer: JsonSchema, reader: JsonSchema, path: str) -> list[str]:
        """Return why *reader* would not take all that *writer* allows."""
        pair = (str(writer.get("$ref")), str(reader.get("$ref")))
        if "$ref" in writer and "$ref" in reader:
            if pair in self.seen:
                return []
            self.seen.add(pair)
        writers, readers = _options(writer, self.writer_root), _options(reader, self.reader_root)
        found: list[str] = []
        for option in writers:
            found += self._best_match(option, readers, path)
        if self.direction == "output":
            found += [
                f"{path}: {_name(option)} is not written any more"
                for option in readers
                if _kind(option) and _kind(option) not in {_kind(other) for other in writers}
            ]
        return found

    def _best_match(self, option: JsonSchema, readers: list[JsonSchema], path: str) -> list[str]:
        """Return the problems with the closest of *readers*; none when one of them fits."""
        if kind := _kind(option):
            path = f"{path}<{kind}>"
            readers = [other for other in readers if _kind(other) == kind]
        else:
            readers = [other for other in readers if _same_type(option, other)] or readers[:1]
        if not readers:
            return [f"{path}: removed"]
        return min((self._single(option, other, path) for other in readers), key=len)

    def _single(self, writer: JsonSchema, reader: JsonSchema, path: str) -> list[str]:
        if not _same_type(writer, reader):
            return [f"{path}: type changed from {_type(writer)} to {_type(reader)}"]
        found = self._values(writer, reader, path) + _bounds(writer, reader, path)
        found += self._object(writer, reader, path) + self._array(writer, reader, path)
        for key in sorted((set(writer) | set(reader)) - _HANDLED - _PROSE):
            if reader.get(key) not in (None, writer.get(key)):
                found.append(f"{path}: {key} differs ({writer.get(key)!r}, {reader.get(key)!r})")
        return found

    def _values(self, writer: JsonSchema, reader: JsonSchema, path: str) -> list[str]:
        allowed, written = reader.get("enum"), writer.get("enum")
        if allowed is None or (self.direction == "output" and written is not None):
            return []
        if written is None:
            return [f"{path}: limited to {allowed}"]
        gone = [value for value in written if value not in allowed]
        return [f"{path}: the values {gone} were removed"] if gone else []

    def _object(self, writer: JsonSchema, reader: JsonSchema, path: str) -> list[str]:
        found: list[str] = []
        ours, theirs = writer.get("properties", {}), reader.get("properties", {})
        old, new = (ours, theirs) if self.direction == "input" else (theirs, ours)
        found += [f"{path}.{name}: removed" for name in old if name not in new]
        for name in sorted(set(reader.get("required", ())) - set(writer.get("required", ()))):
            if self.direction == "input":
                found.append(f"{path}.{name}: is now required")
            elif name in ours:
                found.append(f"{path}.{name}: is not always written any more")
        for name in ours:
            if name in theirs:
                found += self.problems(ours[name], theirs[name], f"{path}.{name}")
        for key in ("additionalProperties", "propertyNames"):
            one, two = writer.get(key, True), reader.get(key, True)
            if isinstance(two, dict):
                found += self.problems(one if isinstance(one, dict) else {}, two, f"{path}.*")
            elif two is False and one is not False and not (ours or theirs):
                found.append(f"{path}: further names are refused")
        return found

    def _array(self, writer: JsonSchema, reader: JsonSchema, path: str) -> list[str]:
        found: list[str] = []
        if isinstance(writer.get("items"), dict) and isinstance(reader.get("items"), dict):
            found += self.problems(writer["items"], reader["items"], f"{path}[]")
        ours, theirs = writer.get("prefixItems", []), reader.get("prefixItems", [])
        if len(ours) < len(theirs):
            found.append(f"{path}: has {len(ours)} places, {len(theirs)} are read")
        for place, (one, two) in enumerate(zip(ours, theirs, strict=False)):
            found += self.problems(one, two, f"{path}[{place}]")
        return found


def _options(schema: JsonSchema, root: JsonSchema) -> list[JsonSchema]:
    """Return the alternatives a schema allows, with references followed."""
    if "$ref" in schema:
        return _options(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _options(schema["allOf"][0], root)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return [option for part in schema[key] for option in _options(part, root)]
    return [schema]


def _kind(schema: JsonSchema) -> str:
    """Return the tag of a tagged struct, empty for anything else."""
    values = schema.get("properties", {}).get("kind", {}).get("enum", [])
    return str(values[0]) if len(values) == 1 else ""


def _name(schema: JsonSchema) -> str:
    return _kind(schema) or str(schema.get("title", _type(schema)))


def _type(schema: JsonSchema) -> str:
    if "type" not in schema and "enum" in schema:
        return "string"
    return str(schema.get("type", "anything"))


def _same_type(writer: JsonSchema, reader: JsonSchema) -> bool:
    one, two = _type(writer), _type(reader)
    return two in (one, "anything") or (one == "integer" and two == "number")


def _bounds(writer: JsonSchema, reader: JsonSchema, path: str) -> list[str]:
    found = []
    for key in (*_LOWER, *_UPPER):
        limit, was = reader.get(key), writer.get(key)
        if limit is not None and (was is None or (limit > was if key in _LOWER else limit < was)):
            found.append(f"{path}: {key} is {limit}, was {'open' if was is None else was}")
    return found
