"""Settings: defaults, mistakes with file and line, secrets that stay out of sight."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from signals.domain.errors import ConfigError
from signals.settings.durations import parse_duration
from signals.settings.load import Secrets, load_configuration, parse_settings
from signals.settings.model import Settings

EXAMPLE = Path(__file__).parents[3] / "deploy" / "signals.example.yaml"


def error_of(text: str) -> str:
    """Return what a user reads when this text is their file."""
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, "signals.yaml")
    return str(caught.value)


def test_an_empty_file_is_the_embedded_default() -> None:
    """Nothing configured means a broker of our own and wall-clock time."""
    settings = parse_settings("# nothing\n", "signals.yaml")

    assert settings == Settings()
    assert settings.kafka.bootstrap is None
    assert settings.time.source == "wall"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "time:\n  zone: Mars/Olympus\n",
            "signals.yaml:2 time.zone: 'Mars/Olympus' is not a time zone (valid: an IANA name such as "
            "Europe/Berlin or UTC)",
        ),
        (
            "kafka:\n  # ours\n  partitons: 4\n",
            "signals.yaml:3 kafka.partitons: no such setting; did you mean partitions? (valid: bootstrap, ca_file, "
            "cert_file, epoch, key_file, min_insync, partitions, prefix, replication, sasl_mechanism, sasl_user, "
            "security)",
        ),
        (
            "time:\n  merge_wait: 250\n",
            "signals.yaml:2 time.merge_wait: 250 is not a duration (valid: a number with ms, s, m, h or d, such as "
            "250ms, 10s or 7d)",
        ),
        (
            "inputs:\n  billing: csv\n",
            "signals.yaml:2 inputs.billing: not one of the choices, got 'csv' (valid: 'canonical', 'posthog' or "
            "'stripe')",
        ),
        (
            "kafka:\n  partitions: 0\n",
            "signals.yaml:2 kafka.partitions: input should be greater than or equal to 1, got 0",
        ),
        (
            "detect:\n  session: 5s\n",
            "signals.yaml:1 detect: session must lie between 6s and 1m, got 5s",
        ),
        ("- 1\n", "signals.yaml:1: a list, not sections (valid: kafka, time, detect, inputs, routing, assignment, "
         "report, links, privacy, guards, payment, prices, rules, text, sinks, catch_up, http, logging, watchdogs, "
         "canary)"),
        (
            "assignment:\n  members:\n  - {user: ada, role: TAE, territories: [Mars]}\n",
            "signals.yaml:3 assignment.members.0.territories.0: 'Mars' is no territory (valid: US West, US East, "
            "Europe & Africa, Asia & Middle East, ANZ, Territory 1, Territory 3)",
        ),
        (
            "assignment:\n  members:\n  - {user: ada, role: TAE}\n  - {user: ada, role: TAM}\n",
            "signals.yaml:1 assignment: ada stands twice among the members (valid: one line for each person)",
        ),
        (
            "assignment:\n  members:\n  - {user: a, role: TAE, leaves: [{first: 2026-12-21, back: 2026-12-21}]}\n",
            "signals.yaml:3 assignment.members.0.leaves.0: back (2026-12-21) must be after first (2026-12-21)",
        ),
        (
            "assignment:\n  members: [{user: ada, role: AE}]\n",
            "signals.yaml:1 assignment: no team takes leads for the role AE (valid: Onboarding, TAE, TAM)",
        ),
        (
            "assignment:\n  members:\n  - {user: ada, role: TAE, adjustments: {2026-13: 4}}\n",
            "signals.yaml:3 assignment.members.0.adjustments.2026-13: '2026-13' is no month (valid: year and month "
            "such as 2026-07)",
        ),
        ("http:\n  port: 1\n  port: 2\n", "signals.yaml:3: the key 'port' twice"),
        (
            "routing:\n  people:\n    ada: ada@example.com\n",
            "signals.yaml:3 routing.people.ada: string should match pattern '^[UWS][A-Z0-9]{5,}$', got "
            "'ada@example.com'",
        ),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_the_remedy(text: str, said: str) -> None:
    """The error begins with file, line and path and ends with what would be valid."""
    assert error_of(text) == said


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    """A bracket that is never closed is an error of the file, whichever parser reads it."""
    assert re.match(r"signals\.yaml:\d: not YAML: ", error_of("kafka: [\n"))


def test_all_mistakes_are_told_at_once() -> None:
    """Two mistakes give two lines, in the order of the file."""
    lines = error_of("kafka:\n  partitions: 0\nhttp:\n  port: 99999\n").splitlines()

    assert [line.split(":")[1].split(" ")[0] for line in lines] == ["2", "4"]


def test_an_unknown_placeholder_in_a_link_stops_the_start() -> None:
    """A template may only hold what is filled in."""
    assert (
        "signals.yaml:2 links.crm: 'https://x/{org}' holds {org} (valid: {crm_url}, {org_id}, {usage_url})"
        in error_of("links:\n  crm: https://x/{org}\n")
    )


def test_a_topic_nobody_reads_is_refused_with_those_that_are() -> None:
    """Its words would be looked for, and no rule would ever hear of them."""
    said = error_of("text:\n  topics:\n    colours: [red]\n")

    assert said.startswith("signals.yaml:3 text.topics.colours: 'colours' is a topic no rule reads (valid: ")
    assert "budget_freeze, " in said


def test_a_phrase_that_matches_everything_is_refused() -> None:
    """A lone ``*`` would make every text one of the topic."""
    assert "text.topics.rate_limit.0: '*' matches every text" in error_of("text: {topics: {rate_limit: ['*']}}\n")


def test_security_without_a_broker_of_your_own_is_refused() -> None:
    """The embedded broker has no security, so asking for it must not be ignored."""
    assert "the embedded broker has no security" in error_of("kafka:\n  security: ssl\n")


def test_more_copies_cannot_be_needed_than_there_are() -> None:
    """With min_insync above replication no write would ever succeed."""
    assert "min_insync 3 is more than replication 2" in error_of("kafka:\n  replication: 2\n  min_insync: 3\n")


def test_sasl_needs_its_secrets(tmp_path: Path) -> None:
    """SASL without user or password names the line and the variable."""
    file = tmp_path / "signals.yaml"
    file.write_text("kafka:\n  bootstrap: k:9092\n  security: sasl_ssl\n  sasl_mechanism: PLAIN\n")

    with pytest.raises(ConfigError, match=r"signals.yaml:3 kafka.security: .* user \(valid: .*SIGNALS_KAFKA_USER"):
        load_configuration(file, {"SIGNALS_KAFKA_PASSWORD": "hush-hush"})
    with pytest.raises(ConfigError, match=r"signals.yaml:3 kafka.security: .* password \(valid: .*KAFKA_PASSWORD"):
        load_configuration(file, {"SIGNALS_KAFKA_USER": "me"})

    loaded = load_configuration(file, {"SIGNALS_KAFKA_USER": "me", "SIGNALS_KAFKA_PASSWORD": "hush-hush"})
    assert loaded.secrets.kafka_password == "hush-hush"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("ca_file: ca.pem", "ca_file means nothing with security plaintext (valid: ssl or sasl_ssl)"),
        ("security: ssl\n  sasl_user: me", "sasl_user means nothing with security ssl"),
        ("security: ssl\n  key_file: k.pem", "key_file without cert_file"),
        ("security: sasl_ssl", "needs sasl_mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"),
        (
            "security: tls",
            "not one of the choices, got 'tls' (valid: 'plaintext', 'ssl', 'sasl_plaintext' or 'sasl_ssl')",
        ),
    ],
)
def test_half_a_security_is_refused(settings: str, said: str) -> None:
    """A certificate that nobody looks at would be taken for protection."""
    text = error_of(f"kafka:\n  bootstrap: k:9092\n  {settings}\n")

    assert text.startswith("signals.yaml:")
    assert said in text


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    """Secrets come from the environment; an error must not print one that came another way."""
    slack = error_of("sinks: {slack: {base_url: 'https://me:hush-hush@slack.com/api/'}}\n")
    webhook = error_of("sinks: {webhook: {url: 3}}\n")

    assert "must not hold a user or password" in slack
    assert "hush-hush" not in slack
    assert "got 3" not in webhook


@pytest.mark.parametrize(
    "text",
    [
        "kafka: {sasl_password: hush-hush}\n",
        "sinks: {slack: {token: hush-hush}}\n",
        "http: {port: 1, password: hush-hush}\n",
    ],
)
def test_a_secret_put_into_the_file_is_refused_and_not_repeated(text: str) -> None:
    """There is no setting for one; the error names the setting, not what stands there."""
    said = error_of(text)

    assert "no such setting" in said
    assert "hush-hush" not in said


def test_secrets_do_not_show() -> None:
    """The repr of the secrets holds none of them; an empty variable counts as not set."""
    secrets = Secrets.read({"SIGNALS_SLACK_TOKEN": "xoxb-abc", "SIGNALS_HUBSPOT_TOKEN": ""})

    assert "xoxb" not in repr(secrets)
    assert secrets.values() == ("xoxb-abc",)


def test_the_environment_may_name_the_broker() -> None:
    """SIGNALS_KAFKA stands in when no file names a broker, so that a second shell finds the embedded one."""
    assert load_configuration(None, {"SIGNALS_KAFKA": "127.0.0.1:4711"}).settings.kafka.bootstrap == "127.0.0.1:4711"


@pytest.mark.parametrize("broker", ["me:hush-hush@kafka:9092", "kafka://me:hush-hush@kafka:9092", "kafka", "k:9092,"])
def test_what_is_no_list_of_brokers_is_refused_and_not_repeated(broker: str) -> None:
    """Somebody may have put a password into it; clients would print it in each of their errors."""
    said = error_of(f"kafka: {{bootstrap: '{broker}'}}\n")
    with pytest.raises(ConfigError) as caught:
        load_configuration(None, {"SIGNALS_KAFKA": broker})

    assert "kafka.bootstrap: not a list of brokers (valid: host:port" in said
    assert str(caught.value).startswith("SIGNALS_KAFKA: not a list of brokers")
    assert "hush-hush" not in said + str(caught.value)


def test_pages_are_served_on_loopback_unless_said_otherwise() -> None:
    """They have no authentication."""
    assert Settings().http.host == "127.0.0.1"


def test_a_users_name_is_not_hidden_but_the_webhooks_address_is(tmp_path: Path) -> None:
    """Blanking a name like "signals" would blank half of every log line; receivers put tokens into addresses."""
    file = tmp_path / "signals.yaml"
    file.write_text("sinks: {webhook: {url: 'https://example.com/hooks/T0KEN'}}\n")

    loaded = load_configuration(file, {"SIGNALS_KAFKA_USER": "signals", "SIGNALS_WEBHOOK_SECRET": "a-long-secret"})

    assert set(loaded.hidden()) == {"a-long-secret", "https://example.com/hooks/T0KEN", "hooks/T0KEN"}
    assert "T0KEN" not in repr(loaded)


def test_a_broker_in_the_file_is_not_overruled(tmp_path: Path) -> None:
    """A variable left over in a shell does not send events to another broker than the file's."""
    file = tmp_path / "signals.yaml"
    file.write_text("kafka: {bootstrap: 'kafka-1:9092'}\n")

    assert load_configuration(file, {"SIGNALS_KAFKA": "127.0.0.1:4711"}).settings.kafka.bootstrap == "kafka-1:9092"


