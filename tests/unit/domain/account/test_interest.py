"""What is read and made, by product."""

from datetime import UTC, datetime

from signals.domain.account.interest import KEEP, MAX_PRODUCTS, Interest, user_acted
from signals.domain.events.usage import UserActed
from signals.domain.interest import DOCS, HINT, MADE, PAGE


def act(action: str, minute: int = 0, **more: object) -> UserActed:
    """Return an action of a person."""
    at = datetime(2026, 6, 15, 9 + minute // 60, minute % 60, tzinfo=UTC)
    return UserActed(org_id="o", at=at, person_id="eve", action=action, **more)  # type: ignore[arg-type]


def sorts(interest: Interest, product: str) -> list[str]:
    """Return the sorts of marks of a product, oldest first."""
    return [one.sort for one in interest.products.get(product, ())]


def test_pages_and_objects_are_marks() -> None:
    """A page says its product by field or by path; an object by its action."""
    interest = Interest()
    for event in (
        act("docs viewed", 0, path="/docs/feature-flags/start"),
        act("blog viewed", 1, product="feature_flags"),
        act("get started clicked", 2, path="/feature-flags"),
        act("feature flag created", 3),
    ):
        interest = user_acted(interest, event)
    assert sorts(interest, "feature_flags") == [DOCS, PAGE, HINT, MADE]


def test_what_names_no_product_is_no_mark() -> None:
    """Another action, or docs of no product, change nothing."""
    empty = Interest()
    assert user_acted(empty, act("insight viewed")) is empty
    assert user_acted(empty, act("docs viewed", path="/docs/billing")) is empty


def test_told_twice_is_one_mark() -> None:
    """The same action again is the same mark, and order of arrival does not matter."""
    one, two = act("docs viewed", 1, product="surveys"), act("docs viewed", 2, product="surveys")
    there = user_acted(user_acted(Interest(), one), two)
    assert user_acted(user_acted(user_acted(Interest(), two), one), two) == there


def test_it_is_bounded() -> None:
    """Per sort and product the newest stay; of products those with the newest marks."""
    interest = Interest()
    for minute in range(KEEP[DOCS] + 5):
        interest = user_acted(interest, act("docs viewed", minute, product="surveys"))
    interest = user_acted(interest, act("survey launched", 0))
    assert sorts(interest, "surveys").count(DOCS) == KEEP[DOCS]
    assert interest.products["surveys"][1].at.minute == 5
    for number in range(MAX_PRODUCTS + 3):
        interest = user_acted(interest, act("docs viewed", 100 + number, product=f"p{number}"))
    assert len(interest.products) == MAX_PRODUCTS
    assert "surveys" not in interest.products
