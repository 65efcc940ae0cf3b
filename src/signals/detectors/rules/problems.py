"""Collects what is wrong with packs, so that a writer sees all of a file at once."""

from signals.domain.errors import ConfigError, PackError


class PackErrors(PackError):
    """Several faults; ``errors`` holds them in file order, ``where`` is the first one's, ``str`` a line for each."""

    def __init__(self, errors: tuple[ConfigError, ...]) -> None:
        first = errors[0]
        super().__init__(first.where, first.problem, first.valid)
        self.errors = errors
        self.args = ("\n".join(str(error) for error in errors),)


class Problems:
    """Faults found so far."""

    def __init__(self) -> None:
        self.found: list[ConfigError] = []

    def add(self, where: str, problem: str, valid: str = "") -> None:
        """Keep one fault and go on."""
        self.found.append(PackError(where, problem, valid))

    def raise_any(self) -> None:
        """Raise ``PackError`` for one fault, ``PackErrors`` for several; nothing for none."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise PackErrors(tuple(self.found))
