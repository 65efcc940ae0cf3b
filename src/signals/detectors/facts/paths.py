"""The ordered expansion paths of the use cases (catalogue 11.3) and what fills a step of them.

A step is a tuple of products any of which fills it; the first is the one offered.
"""

from collections.abc import Mapping

Step = tuple[str, ...]
Path = tuple[Step, ...]


def _path(*steps: str | Step) -> Path:
    return tuple((step,) if isinstance(step, str) else step for step in steps)


PIPELINES: Step = ("pipelines", "cdp_destinations", "batch_exports")

PATHS: Mapping[str, Path] = {
    "pi": _path("product_analytics", "session_replay", "surveys", "experiments", "workflows"),
    "release": _path("feature_flags", "experiments", "session_replay"),
    "observability": _path("error_tracking", "session_replay", "logs", "product_analytics"),
    "growth": _path("web_analytics", "marketing_analytics", "product_analytics", "experiments", "feature_flags",
                    PIPELINES, "workflows", "surveys"),
    "ai": _path("ai_observability", "ai_evals", "product_analytics", "experiments", "error_tracking",
                "session_replay"),
    "data": _path("data_warehouse", "product_analytics", "batch_exports"),
    "cx": _path("product_analytics", "session_replay", "error_tracking", ("logs", "ai_observability"), "surveys"),
}  # fmt: skip
"""Use case -> its path. A playbook's path goes before the coverage matrix (catalogue 15, no. 57)."""

ALTERNATES: Mapping[str, tuple[Path, ...]] = {
    "ai": (
        _path("product_analytics", "ai_observability", "ai_evals", "experiments"),
        _path("error_tracking", "ai_evals", "ai_observability"),
    ),
    "data": (
        _path("cdp_destinations", "data_warehouse"),
        _path("product_analytics", "data_warehouse"),
    ),
    "cx": (_path("session_replay", "product_analytics", "error_tracking", "group_analytics"),),
}
"""Use case -> paths that begin with another product, walked first where that product was the first one used."""

ALONGSIDE: Mapping[str, tuple[str, ...]] = {
    "pi": ("group_analytics", "ai_evals"),
    "release": ("ai_evals",),
    "growth": ("session_replay",),
    "ai": ("feature_flags",),
    "cx": ("group_analytics",),
}
"""Use case -> products that belong to it beside its path: groups for B2B, evals for AI, what its rows offer."""

SAME: Mapping[str, Step] = {"session_replay": ("session_replay", "mobile_replay")}
"""Product -> products whose use is use of it."""

REPLAY = frozenset({"session_replay", "mobile_replay"})

MATRIX = frozenset(
    {
        "product_analytics", "session_replay", "mobile_replay", "feature_flags", "experiments", "error_tracking",
        "surveys", "web_analytics", "marketing_analytics", "workflows", "ai_observability", "ai_evals",
        "data_warehouse", "logs", *PIPELINES,
    }
)  # fmt: skip
"""Products with a use case (catalogue 11.2): add-ons, packages and what serves them all say nothing."""


def walk(use_case: str, entry: str | None) -> Path:
    """Return the steps for a use case: the alternate that the entry product begins, if any, then the main path.

    >>> [step[0] for step in walk("data", "cdp_destinations")]
    ['cdp_destinations', 'data_warehouse', 'product_analytics', 'batch_exports']
    """
    first: Path = next((path for path in ALTERNATES.get(use_case, ()) if path[0][0] == entry), ())
    return (*first, *(step for step in PATHS[use_case] if step not in first))


def products_of(use_case: str) -> frozenset[str]:
    """Return every product of a use case: of its path, its alternates, and those alongside."""
    paths = (PATHS[use_case], *ALTERNATES.get(use_case, ()))
    return frozenset(product for path in paths for step in path for product in step) | {*ALONGSIDE.get(use_case, ())}
