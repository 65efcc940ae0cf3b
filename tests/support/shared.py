"""The shared reading folder: contracts and data that users of the project do not have."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def shared_path(*parts: str) -> Path:
    """Return a path in the shared folder (``SIGNALS_SHARED``, by default ``../shared`` beside the checkout)."""
    folder = Path(os.environ.get("SIGNALS_SHARED") or ROOT.parent / "shared")
    return (folder if folder.is_absolute() else ROOT / folder).resolve().joinpath(*parts)


def needs_shared(*parts: str) -> Path:
    """Return a path in the shared folder, or skip the test with a clear word when it is not there."""
    path = shared_path(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} is not in the shared folder (SIGNALS_SHARED)")
    return path
