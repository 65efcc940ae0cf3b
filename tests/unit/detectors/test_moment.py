"""What is computed once at a moment."""

from support.moments import account_after, look_at


def test_shared_values_are_no_facts() -> None:
    """A value shared under the name of a fact leaves the fact as it is, whichever is asked for first."""
    look = look_at(account_after())
    assert look.moment.cached("bills", lambda: "amounts") == "amounts"
    assert look.fact("bills") == ()
    assert look.moment.cached("bills", lambda: "others") == "amounts"
