"""The metrics of a process, on one registry; what there is to count is declared in ``specs.py``."""

import platform
from collections.abc import Callable, Iterable
from importlib.metadata import version
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from signals.telemetry.specs import BUILD_INFO, SPECS


class Metrics:
    """All metrics on one registry; one instance per process.

    Parameters
    ----------
    registry
        Where they are registered; the wiring passes a fresh one, never the library's global one.

    Examples
    --------
    >>> metrics = Metrics(CollectorRegistry())
    >>> metrics.count("signals_suppressed", reason="cooldown")
    >>> metrics.value("signals_suppressed", reason="cooldown")
    1.0
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._specs = {spec.name: spec for spec in SPECS}
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for spec in SPECS:
            names = tuple(spec.labels)
            if spec.kind == "counter":
                self._counters[spec.name] = Counter(spec.name, spec.help, names, registry=registry)
            elif spec.kind == "gauge":
                self._gauges[spec.name] = Gauge(spec.name, spec.help, names, registry=registry)
            else:
                self._histograms[spec.name] = Histogram(
                    spec.name, spec.help, names, registry=registry, buckets=spec.buckets
                )
        build = Gauge(BUILD_INFO, "Version of signals and of Python.", ("version", "python"), registry=registry)
        build.labels(version("signals"), platform.python_version()).set(1)

    def count(self, name: str, amount: float = 1.0, /, **labels: str) -> None:
        """Add *amount* (>= 0) to a counter."""
        counter = self._counters[name]
        (counter.labels(**closed) if (closed := self._closed(name, labels)) else counter).inc(amount)

    def begin(self, name: str, /, **labels: str) -> None:
        """Show a counter as 0 for every value of the labels not named.

        A series that first appears as 25 has not increased, as Prometheus sees it: the first burst would be missed.
        """
        left = {label: values for label, values in self._specs[name].labels.items() if label not in labels}
        for values in product(*left.values()):
            self.count(name, 0, **labels, **dict(zip(left, values, strict=True)))

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """Set a gauge, in its unit."""
        gauge = self._gauges[name]
        (gauge.labels(**closed) if (closed := self._closed(name, labels)) else gauge).set(value)

    def add(self, name: str, amount: float, /, **labels: str) -> None:
        """Move a gauge up or down by *amount*."""
        gauge = self._gauges[name]
        (gauge.labels(**closed) if (closed := self._closed(name, labels)) else gauge).inc(amount)

    def follow(self, name: str, read: Callable[[], float], /, **labels: str) -> None:
        """Let a gauge be what *read* returns at each scrape; it must not block or raise."""
        gauge = self._gauges[name]
        (gauge.labels(**closed) if (closed := self._closed(name, labels)) else gauge).set_function(read)

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Add one observation to a histogram, in its unit."""
        histogram = self._histograms[name]
        (histogram.labels(**closed) if (closed := self._closed(name, labels)) else histogram).observe(value)

    def observe_all(self, name: str, values: Iterable[float], /) -> None:
        """Add many observations to a histogram without labels; it takes half the time of as many calls."""
        self._closed(name, {})
        observe = self._histograms[name].observe
        for value in values:
            observe(value)

    def value(self, name: str, /, **labels: str) -> float:
        """Return the present value of a counter or gauge; 0 when it was never touched. For tests and summaries."""
        sample = f"{name}_total" if name in self._counters else name
        return self.registry.get_sample_value(sample, labels) or 0.0

    def _closed(self, name: str, labels: dict[str, str]) -> dict[str, str]:
        declared = self._specs[name].labels
        if set(labels) != set(declared):
            raise ValueError(f"{name} has the labels {sorted(declared)}, got {sorted(labels)}")
        for label, value in labels.items():
            if value not in declared[label]:
                if "other" not in declared[label]:
                    raise ValueError(f"{name}: {label}={value!r} is not one of {', '.join(declared[label])}")
                labels[label] = "other"
        return labels
