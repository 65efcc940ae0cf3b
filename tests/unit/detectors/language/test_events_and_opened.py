"""Values of the moment: the event, the element, and what was frozen at opening."""

from datetime import UTC, datetime
from decimal import Decimal

from signals.detectors.language.expression import compile_expression
from signals.detectors.language.names import UNKNOWN, Kind
from signals.domain.events.billing import InvoicePaid, PaymentFailed, SpendReported
from support.rule_scope import NAMES, PARAMS, FakeScope

AT = datetime(2026, 3, 1, tzinfo=UTC)
FAILED = PaymentFailed(org_id="o", at=AT, invoice_id="in_1", attempt=2, amount=Decimal("12.50"))
PAID = InvoicePaid(org_id="o", at=AT, invoice_id="in_1", amount=Decimal("12.50"))


def test_event_fields_are_read() -> None:
    """A field, its kind tag, an unset field, and one the other kind lacks."""
    both = (PaymentFailed, InvoicePaid)

    def of(text: str, event: object, types: object = both) -> object:
        made = compile_expression(text, names=NAMES, params=PARAMS, event=types)  # type: ignore[arg-type]
        return made.evaluate(FakeScope(event=event))

    assert of("event.amount", FAILED) == Decimal("12.50")
    assert of("event.kind == 'invoice_paid'", PAID) is True
    assert of("event.attempt == null", PAID) is True
    assert of("event.attempt > 1", PAID) is UNKNOWN
    assert of("event.attempt > 1", FAILED) is True
    assert of("event.next_attempt_at == null", FAILED, PaymentFailed) is True
    assert of("event.amount", None) is UNKNOWN
    assert of("event.paying_since", SpendReported(org_id="o", at=AT, mrr=Decimal(1)), SpendReported) is UNKNOWN


def test_the_element_is_read_under_its_name() -> None:
    """Objects and mappings serve as elements; a text element is itself."""
    item = ("opp", {"amount": Kind.MONEY, "id": Kind.TEXT})
    made = compile_expression("opp.amount >= floor", names=NAMES, params=PARAMS, item=item)
    text = compile_expression("product in wanted", names=NAMES, params=PARAMS, item=("product", {}))

    assert made.evaluate(FakeScope(item={"amount": Decimal(5000), "id": "x"})) is True
    assert made.evaluate(FakeScope(item={"id": "x"})) is UNKNOWN
    assert made.evaluate(FakeScope(item=FAILED)) is False
    assert text.evaluate(FakeScope(item="replay")) is True
    assert made.per_item
    assert not compile_expression("members > 0", names=NAMES).per_item


def test_opened_reads_what_was_frozen() -> None:
    """Lets, facts and attributes of the element may be frozen; before opening they are unknown."""
    lets = {"half": compile_expression("members / active", names=NAMES)}
    made = compile_expression(
        "members > opened.half and mrr >= opened.mrr and opened.opp.amount > 0"
        " and billing.limit != opened.billing.limit",
        names=NAMES, lets=lets, opened=lets, item=("opp", {"amount": Kind.MONEY}),
    )  # fmt: skip
    facts = {"members": 3, "mrr": Decimal(5), "billing.limit": Decimal(1)}
    frozen = {"half": Decimal("2.5"), "mrr": Decimal(5), "opp.amount": Decimal(1), "billing.limit": None}

    assert made.frozen == {"half", "mrr", "opp.amount", "billing.limit"}
    assert made.evaluate(FakeScope(facts, opened=frozen)) is True
    assert made.evaluate(FakeScope(facts)) is UNKNOWN
    assert made.evaluate(FakeScope(facts, opened={"half": 9})) is False
