"""The lead score: 70 points at most, from size, ability to pay, role, sub-role and country (catalogue 7.4)."""

from collections.abc import Mapping
from decimal import Decimal

TEN_POINT_COUNTRIES = frozenset({"Austria", "Canada", "France", "Germany", "Japan", "Norway", "Sweden", "UK", "USA"})
FIVE_POINT_COUNTRIES = frozenset(
    {
        "Australia", "Belgium", "Estonia", "Finland", "Georgia", "Guernsey", "Netherlands", "New Zealand", "Poland",
        "Portugal", "Singapore",
    }
)  # fmt: skip

_EMPLOYEES: tuple[tuple[int, int], ...] = ((1000, 20), (10, 10))
"""More employees than the first -> points; the upper end of a band belongs to it."""
_REVENUE: tuple[tuple[int, int], ...] = ((100_000_000, 20), (10_000_000, 10), (1_000_000, 5))
"""At least this much a year -> points; the lower end of a band belongs to it."""
_ROLES: Mapping[str, int] = {"engineering": 10, "product": 10, "leadership": 10, "founder": 10, "marketing": 5}
_SUB_ROLES = frozenset(
    {"data_science_engineer", "project_engineer", "software_engineer", "web_engineer", "founder", "ceo"}
)
_SUB_ROLE_POINTS = 10
_COUNTRY_POINTS = (10, 5)


def lead_score(
    *,
    employees: int | None = None,
    revenue: Decimal | None = None,
    role: str | None = None,
    sub_role: str | None = None,
    country: str | None = None,
) -> int:
    """Return the points of a lead; what is not known gives none.

    >>> lead_score(employees=11, revenue=Decimal(1_000_000), role="marketing", country="Poland")
    25
    """
    return (
        employee_points(employees)
        + revenue_points(revenue)
        + _ROLES.get(role or "", 0)
        + (_SUB_ROLE_POINTS if sub_role in _SUB_ROLES else 0)
        + country_points(country)
    )


def employee_points(employees: int | None) -> int:
    """Return 0 to 20 points for the number of employees."""
    return next((points for above, points in _EMPLOYEES if employees is not None and employees > above), 0)


def revenue_points(revenue: Decimal | None) -> int:
    """Return 0 to 20 points for the estimated yearly revenue."""
    return next((points for least, points in _REVENUE if revenue is not None and revenue >= least), 0)


def role_points(role: str) -> int:
    """Return the points of a role family."""
    return _ROLES.get(role, 0)


def country_points(country: str | None) -> int:
    """Return 0 to 10 points for the country."""
    if country in TEN_POINT_COUNTRIES:
        return _COUNTRY_POINTS[0]
    return _COUNTRY_POINTS[1] if country in FIVE_POINT_COUNTRIES else 0
