"""``signals report``: figures over all accounts of a history, and the events that make signals of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import msgspec

from signals.backtest.replay import replay
from signals.commands.columns import columns
from signals.commands.frame import Frame, pass_frame
from signals.commands.history import Instant
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.round_robin import Member, in_order
from signals.domain.events.broadcast import EVERYONE
from signals.domain.events.kinds import BROADCAST
from signals.domain.summary import is_pseudo, summary_of
from signals.domain.traits.table import TRAITS
from signals.domain.traits.trait import RawTrait, Trait, TraitKind
from signals.engine.catalogue import Catalogue
from signals.engine.portfolio.books import books
from signals.engine.portfolio.figures import ALL, Figures, events_of, figures
from signals.engine.portfolio.turns import EVERYWHERE, tracker
from signals.ingest.lines import read_files
from signals.wiring.kafka import decoder_of
from signals.wiring.policy import policy_of, report_terms_of, turn_terms_of


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--until", type=Instant(), help="As of this instant; default: the end of the history.")
@click.option("--json", "as_json", is_flag=True, help="Every figure of every subject, as one object.")
@click.option(
    "--events", type=click.Path(path_type=Path), help="Also write the figures as events, for produce or replay."
)
@pass_frame
def report(frame: Frame, paths: tuple[Path, ...], until: datetime | None, as_json: bool, events: Path | None) -> None:
    """Show retention, books, funnels and adoption over all accounts of event files, and who got how many leads.

    The role `report` tells the same figures once a day, and rules make signals of them.
    """
    configuration = frame.configuration()
    policy = policy_of(configuration.settings)
    told = replay(
        read_files(paths, partitions=configuration.settings.kafka.partitions),
        decoder=decoder_of(configuration),
        catalogue=Catalogue((), VOCABULARY),
        policy=policy,
        epoch=configuration.settings.kafka.epoch,
        until=until,
    )
    accounts = [summary_of(one, policy.zone) for one in told.accounts.values() if not is_pseudo(one.org_id)]
    as_of = (told.until or datetime.now(UTC)).astimezone(policy.zone).date()
    found = figures(accounts, as_of, report_terms_of(configuration.settings))
    if events is not None:
        at = datetime.combine(as_of, time(), policy.zone).astimezone(UTC)
        with events.open("wb") as file:
            for event in events_of(found, at):
                topic = BROADCAST if event.org_id == EVERYONE else "crm"
                record = {"topic": topic, "key": event.org_id, "value": event}
                file.write(msgspec.json.encode(record) + b"\n")
    turns = turn_terms_of(configuration.settings)
    given = [assigned for one in accounts for assigned in one.assigned.values()]
    members = tracker(turns, given, books(accounts), as_of, policy.zone)
    if as_json:
        leads = {one.user: _line_of(one) for one in members}
        click.echo(json.dumps({**found, **({"leads-in-turn": leads} if leads else {})}, ensure_ascii=False, indent=1))
        return
    click.echo(f"{len(accounts):,} accounts as of {as_of:%Y-%m-%d}\n")
    for line in page(found) + tracker_page(members, as_of):
        click.echo(line)


GROUPS: Mapping[str, tuple[str, ...]] = {
    "Retention": ("ndr", "ndr_6m", "ndr_3m", "gdr", "gdr_before", "retention_customers", "onboarding_retention",
                  "onboarding_customers"),
    "Revenue of the last month": ("month_baseline", "month_new_rate", "month_reactivated_rate", "month_expansion_rate",
                                  "month_contraction_rate", "month_churn_rate", "risers", "fallers"),
    "Start of the quarter": ("unowned_accounts", "flagged_handovers", "full_books", "csm_potential"),
    "Cross-sell of the last quarter": ("cross_sell_created", "cross_sell_win_rate", "cross_sell_deal_size",
                                       "cross_sell_days", "cross_sell_best", "cross_sell_worst"),
    "Adoption": ("average_products", "trials_now", "trials_before", "activated_now", "activated_before", "churned_now",
                 "churned_before"),
    "Leads, 90 days": ("disqualified", "disqualified_other", "below_threshold", "below_threshold_quiet"),
    "Yesterday": ("signups", "signups_usual", "enrichment_writes", "enrichment_gap"),
}  # fmt: skip
"""Title -> figures of all accounts, in the order of the page."""

TABLES = (("book:", "Books"), ("product:", "Products"), ("lead-type:", "Leads by type"), ("cohort:", "Cohorts"))


def page(found: Figures) -> list[str]:
    """Return the figures of all accounts by group, then one table for each kind of subject."""
    lines: list[str] = []
    for title, names in GROUPS.items():
        lines += ["", title, *(f"  {words(TRAITS[name]):60} {shown(name, found[ALL].get(name))}" for name in names)]
    for beginning, title in TABLES:
        subjects = {name.removeprefix(beginning): one for name, one in found.items() if name.startswith(beginning)}
        if subjects:
            lines += ["", title, *_table(subjects)]
    return lines[1:]


def tracker_page(members: Sequence[Member], day: date) -> list[str]:
    """Return a line for each member who takes leads in turn, the next of each role first; nothing without members."""
    if not members:
        return []
    rows = [("", "role", "leads", "adjustment", "priority", "takes leads in")]
    for one in sorted(members, key=lambda member: (member.role, not member.active, in_order(member))):
        line = _line_of(one)
        where = "every territory" if one.territories == EVERYWHERE else ", ".join(line["territories"])
        takes = where if one.active else "none now"
        rows.append((one.user, one.role, str(one.assigned), line["adjustment"], str(one.priority), takes))
    return ["", f"Leads in turn, {day:%B %Y}", *columns(rows, indent="  ")]


def _line_of(member: Member) -> dict[str, Any]:
    """Return a member as other programs read it; without territories while they take no leads."""
    return {
        "role": member.role,
        "leads": member.assigned,
        "adjustment": f"{member.adjustment.quantize(Decimal('0.1')).normalize():f}",
        "priority": member.priority,
        "territories": sorted(member.territories) if member.active else [],
    }


def words(trait: Trait) -> str:
    """Return the reader's words of a figure."""
    return trait.label or trait.doc.rstrip(".")


def shown(name: str, value: RawTrait) -> str:
    """Return a figure as people read it.

    >>> shown("ndr", "0.8276"), shown("book_arr", "92720.64"), shown("risers", []), shown("ndr", None)
    ('82.8 %', '$92,721', 'none', 'not known')
    """
    if value is None:
        return "not known"
    if isinstance(value, list):
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""
        return ", ".join(value[:5]) + more or "none"
    unit = TRAITS[name].unit
    if unit == "share":
        return f"{Decimal(value) * 100:.1f} %"
    if unit.startswith("USD"):
        return f"${Decimal(value):,.0f}"
    if TRAITS[name].kind is TraitKind.NUMBER:
        return f"{Decimal(value):.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def _table(subjects: Mapping[str, Mapping[str, RawTrait]]) -> list[str]:
    """Return a head and a line per subject."""
    names = list(next(iter(subjects.values())))
    head = ["", *(TRAITS[name].label or name.rpartition("_")[2] for name in names)]
    rows = [head, *([subject, *(shown(name, one.get(name)) for name in names)] for subject, one in subjects.items())]
    return columns(rows, indent="  ")
