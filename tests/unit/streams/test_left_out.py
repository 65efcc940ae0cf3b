"""What an episode need not say is left out, and put back as it was."""

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.life import Episode, Life
from signals.domain.account.profile import Profile
from signals.domain.account.state import Account
from signals.domain.ids import signal_id
from signals.domain.reasons import Change, FamilyName, Severity
from signals.domain.signal import Owner, Transition
from signals.streams.left_out import with_known, without_known

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = "an_id_of_its_own"


def a_draft(rule: str, key: str, account_name: str) -> Transition:
    """Return a transition that says so."""
    return Transition(
        id="", signal_id="", seq=1, change=Change.OPENED, at=NOON, org_id="", account_name=account_name, rule=rule,
        rule_version="", family=FamilyName.SPIKE, severity=Severity.NOTICE, key=key, since=NOON, headline="h",
        status="open", owner=Owner(name="ann"),
    )  # fmt: skip


def an_account(name: str = "Acme") -> Account:
    """Return an account with two signals, told and pitched, one of them on the card of the other."""
    ids = [signal_id("acme", "spike", "replay", NOON), signal_id("acme", "path", "", NOON)]
    episodes = {
        "spike|replay": Episode(ids[0], NOON, "open", draft=a_draft("spike", "replay", name)),
        "path|": Episode(ids[1], NOON, "open", grouped=ids[0], draft=a_draft("path", "", name)),
    }
    life = Life(episodes=episodes, told=(f"{ids[1]}\tcrm\ttask", ids[0], f"{OWN}\tcrm\ttask"), pitches={ids[1]: NOON})
    return Account("acme", clock=NOON, profile=Profile(name="Acme"), life=life)


def test_ids_and_names_are_not_stored_twice() -> None:
    """Nor once: they follow from the rest."""
    account = an_account()
    data = msgspec.msgpack.encode(without_known(account))
    assert all(episode.signal_id.encode() not in data for episode in account.life.episodes.values())
    assert data.count(b"Acme") == 1
    assert with_known(without_known(account)) == account


def test_what_is_not_what_would_follow_is_kept() -> None:
    """The account has another name by now; the card that people see has the old one."""
    account = an_account("Acme before")
    assert with_known(without_known(account)) == account


odd = st.sampled_from(
    ("", "\0", "\0000", "\0001", "\0\0", "0", "\t", OWN, "spike", "Acme", signal_id("acme", "a", "b", NOON))
)
tags = st.sampled_from(("a|b", "spike|", "|", "", "a|b|c", "\0|\0"))
episodes = st.builds(
    Episode, odd, st.just(NOON), st.just("open"), grouped=odd, draft=st.none() | st.builds(a_draft, odd, odd, odd)
)
lives = st.builds(
    Life,
    episodes=st.dictionaries(tags, episodes, max_size=4),
    told=st.lists(st.builds("{}{}{}".format, odd, st.sampled_from(("", "\t", "\t\t")), odd), max_size=4).map(tuple),
    pitches=st.dictionaries(odd, st.just(NOON), max_size=3),
    erased_at=st.none() | st.just(NOON),
)


@given(lives, st.sampled_from(("Acme", "", "\0")))
def test_any_text_comes_back(life: Life, name: str) -> None:
    """Also one that looks like a short form, or like nothing."""
    account = Account("acme", clock=NOON, profile=Profile(name=name), life=life)
    found = with_known(without_known(account))
    assert found == account
    assert msgspec.json.encode(found) == msgspec.json.encode(account)
