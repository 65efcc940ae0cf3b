"""Terminal: what Slack and the CRM would get, for people who try things out without a token.

A terminal cannot edit what it has printed. So a card is printed whole when it is new, and each later step as the line
it would have in the thread; a resolved card is printed in its short form.
"""

from rich.console import Console
from rich.text import Text

from signals.domain.reasons import Change
from signals.domain.signal import Delivery, Transition
from signals.sinks.appearance import Appearance
from signals.sinks.card import build_card, sent_state
from signals.sinks.contract import Clock, Sent
from signals.sinks.task import build_task
from signals.sinks.terminal.drawing import draw_card, draw_reply
from signals.sinks.thread import Reply, build_reply


class TerminalSlack:
    """Stands in for Slack. Each delivery is printed in one piece; see ``sinks.contract.Sink``.

    It shows no digest: whoever tries things out with old events wants to see the cards.
    """

    def __init__(self, appearance: Appearance, *, console: Console, clock: Clock) -> None:
        self._appearance, self._console, self._clock = appearance, console, clock

    @property
    def name(self) -> str:
        """``slack``."""
        return "slack"

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:  # noqa: ARG002 - a repeat on a screen does no harm
        """Print the card or the step; a silent edit prints nothing."""
        transition = delivery.transition
        card = build_card(transition, sent, self._appearance)
        title = f"slack #{delivery.destination.removeprefix('#')}"
        if sent is None and not card.resolved:
            boxed = self._console.is_terminal
            self._console.print(draw_card(card, severity=transition.severity, title=title, boxed=boxed))
        elif sent is not None and (reply := build_reply(transition, sent, self._appearance)) is not None:
            self._console.print(draw_reply(card, _shortened(reply), title=title))
        return _sent(self.name, delivery, self._clock, sent_state(card, transition))


class TerminalCrm:
    """Stands in for the CRM: one line for each write of a task."""

    def __init__(self, appearance: Appearance, *, console: Console, clock: Clock) -> None:
        self._appearance, self._console, self._clock = appearance, console, clock

    @property
    def name(self) -> str:
        """``crm``."""
        return "crm"

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:  # noqa: ARG002 - a repeat on a screen does no harm
        """Print what would be written; an update that changes nothing prints nothing."""
        transition = delivery.transition
        card = build_card(transition, sent, self._appearance)
        verb = _verb(transition, sent)
        if verb and (sent is None or sent.digest != card.digest):
            self._console.print(self._line(verb, transition))
        return _sent(self.name, delivery, self._clock, sent_state(card, transition))

    def _line(self, verb: str, transition: Transition) -> Text:
        task = build_task(transition, self._appearance)
        details = [] if task.done else [f"owner {task.owner_name}", f"due {task.due:%Y-%m-%d}", task.priority.lower()]
        end = f" ({', '.join(details)})" if details else ""
        return Text.assemble((f"CRM task {verb}: ", "green"), task.subject, (end, "grey58"))


def _verb(transition: Transition, sent: Sent | None) -> str:
    if transition.status == "resolved":
        return "completed" if sent is not None else ""
    if sent is None:
        return "created"
    return "reopened" if transition.change is Change.REOPENED else "updated"


def _shortened(reply: Reply) -> Reply:
    """Drop the facts: they are on the card above, which a terminal keeps."""
    return Reply(lines=reply.lines)


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
