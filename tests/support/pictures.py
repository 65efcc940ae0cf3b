"""Takes the pictures of the cards for the documentation: ``PYTHONPATH=tests python -m support.pictures docs/pictures``.

Charts are drawn as they are. Slack's cards are posted to local-slack by the real sink and photographed with chromium,
wide and narrow, on one sheet.
local-slack's page shows date tokens and escaped characters as they are sent; so that the picture is what Slack shows,
a proxy in between replaces each token by its own fallback and each entity by its character (angle brackets by
look-alikes, which that page leaves alone).
"""

import asyncio
import html
import io
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw, ImageFont
from pydantic import SecretStr
from rich.console import Console

from signals.domain.reasons import Change, Severity
from signals.domain.signal import Transition
from signals.sinks.chart.picture import HEIGHT, WIDTH, draw_png
from signals.sinks.digest import begin, join
from signals.sinks.digest_page import part_of
from signals.sinks.terminal.sink import TerminalCrm, TerminalSlack
from support.cards import APPEARANCE, NOW, delivery, every_sample, resolved, step
from support.charts import drop_chart, every_chart, runway_chart, spike_chart
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_servers import CHANNEL, CHANNEL_ID, TOKEN, Proxy, local_slack

SIDEBAR = 220
# Width of local-slack's list of channels, which is cut away.
HEADER = 106
# Height of its title bars, which are cut away too.
ON_SHEET = ("churn", "credit_runway", "payment", "spike", "unknown_owner")

CHARTS_OF = {"churn": drop_chart(), "credit_runway": runway_chart(), "spike": spike_chart()}


def as_slack_shows(text: str) -> str:
    """Replace date tokens by their fallback and entities by their characters, without making new markup."""
    text = re.sub(r"<!date\^\d+\^[^|>]*\|([^>]*)>", r"\1", text)
    return text.replace("&lt;", "˂").replace("&gt;", "˃").replace("&amp;", "&")


async def post_samples(address: str) -> None:
    """Post the samples; the payment is resolved at once."""
    proxy = Proxy(address, rewrite=as_slack_shows, pictures=True)
    async with proxy.running():
        sink = slack_sink(proxy.address, HandClock(), token=SecretStr(TOKEN), channels={CHANNEL: CHANNEL_ID})
        await sink.start()
        for name in ON_SHEET:
            sample = msgspec.structs.replace(every_sample()[name], chart=CHARTS_OF.get(name))
            sent = await sink.send(delivery(sample), None)
            if name == "payment":
                await sink.send(delivery(resolved(sample, "the invoice was paid", days=2)), sent)
        await sink.stop()


def missed_signals() -> list[Transition]:
    """Return what a company of 60 accounts missed in a night, seven of them over by now."""
    samples = list(every_sample().values())[:5]
    names = ("Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Tyrell", "Cyberdyne", "Soylent")
    found = []
    for number in range(60):
        sample, name = samples[number % len(samples)], f"{names[number % len(names)]} {number // 10 or ''}".strip()
        at, stake = NOW - timedelta(minutes=37 * (number % 20)), Decimal(7_000 + 3_700 * (number * 7 % 41))
        found.append(
            msgspec.structs.replace(
                sample, signal_id=f"s{number}", account_name=name, at=at, value_at_stake=stake,
                headline=sample.headline.replace(sample.account_name, name),
                severity=Severity.CRITICAL if number % 12 == 0 else sample.severity,
            )
        )  # fmt: skip
    over = [msgspec.structs.replace(resolved(samples[0]), signal_id=f"over{number}") for number in range(7)]
    return found + over


async def post_digest(address: str) -> None:
    """Post a digest of a Monday morning after an outage."""
    proxy = Proxy(address, rewrite=as_slack_shows)
    async with proxy.running():
        channels = {CHANNEL: CHANNEL_ID}
        sink = slack_sink(
            proxy.address, HandClock(), token=SecretStr(TOKEN), channels=channels, see_all="https://crm.example.com/all"
        )
        await sink.start()
        part = part_of("slack", CHANNEL, missed_signals())
        await sink.send_digest(CHANNEL, join(begin(part), [part]), {})
        await sink.stop()


