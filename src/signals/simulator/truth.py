"""The truth of a simulation: what was planted, on which account, and what a correct engine makes of it."""

from datetime import datetime
from typing import Literal

import msgspec

Expect = Literal["opened", "held", "quiet", "companion"]
"""``opened``: a signal opens between ``start`` and ``by``. ``held``: its condition holds, but a guard or a snooze keeps
it back from ``start`` to ``until``. ``quiet``: it looks like the signal and must not open. ``companion``: it may open,
as a fair consequence of something else that was planted."""


class Planted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"start": "from"}):
    """One thing planted. Instants are UTC; in JSON ``start`` is called ``from``."""

    rule: str
    org_id: str
    key: str = ""
    """Condition key (product, invoice ...); empty when the rule has one signal per account or any key is right."""
    start: datetime
    """The condition cannot hold earlier."""
    by: datetime
    """A correct engine has opened (or held) it by then."""
    until: datetime | None = None
    """The condition has ended by then; None: not within the simulation."""
    expect: Expect = "opened"
    plot: str = ""
    why: str