def test_a_missing_named_file_is_an_error(tmp_path: Path) -> None:
    """A file that was asked for and is not there stops the start."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read"):
        load_configuration(tmp_path / "nowhere.yaml", {})


def test_without_any_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file in the working directory means defaults; a signals.yaml there is read."""
    monkeypatch.chdir(tmp_path)
    assert load_configuration(None, {}).file is None

    Path("signals.yaml").write_text("http: {port: 0}\n")

    assert load_configuration(None, {}).settings.http.port == 0


@pytest.mark.parametrize(
    ("text", "duration"),
    [("250ms", timedelta(milliseconds=250)), ("48h", timedelta(days=2)), (" 7d ", timedelta(days=7))],
)
def test_durations_are_read(text: str, duration: timedelta) -> None:
    """A number and a unit give a duration."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "7 days", "1d2h", None, 7, True])
def test_other_durations_are_refused(text: object) -> None:
    """Everything else is refused, a bare number too: its unit would be a guess."""
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_the_example_file_is_valid() -> None:
    """The commented example loads as it is."""
    parse_settings(EXAMPLE.read_text(), EXAMPLE.name)


def test_the_example_file_shows_every_setting_and_its_default() -> None:
    """With every commented setting switched on the example is still valid and names each field of each section."""
    text = EXAMPLE.read_text()

    settings = parse_settings(uncommented(text), EXAMPLE.name)

    for section, model in Settings.model_fields.items():
        shown = getattr(settings, section).model_fields_set
        assert shown == set(type(getattr(settings, section)).model_fields), f"{section}: {model}"


def uncommented(text: str) -> str:
    """Return the example with its ``#`` before settings (no space after it) taken away; prose keeps ``# ``."""
    return "\n".join(
        line.replace("#", "", 1) if line.lstrip().startswith("#") and not line.lstrip().startswith("# ") else line
        for line in text.splitlines()
    )
