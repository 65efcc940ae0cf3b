"""Where leads come from, and which mail domains say nothing of a company. Tables (catalogue 1.8, 7.1)."""

from collections.abc import Mapping
from typing import Literal

LEAD_SOURCES: Mapping[str, str] = {
    "demo_form": "form to book a demo",
    "contact_form": "contact form",
    "sales_email": "mail to the sales address",
    "onboarding_referral": "referral by an onboarding specialist",
    "named_list": "list of named accounts",
    "cool_company": "list of companies worth knowing",
    "job_switch": "person of a customer who moved to a new role",
    "linkedin_follow": "person who follows the company on LinkedIn",
    "website_intent": "website visits that show intent",
    "competitor_takeout": "user of a competitor who may switch",
    "event_registration": "registered for an event",
    "event_attendance": "attended an event",
    "trust_center": "request of documents under NDA",
}
"""Name in ``lead_submitted.source`` -> the reader's words."""

WEBMAIL_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "msn.com",
        "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "ymail.com", "rocketmail.com", "icloud.com", "me.com",
        "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "gmx.com", "gmx.de", "gmx.net", "gmx.at",
        "gmx.ch", "web.de", "t-online.de", "freenet.de", "mail.com", "mail.ru", "yandex.com", "yandex.ru", "zoho.com",
        "fastmail.com", "hey.com", "tutanota.com", "tuta.io", "qq.com", "163.com", "126.com", "foxmail.com",
        "naver.com", "hanmail.net", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it", "virgilio.it",
        "wp.pl", "o2.pl", "seznam.cz", "uol.com.br", "bol.com.br", "terra.com.br", "comcast.net", "verizon.net",
        "att.net", "duck.com",
    }
)  # fmt: skip
"""Domains where anybody has an address; a mapper compares with these. Ours, to extend."""


def domain_kind(email: str) -> Literal["business", "webmail"]:
    """Return what the domain of an address says.

    >>> domain_kind("Ann@GMail.com"), domain_kind("ann@acme.dev")
    ('webmail', 'business')
    """
    domain = email.rpartition("@")[2].strip().casefold().rstrip(".")
    return "webmail" if domain in WEBMAIL_DOMAINS else "business"
