"""Titles and the role families that follow from them."""

import pytest

from signals.domain.roles import BY_FAMILY, TITLES, USE_CASES, family_of, role_of

FAMILIES = [
    ("Senior PM", "product"),
    ("Head of Product", "product"),
    ("VP Product", "product"),
    ("Growth PM", "growth"),
    ("AI Product Manager", "product"),
    ("Product Marketing Manager", "marketing"),
    ("Product Designer", "design"),
    ("UX Researcher", "design"),
    ("Full-stack Product Engineer", "engineering"),
    ("EM", "engineering"),
    ("Director of Engineering", "engineering"),
    ("Staff Engineer", "engineering"),
    ("SRE", "engineering"),
    ("DevEx Lead", "engineering"),
    ("Machine Learning Engineer", "engineering"),
    ("Founding Engineer", "engineering"),
    ("Growth Engineer", "growth"),
    ("GTM engineer", "growth"),
    ("CRO", "growth"),
    ("Conversion Rate Specialist", "growth"),
    ("Chief Revenue Officer", "sales"),
    ("VP Demand Gen", "marketing"),
    ("Marketing Ops", "marketing"),
    ("Data Analyst (Marketing)", "marketing"),
    ("Marketing Analyst", "marketing"),
    ("Data Analyst", "other"),
    ("Analytics Engineer", "data"),
    ("Head of Data", "data"),
    ("RevOps", "data"),
    ("Product Ops", "data"),
    ("Head of Support", "customer_service"),
    ("Support Engineer", "customer_service"),
    ("VP CS", "customer_success"),
    ("Customer Success Engineer", "customer_success"),
    ("Sales Engineer", "sales"),
    ("Vice President, Engineering", "engineering"),
    ("VP, Product", "product"),
    ("Vice President of Product", "product"),
    ("President", "leadership"),
    ("Chief Product Officer", "product"),
    ("Chief Marketing Officer", "marketing"),
    ("Data Scientist", "other"),
    ("Platform Product Manager", "product"),
    ("Data Platform Engineer", "data"),
    ("CTO", "leadership"),
    ("CTO & Co-Founder", "founder"),
    ("Technical Recruiter", "other"),
    ("Chief of Staff", None),
    ("", None),
]


@pytest.mark.parametrize(("title", "family"), FAMILIES)
def test_a_title_says_the_family(title: str, family: str | None) -> None:
    """The traps among them: who sells, who grows, who founds, and whom no family has."""
    assert family_of(title) == family


def test_no_title_says_nothing() -> None:
    """Null is no title."""
    assert family_of(None) is None


def test_what_a_title_buys_for() -> None:
    """An AI engineer buys AI, a founder several, an analyst nothing."""
    buys = {title: role.use_cases for title in ("Applied AI Engineer", "Founder", "Data Analyst")
            if (role := role_of(title)) is not None}  # fmt: skip
    assert buys == {"Applied AI Engineer": ("ai",), "Founder": ("pi", "growth", "ai", "data"), "Data Analyst": ()}


def test_the_table_speaks_of_use_cases_there_are() -> None:
    """No row buys for something else."""
    named = {use_case for _, role in TITLES for use_case in role.use_cases}
    assert named | {use_case for each in BY_FAMILY.values() for use_case in each} == set(USE_CASES)
