"""The webhook's signature, as receivers check it."""

import hmac
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.sinks.webhook.signature import TOLERANCE, sign, verify
from support.cards import NOW

SECRET, OTHER = "0123456789abcdef", "fedcba9876543210"


def test_the_header_is_what_the_documentation_says() -> None:
    """Anybody can compute it: HMAC-SHA256 over time, a dot and the body."""
    expected = hmac.new(SECRET.encode(), b'1768813500.{"a":1}', sha256).hexdigest()
    assert sign(b'{"a":1}', NOW, [SECRET]) == f"t=1768813500,v1={expected}"


def test_while_a_secret_changes_both_are_valid() -> None:
    """Receivers change over whenever they like."""
    header = sign(b"{}", NOW, [SECRET, OTHER])

    assert verify(b"{}", header, SECRET, NOW)
    assert verify(b"{}", header, OTHER, NOW)
    assert not verify(b"{}", header, "another-secret-1", NOW)


def test_a_changed_body_or_time_is_not_valid() -> None:
    """Both are signed."""
    header = sign(b"{}", NOW, [SECRET])

    assert not verify(b"{ }", header, SECRET, NOW)
    assert not verify(b"{}", header.replace("t=1768813500", "t=1768813501"), SECRET, NOW)


@pytest.mark.parametrize(
    ("off", "valid"),
    [
        (TOLERANCE, True),
        (-TOLERANCE, True),
        (TOLERANCE + timedelta(seconds=1), False),
        (-TOLERANCE - timedelta(seconds=1), False),
    ],
)
def test_the_tolerance_is_exact(off: timedelta, valid: bool) -> None:
    """Too old and too far ahead are both refused."""
    assert verify(b"{}", sign(b"{}", NOW, [SECRET]), SECRET, NOW + off) is valid


@given(st.text())
def test_no_header_breaks_the_check(header: str) -> None:
    """Whatever a stranger sends is simply not valid."""
    assert verify(b"{}", header, SECRET, NOW) is False


@pytest.mark.parametrize("header", ["t=1,t=1768813500,v1=x", "t=١٢٣,v1=x", "v1=x", "t=,v1=", "t=9999999999999,v1=é"])
def test_headers_that_try_something_are_not_valid(header: str) -> None:
    """Two times, foreign digits, no time, nothing, and the far future."""
    assert verify(b"{}", header, SECRET, NOW) is False
