"""What to simulate, and presets of it."""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class SimulationSettings:
    """Parameters of a simulation; together with the code they decide every byte of it.

    Parameters
    ----------
    accounts, days
        How many organizations, and how many calendar days from ``start`` on.
    seed
        Any integer; another one gives another company with the same plots.
    start
        First day, the first of a month: contracts and rules on whole calendar months count from it.
    zone
        Business zone: decides where a day begins.
    events_per_day
        Mean events of one managed account on one day, about.
    plots
        Names of the plots to write, one per account in this order; None: every plot once, then ``plot_share``.
    plot_share
        Share of the accounts left over that get a plot too, taken in turn.
    late_share
        Share of people's actions and usage reports that arrive 3 to 40 hours after they happened.
    duplicate_share
        Share of the events with a natural ``id`` that are posted twice.
    bad_input_share
        Records nobody can use, as a share of the good ones: broken JSON, wrong types, foreign keys, the far future.
    broadcasts
        Also tell what concerns every account: incidents, launches, ranks. The planted truth is written without them: an
        incident holds suggestions back.

    Raises
    ------
    ValueError
        A count below 1, a share out of range, a start that is not the first of a month, no such zone.
    """

    accounts: int = 40
    days: int = 120
    seed: int = 1
    start: date = date(2026, 1, 1)
    zone: str = "UTC"
    events_per_day: float = 10.0
    plots: tuple[str, ...] | None = None
    plot_share: float = 0.0
    late_share: float = 0.004
    duplicate_share: float = 0.05
    bad_input_share: float = 0.0
    broadcasts: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        if self.accounts < 1 or self.days < 1:
            raise ValueError(f"accounts and days must be at least 1, got {self.accounts} and {self.days}")
        if not 1 <= self.events_per_day <= 1000:
            raise ValueError(f"events_per_day must lie between 1 and 1000, got {self.events_per_day}")
        for name in ("plot_share", "late_share", "duplicate_share", "bad_input_share"):
            share = getattr(self, name)
            most = 1 if name == "plot_share" else 0.5
            if not 0 <= share <= most:
                raise ValueError(f"{name} must lie between 0 and {most}, got {share}")
        if self.start.day != 1:
            raise ValueError(f"start must be the first of a month, got {self.start.isoformat()}")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"zone must be a time zone's name such as Europe/Berlin, got {self.zone!r}") from None


DEMO = SimulationSettings(accounts=58, days=120, events_per_day=8.5, bad_input_share=0.001)
"""Every plot once, a dozen quiet accounts. Small enough for a broker that keeps 4 MB per partition and topic."""

TINY = SimulationSettings(
    accounts=8,
    days=100,
    events_per_day=6,
    plots=(
        "group_analytics", "slack_silent", "payment_recovered", "payment_cancelled", "usage_jump", "credit_middle",
    ),
)  # fmt: skip
"""Six plots and two quiet accounts: for tests that need a history, not a company."""

PRESETS: dict[str, SimulationSettings] = {"demo": DEMO, "tiny": TINY}


def large(accounts: int, days: int = 180, seed: int = 1) -> SimulationSettings:
    """Return settings for load: every plot once, then a plot on every fifth account.

    >>> large(1000).plot_share
    0.2
    """
    return replace(DEMO, accounts=accounts, days=days, seed=seed, events_per_day=10.0, plot_share=0.2)
