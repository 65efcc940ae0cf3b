"""What scrolls by in a terminal, kept readable: a rule's first card whole, then one line each; no silent edits."""

from rich.console import Console
from rich.text import Text

from signals.domain.reasons import Change
from signals.domain.signal import Delivery, Transition
from signals.sinks.appearance import Appearance
from signals.sinks.card import build_card, sent_state
from signals.sinks.contract import Clock, Sent, Sink
from signals.sinks.safety import clean

_STYLE = {
    Change.OPENED: "bold",
    Change.ESCALATED: "bold yellow",
    Change.REMINDED: "yellow",
    Change.RESOLVED: "green",
    Change.REOPENED: "bold",
    Change.UPDATED: "",
}


class FirstOfRule:
    """Wraps the terminal's Slack: shows the first card of each rule whole and every later step as a line.

    Silent edits print nothing, as they would notify nobody in Slack. See ``sinks.contract.Sink``.
    """

    def __init__(self, inner: Sink, appearance: Appearance, *, console: Console, clock: Clock) -> None:
        self._inner, self._appearance, self._console, self._clock = inner, appearance, console, clock
        self._shown: set[str] = set()

    @property
    def name(self) -> str:
        """That of the wrapped sink."""
        return self._inner.name

    async def start(self) -> None:
        """Start the wrapped sink."""
        await self._inner.start()

    async def stop(self) -> None:
        """Stop the wrapped sink."""
        await self._inner.stop()

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Show the card whole the first time its rule has one, else a line."""
        transition = delivery.transition
        if transition.rule not in self._shown and sent is None and transition.status == "open":
            self._shown.add(transition.rule)
            return await self._inner.send(delivery, sent, redelivered=redelivered)
        card = build_card(transition, sent, self._appearance)
        if transition.change is not Change.UPDATED:
            self._console.print(self._line(transition, delivery.destination), overflow="ellipsis", no_wrap=True)
        return _sent(self.name, delivery, self._clock, sent_state(card, transition))

    def _line(self, transition: Transition, destination: str) -> Text:
        """Return date, change, channel and headline."""
        return Text.assemble(
            (f"{transition.at:%Y-%m-%d} ", "grey58"),
            (f"{transition.change.value:9} ", _STYLE[transition.change]),
            (f"#{destination.removeprefix('#'):15} ", "cyan"),
            clean(transition.headline),
        )


class WithoutEdits:
    """Wraps the terminal's CRM: an edit of a task that is open already prints nothing."""

    def __init__(self, inner: Sink, appearance: Appearance, *, clock: Clock) -> None:
        self._inner, self._appearance, self._clock = inner, appearance, clock

    @property
    def name(self) -> str:
        """That of the wrapped sink."""
        return self._inner.name

    async def start(self) -> None:
        """Start the wrapped sink."""
        await self._inner.start()

    async def stop(self) -> None:
        """Stop the wrapped sink."""
        await self._inner.stop()

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Print what opens, escalates or closes a task."""
        if delivery.transition.change is Change.UPDATED and sent is not None:
            card = build_card(delivery.transition, sent, self._appearance)
            return _sent(self.name, delivery, self._clock, sent_state(card, delivery.transition))
        return await self._inner.send(delivery, sent, redelivered=redelivered)


def _sent(name: str, delivery: Delivery, clock: Clock, state: dict[str, str]) -> Sent:
    transition = delivery.transition
    return Sent(
        signal_id=transition.signal_id,
        seq=transition.seq,
        sink=name,
        destination=delivery.destination,
        ref={},
        at=clock(),
        **state,
    )