def photograph(address: str, picture: Path, width: int, height: int) -> None:
    """Save what a browser of that size shows."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("needs chromium (Debian: chromium, fonts-noto-core, fonts-noto-color-emoji)")
    with tempfile.TemporaryDirectory() as profile:
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-lcd-text",
            "--virtual-time-budget=5000", f"--user-data-dir={profile}",
        ]  # fmt: skip
        size = f"--window-size={width},{height}"
        subprocess.run([chromium, *flags, size, f"--screenshot={picture}", address], check=True, capture_output=True)


def slack_sheet(target: Path) -> None:
    """Save the contact sheet: the channel in a wide window and in one as narrow as a phone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with local_slack(folder) as address:
            asyncio.run(post_samples(address))
            photograph(address + "/", folder / "wide.png", SIDEBAR + 740, 2690)
            photograph(address + "/", folder / "narrow.png", SIDEBAR + 420, 2990)
        join_sheet(folder, target, (("wide.png", 740, 2500), ("narrow.png", 420, 2790)), 2814)


def digest_sheet(target: Path) -> None:
    """Save the digest as a wide window and a phone show it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with local_slack(folder) as address:
            asyncio.run(post_digest(address))
            photograph(address + "/", folder / "wide.png", SIDEBAR + 740, 980)
            photograph(address + "/", folder / "narrow.png", SIDEBAR + 420, 1180)
        join_sheet(folder, target, (("wide.png", 740, 660), ("narrow.png", 420, 860)), 884)


def join_sheet(folder: Path, target: Path, pictures: tuple[tuple[str, int, int], ...], height: int) -> None:
    """Save pictures side by side, without the list of channels and the title bars."""
    cells = "".join(
        f"<figure><div style='width:{width}px;height:{tall}px'><img src='{html.escape(file)}'></div></figure>"
        for file, width, tall in pictures
    )
    style = (
        "body{margin:0;background:#ddd;display:flex;gap:12px;padding:12px;align-items:flex-start}"
        "figure{margin:0;background:#fff}div{overflow:hidden;position:relative}"
        f"img{{position:absolute;left:-{SIDEBAR}px;top:-{HEADER}px}}"
    )
    (folder / "sheet.html").write_text(f"<meta charset=utf-8><style>{style}</style>{cells}")
    photograph((folder / "sheet.html").as_uri(), target, sum(width + 12 for _, width, _ in pictures) + 12, height)


def chart_sheet(target: Path) -> None:
    """Save one chart of each kind, on a light page and on a dark one."""
    gap, pages = 24, (("#ffffff", "#1d1c1d"), ("#1a1d21", "#d1d2d3"))
    drawn = {chart.title: Image.open(io.BytesIO(draw_png(chart))).convert("RGBA") for chart in every_chart().values()}
    row = HEIGHT + 64
    sheet = Image.new("RGB", (2 * (WIDTH + 2 * gap), row * len(drawn) + gap), pages[0][0])
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(24)
    for column, (ground, ink) in enumerate(pages):
        left = column * (WIDTH + 2 * gap)
        pen.rectangle((left, 0, left + WIDTH + 2 * gap, sheet.height), fill=ground)
        for number, (title, picture) in enumerate(drawn.items()):
            pen.text((left + gap, number * row + 18), title, fill=ink, font=font)
            sheet.paste(picture, (left + gap, number * row + 52), picture)
    sheet.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


async def terminal_sheet() -> str:
    """Return, as SVG, cards, thread lines and CRM lines as a terminal of 80 columns shows them."""
    console = Console(width=80, force_terminal=True, color_system="truecolor", record=True, file=io.StringIO())
    slack = TerminalSlack(APPEARANCE, console=console, clock=lambda: NOW)
    crm = TerminalCrm(APPEARANCE, console=console, clock=lambda: NOW)
    samples = every_sample()
    for name in ("credit_runway", "unknown_owner", "churn"):
        sample = msgspec.structs.replace(samples[name], chart=CHARTS_OF.get(name))
        sent = await slack.send(delivery(sample), None)
        task = await crm.send(delivery(samples[name], "crm"), None)
    raised = step(samples["churn"], Change.ESCALATED, severity=Severity.CRITICAL, notify=True, decisive="−55 % events")
    sent, task = await slack.send(delivery(raised), sent), await crm.send(delivery(raised, "crm"), task)
    await slack.send(delivery(resolved(raised)), sent)
    await crm.send(delivery(resolved(raised), "crm"), task)
    svg = console.export_svg(title="signals")
    # The reader's own monospace font will do; a picture in the documentation fetches nothing from elsewhere.
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def main() -> None:
    """Save all pictures to the folder given."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chart_sheet(folder / "charts.png")
    (folder / "terminal-cards.svg").write_text(asyncio.run(terminal_sheet()))
    for name, draw in (("slack-cards.png", slack_sheet), ("slack-digest.png", digest_sheet)):
        sheet = (folder / name).resolve()
        draw(sheet)
        Image.open(sheet).convert("RGB").quantize(255, dither=Image.Dither.NONE).save(sheet, optimize=True)


if __name__ == "__main__":
    main()
