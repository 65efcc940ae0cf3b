"""What a text is about: topics, the words that give them away, and the classifier that finds them. One place.

Phrases are compared word by word, whatever their case; a phrase that ends in ``*`` matches any ending of its last word.
Names of tools become the topic ``tool:<Name>``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

from signals.domain.territories import place_phrases

PHRASES: Mapping[str, tuple[str, ...]] = {
    "alternatives": (
        "evaluating alternatives",
        "looking at alternatives",
        "considering alternatives",
        "considering leaving",
        "thinking of leaving",
        "switching to",
        "switch to another",
        "moving away from",
        "we chose",
        "migrating to",
        "cancel our contract",
        "not renewing",
        "will not renew",
        "won't renew",
    ),
    "price_complaint": (
        "too expensive",
        "price is too high",
        "pricing is too high",
        "cannot afford",
        "can't afford",
        "cheaper",
        "reduce our bill",
        "reduce the bill",
        "lower our bill",
        "lower the price",
        "cost reduction",
        "bill is too high",
        "bill keeps rising",
        "bill went up",
    ),
    "budget_freeze": ("budget freeze", "budget cut*", "budget constraint*", "hiring freeze", "cost cutting"),
    "export_request": (
        "full data export",
        "export all data",
        "export of all data",
        "export all our data",
        "export everything",
        "full export of our data",
    ),
    "not_source_of_truth": (
        "not our source of truth",
        "not the source of truth",
        "source of truth is",
        "analysis happens outside",
        "do our analysis in",
    ),
    "privacy_concern": (
        "gdpr",
        "masking",
        "privacy concern*",
        "compliance concern*",
        "legal asks about",
        "data residency",
        "phi",
        "privacy review",
        "security review",
    ),
    "champion_not_decider": ("not my decision", "i am not the decision maker", "my boss decides", "not the decider"),
    "bad_deploy": ("rollback", "rolled back", "roll back", "bad deploy*", "broken release", "broke production"),
    "deferral": ("we're good", "we are good for now", "talk to us in", "reach out again in", "check back in"),
    "negative_sentiment": (
        "frustrat*",
        "disappoint*",
        "unhappy",
        "fed up",
        "waste of time",
        "not satisfied",
        "let down",
        "unacceptable",
    ),
    "error_pain": (
        "bugs of unknown origin",
        "sure all errors are caught",
        "digging through logs",
        "trawl* through logs",
        "hard to reproduce",
        "cannot reproduce",
        "can't reproduce",
        "hear about errors from customers",
        "learn about errors from customers",
        "notified of critical errors",
        "impact of errors",
        "which users hit the bug",
        "link bugs to users",
    ),
    "funnel_request": ("funnel*", "conversion data", "conversion rate*", "drop-off"),
    "llm_cost": ("llm cost*", "token cost*", "model cost*", "cost per query"),
    "warehouse": ("warehouse", "data lake"),
    "cdp": ("cdp", "customer data platform"),
    "apm_wanted": ("apm", "distributed tracing", "backend tracing"),
    "seeing_users": (
        "what users see",
        "what the user saw",
        "watch sessions",
        "where users get stuck",
        "session recording*",
        "screen recording*",
    ),
    "asking_users": ("ask our users", "ask users", "nps", "user feedback", "in-app survey*", "collect feedback"),
    "safe_release": ("gradual rollout*", "feature toggle*", "kill switch*", "canary release*", "staged rollout*"),
    "testing_variants": ("a/b test*", "ab test*", "split test*", "test two versions"),
    "logs_wanted": ("log search*", "log management", "server logs", "centralised logs", "centralized logs"),
    "web_traffic": ("web traffic", "utm", "traffic sources", "replace google analytics"),
    "messaging_users": ("onboarding emails", "drip campaign*", "nudge users", "lifecycle emails"),
    "billing": ("invoice*", "billing", "our bill", "payment method", "credit card", "charged"),
    "check_in": ("how are things going", "how is everything going", "checking in", "touching base"),
    "pitch": ("would you like to try", "have you looked at our", "worth trying our", "would be a good fit for"),
    "price_talk": ("discount*", "price", "pricing"),
    "leadership_change": ("new ceo", "new cto", "new cpo", "new head of", "leadership change*", "stepped down"),
    "strategic_initiative": ("strategic initiative*", "company priority", "reorgani*", "new strategy"),
    "rate_limit": ("rate limit*", "too many requests", "http 429", "error 429"),
    "territory_banned": place_phrases("banned"),
    "territory_russia": place_phrases("russia"),
    "territory_watch": place_phrases("watch"),
    "harmful_conduct": ("hate speech", "encourages violence", "incites violence", "illegal activity"),
    "sanctions_dispute": ("sanctions block*", "blocked because of sanctions", "wrongly sanctioned", "not sanctioned"),
    "customer_launch": ("launching a new", "launched a new", "our new app", "new product line", "bringing out a new"),
    "customer_new_market": ("expanding to", "expanding into", "launching in", "entering a new market", "new country"),
    "customer_new_model": (
        "usage-based pricing",
        "new pricing model",
        "new subscription",
        "from on-prem to",
        "freemium",
    ),
    "refund_request": ("refund*", "money back", "credit note", "reimburse*"),
    "realtime_wanted": ("sub-minute", "within seconds", "real-time export*", "near real-time", "streaming export*"),
    "email_nurture": ("email nurture", "nurture campaign*", "nurture sequence*", "lead scoring", "email marketing"),
    "in_app_guides": ("in-app guide*", "in app guide*", "tooltip*", "product tour*", "onboarding tour*"),
    "flag_approvals": ("flag approval*", "built-in approvals", "approval workflow*", "complex targeting"),
    "warehouse_experiments": ("warehouse-native", "warehouse native", "frequentist"),
    "prompt_management": ("prompt management", "prompt versioning", "prompt registry", "custom eval*"),
    "model_change": (
        "new model",
        "changed the model",
        "changing the model",
        "switched models",
        "switched the model",
        "model upgrade",
        "changed the prompt*",
        "changing the prompt*",
        "prompt change*",
        "new prompt*",
    ),
    "annual_interest": ("annual plan", "annual contract", "yearly plan", "prepay", "prepaid credits"),
}
"""Topic -> phrases (catalogue 1.2, 1.5, 11.6; the words are ours, to tune in ``text.topics``)."""

TOOLS: tuple[str, ...] = (
    "Langfuse", "Helicone", "Braintrust", "Datadog", "FullStory", "LogRocket", "Hotjar", "Sentry", "Snowflake",
    "BigQuery", "Redshift", "Databricks", "Fivetran", "Census", "Hightouch", "Segment", "GA4", "Amplitude", "Mixpanel",
    "HubSpot", "Heap", "New Relic", "Pendo", "LaunchDarkly", "Statsig", "Eppo", "Split.io", "ServiceNow",
    "Jira Service Management", "PagerDuty", "Google Ads", "Looker", "Marketo", "Braze", "Appcues", "dbt", "ELK",
    "Papertrail", "Metabase", "Mode", "Tableau",
)  # fmt: skip
"""Names looked for in texts (catalogue 11.7)."""


class Classifier(Protocol):
    """Says what a text is about."""

    def topics(self, text: str) -> frozenset[str]:
        """Return the topics of *text*; pure, and the same for the same text."""


class KeywordClassifier:
    """The classifier that counts words: no model, nothing to explain, tuned by editing lists.

    >>> sorted(KeywordClassifier().topics("We are evaluating alternatives, Sentry for one: this is too expensive"))
    ['alternatives', 'price_complaint', 'tool:Sentry']
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]] = PHRASES, tools: Iterable[str] = TOOLS) -> None:
        self._patterns = [(topic, _pattern(words)) for topic, given in phrases.items() if (words := tuple(given))]
        self._patterns += [(f"tool:{tool}", _pattern((tool,))) for tool in tools]

    def topics(self, text: str) -> frozenset[str]:
        """Return the topics whose words stand in *text*."""
        plain = " ".join(text.casefold().replace("\u2019", "'").split())
        return frozenset(topic for topic, pattern in self._patterns if pattern.search(plain))


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    written = (
        re.escape(phrase.casefold().removesuffix("*")).replace(r"\*\ ", r"\w* ")
        + ("" if phrase.endswith("*") else r"(?!\w)")
        for phrase in phrases
    )
    return re.compile(r"(?<!\w)(?:" + "|".join(written) + ")")
