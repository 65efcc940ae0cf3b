"""Where the parts of a rule stand in its file, for the faults found in them."""

from collections.abc import Callable, Mapping

from signals.detectors.rules.yaml_lines import LineMap, Loc


class Places:
    """Where the parts of one rule stand: its own lines, but those of the override for what was overridden."""

    def __init__(self, lines: LineMap, loc: Loc, overridden: Mapping[Loc, str]) -> None:
        self.lines, self.loc, self.overridden = lines, loc, overridden

    def where(self, path: Loc = ()) -> str:
        """Return ``file:line`` of a path below the rule."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                return self.overridden[path[:length]]
        return self.lines.where((*self.loc, *path))

    def below(self, path: Loc) -> Callable[[Loc], str]:
        """Return ``where`` for what stands below a path."""
        return lambda rest: self.where((*path, *rest))
