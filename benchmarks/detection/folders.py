"""Folders of recorded data, read with a word where a line is no good, and folders of results that were used before."""

import csv
import gzip
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Unusable(Exception):
    """Data that cannot be measured; the text is one line for who started the run."""


def parsed(path: Path, columns: Sequence[str], parse: Callable[[dict[str, str]], T]) -> list[T]:
    """Return what *parse* makes of each line of a CSV file (perhaps gzipped), in order.

    Raises
    ------
    Unusable
        With file and line when *parse* raises `ValueError`; with the file when it has no such columns or no lines.
    """
    found: list[T] = []
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as file
        ):
            reader = csv.DictReader(file, restval="")
            if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
                raise Unusable(f"{path}: no column {', '.join(missing)}")
            for row in reader:
                try:
                    found.append(parse(row))
                except ValueError as error:
                    raise Unusable(f"{path}:{reader.line_num}: {error}") from error
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Unusable(f"{path}: cannot be read: {error}") from error
    if not found:
        raise Unusable(f"{path}: no lines")
    return found


def number(text: str) -> float:
    """Return a finite number."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {text!r}")
    return value


def cleared(out: Path, pattern: str, header: Sequence[str]) -> None:
    """Remove what an earlier run left below *out*: files of that name that begin with that very header, no others."""
    first = ",".join(header).encode()
    for path in list(out.rglob(pattern)) if out.is_dir() else ():
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            ours = file.readline().rstrip(b"\r\n") == first
        if ours:
            path.unlink()
