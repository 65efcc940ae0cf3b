"""A plain history for the benchmarks: every account sends the same number of events on each of its days.

Of ten events seven are people at work, two are usage reports of one day (the second repeats it with more), and one is
something else: a person described, a touch, a ticket, a health score, a spend report. Usage has a weekly shape and
little noise, so few signals come of it, as in a real book of accounts. Equal arguments give equal bytes.
"""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec

START = date(2026, 1, 1)
PRODUCTS = ("product_analytics", "session_replay", "feature_flags", "error_tracking", "surveys", "data_warehouse",
            "experiments", "web_analytics", "logs", "batch_exports")  # fmt: skip
ACTIONS = ("insight created", "dashboard created", "recording analyzed", "feature flag created", "experiment viewed",
           "docs viewed", "page viewed", "web analytics viewed")  # fmt: skip
FAMILIES = ("engineering", "product", "marketing", "customer_success", "engineering", "data")
WEEK_SHAPE = (1.0, 1.02, 1.03, 1.01, 0.97, 0.4, 0.38)

_ENCODE = msgspec.json.Encoder().encode


class _Account:
    def __init__(self, number: int, products: int, people: int) -> None:
        self.rng = Random(number)  # noqa: S311 - to be repeated, not to be secret
        self.org_id = f"org_{number:07d}"
        self.products = PRODUCTS[: products or 1 + self.rng.randrange(5)]
        self.people = [f"{self.org_id}_p{n}" for n in range(people or 3 + self.rng.randrange(10))]
        self.base = [int(10 ** self.rng.uniform(2.5, 5)) for _ in self.products]


def write_history(
    path: Path, *, accounts: int, days: int, per_day: int = 10, products: int = 0, people: int = 0, start: date = START
) -> int:
    """Write the event file and return how many events it has.

    Parameters
    ----------
    per_day
        Events of one account on one day.
    products, people
        Of each account; 0: a number of its own between 1 and 5, and between 3 and 12.
    """
    known = [_Account(number, products, people) for number in range(accounts)]
    count = 0
    with path.open("wb") as file:
        for day in range(days):
            on = start + timedelta(days=day)
            # Everybody's first event, then everybody's second ...: within a second, ordered by time.
            for slot in range(per_day):
                for number, account in enumerate(known):
                    seconds = 86_000 * slot / per_day + 8_000 * number / accounts / per_day * 10 % (86_000 / per_day)
                    at = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(seconds=round(seconds, 3))
                    topic, value = _event(account, day, slot, on)
                    value["at"] = at.isoformat()
                    value["org_id"] = account.org_id
                    file.write(_ENCODE({"topic": topic, "key": account.org_id, "value": value}) + b"\n")
                    count += 1
    return count


def _event(account: _Account, day: int, slot: int, on: date) -> tuple[str, dict[str, object]]:
    if slot in (2, 7):
        reported = on - timedelta(days=1)
        shape = WEEK_SHAPE[reported.weekday()] * (0.9 if slot == 2 else 1.0)
        volumes = {
            product: int(base * shape * account.rng.uniform(0.97, 1.03))
            for product, base in zip(account.products, account.base, strict=True)
        }
        return "usage", {
            "kind": "usage_reported", "day": reported.isoformat(), "volumes": volumes, "members": len(account.people)
        }  # fmt: skip
    if slot == 4:
        return _other(account, day, on)
    person = account.people[account.rng.randrange(len(account.people))]
    return "usage", {"kind": "user_acted", "person_id": person, "action": ACTIONS[account.rng.randrange(len(ACTIONS))]}


def _other(account: _Account, day: int, on: date) -> tuple[str, dict[str, object]]:
    if day == 0:
        return "crm", {"kind": "organization_created", "name": account.org_id}
    if day <= len(account.people):
        family = FAMILIES[day % len(FAMILIES)]
        return "crm", {"kind": "person_described", "person_id": account.people[day - 1], "family": family}
    match day % 7:
        case 1:
            return "crm", {"kind": "owner_assigned", "owner": "ana@example.com", "role": "CSM"}
        case 2:
            week = on - timedelta(days=on.weekday())
            return "crm", {"kind": "health_scored", "week": week.isoformat(), "score": "fair"}
        case 3:
            return "billing", {"kind": "spend_reported", "mrr": str(1000 + day % 30)}
        case 4:
            return "crm", {"kind": "ticket_opened", "ticket_id": f"t{day}", "priority": "low"}
        case 5:
            return "crm", {"kind": "ticket_solved", "ticket_id": f"t{day - 1}"}
        case _:
            return "crm", {"kind": "touch_logged", "medium": "chat", "direction": "inbound"}


def main() -> int:
    """Write one file; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--per-day", type=int, default=10)
    parser.add_argument("--products", type=int, default=0)
    parser.add_argument("--people", type=int, default=0)
    arguments = parser.parse_args()
    count = write_history(
        arguments.out, accounts=arguments.accounts, days=arguments.days, per_day=arguments.per_day,
        products=arguments.products, people=arguments.people,
    )  # fmt: skip
    sys.stdout.write(f"{arguments.out}: {count:,} events of {arguments.accounts:,} accounts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
