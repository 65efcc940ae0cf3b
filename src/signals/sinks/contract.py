"""What a sink is, and what is remembered of a delivery.

A sink turns one ``Delivery`` into calls to one service. It keeps nothing between calls: all it must remember to edit
what it posted is in the ``Sent`` it returns, which the caller stores in ``sent.<sink>`` and hands back with the
signal's next delivery to the same destination. So a sink may be restarted, moved or run twice at any time.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Protocol, runtime_checkable

import msgspec
from msgspec import Meta

from signals.domain.signal import Delivery
from signals.sinks.digest import Held

DIGEST_RECORD = "catch-up"
"""In place of a signal id: the record of the last digest in a destination. Ids of signals have no hyphen."""

Clock = Callable[[], datetime]
"""Returns the present instant, aware. Passed in by the wiring; sinks never read a clock themselves."""


class Sent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last delivery of one signal to one destination: the record of ``sent.<sink>``.

    One signal may go to several destinations of a sink, so the record belongs to the pair (``signal_id``,
    ``destination``); see ``key``. ``seq`` is the highest delivered: a delivery whose ``seq`` is not above it is a
    repeat.
    """

    signal_id: str
    seq: Annotated[int, Meta(ge=1)]
    sink: str
    destination: str
    ref: dict[str, str]
    """Where the service keeps it: ``channel`` and ``ts`` for Slack, ``task`` and ``company`` for a CRM. No secrets."""
    at: datetime
    """When the service answered."""
    severity: str = ""
    """Severity last shown; with ``owner`` and ``band`` it decides whether an update deserves a line in the thread."""
    owner: str = ""
    band: str = ""
    """Order of magnitude and rounding class of the decisive number last shown (see ``card.decisive_band``)."""
    status: str = ""
    """``open`` or ``resolved``, as last shown."""
    digest: str = ""
    """Of the card last shown: an equal one needs no call."""
    held: str = ""
    """JSON of ``digest.Held``: what a destination's last digest shows; in its record (see ``DIGEST_RECORD``) only."""

    @property
    def in_digest(self) -> bool:
        """Whether the signal was shown in a digest only and has no card of its own."""
        return "digest" in self.ref

    @property
    def key(self) -> tuple[str, str]:
        """Signal and destination: what the record is stored under."""
        return self.signal_id, self.destination


class Sink(Protocol):
    """One service that is told about signals. Re-entrant: ``send`` may run many times at once on one instance."""

    @property
    def name(self) -> str:
        """Topic suffix and metric label: ``slack``, ``crm`` or ``webhook``."""

    async def start(self) -> None:
        """Open connections. Called once before the first ``send``, in the event loop that will send.

        Raises
        ------
        Transient, Permanent
            The service cannot be used as configured (for example a refused token).
        """

    async def stop(self) -> None:
        """Close everything; nothing is left running. Called at any time, also twice and without ``start``."""

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Show *delivery* to people or systems and return what to remember. Called once per attempt.

        Parameters
        ----------
        delivery
            One transition for one destination; its ``seq`` is above that of *sent*.
        sent
            What the previous ``send`` for the same signal and destination returned; None when there was none.
        redelivered
            True when an earlier attempt may have reached the service without being recorded (first messages of a
            partition after a start, and every attempt after one that failed half-way). The sink then looks whether
            the service already has it. It also looks when *sent* is None and this is not the signal's first step: an
            opening that became a dead letter may have arrived.

        Raises
        ------
        Transient
            The same call may work later, not before ``after``.
        Permanent
            The same call will always fail.
        """


@runtime_checkable
class Paced(Protocol):
    """A sink that can say when its next call to a destination may be made; others are always ready.

    What waits for its turn outside of the sink can still be overtaken by news of the same signal.
    """

    async def turn(self, destination: str) -> None:
        """Return when a call to *destination* may be made now. Books nothing."""


@runtime_checkable
class Digests(Protocol):
    """A sink that can show one digest instead of many stale cards."""

    async def shown(self, delivery: Delivery) -> bool:
        """Whether the signal has a card at its destination already, posted without a record of it.

        Raises
        ------
        Transient, Permanent
            As ``Sink.send``.
        """

    async def send_digest(
        self, destination: str, held: Held, ref: Mapping[str, str], *, redelivered: bool = False
    ) -> dict[str, str]:
        """Show *held*, in place of what stands at *ref* (empty: as a new message), and return where it is.

        *redelivered* and what is raised are those of ``Sink.send``.
        """
