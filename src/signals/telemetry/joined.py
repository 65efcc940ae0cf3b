"""One metrics page for a group of processes: each role's own page, with the label ``role`` added to every sample."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector, CollectorRegistry

Pages = Callable[[], Mapping[str, str]]
"""Returns, per role, the text of its metrics page as last read. Called on each scrape; must not block."""


class JoinedPages(Collector):
    """Show the pages of several processes as one.

    A role whose page is missing is left out; ``signals_role_up`` says so with 0.
    """

    def __init__(self, roles: Iterable[str], pages: Pages) -> None:
        self._roles, self._pages = tuple(roles), pages

    def collect(self) -> Iterator[Metric]:
        """Yield every family once, its samples of all roles together (the format forbids a family twice)."""
        pages = self._pages()
        families: dict[str, Metric] = {}
        for role in self._roles:
            for family in text_string_to_metric_families(pages.get(role, "")):
                joined = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    joined.add_sample(
                        sample.name, {**sample.labels, "role": role}, sample.value, sample.timestamp, sample.exemplar
                    )
        yield from families.values()
        up = Metric("signals_role_up", "1 when the role's own page was read at the last look.", "gauge")
        for role in self._roles:
            up.add_sample("signals_role_up", {"role": role}, 1.0 if pages.get(role) else 0.0)
        yield up


def joined_registry(roles: Iterable[str], pages: Pages) -> CollectorRegistry:
    """Return a registry that holds only the joined pages."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(JoinedPages(roles, pages))
    return registry
