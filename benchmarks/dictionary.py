"""Makes the next dictionary for stored accounts (``signals/streams/squeeze.py``) out of simulated companies.

Several companies live for months, with every plot of the simulator and the whole catalogue in force; besides, plain
histories with many products and people. What their accounts have in common is cut into pieces of some hundred bytes,
and those are kept that most accounts need. No piece is kept for what one account says, and names of organizations,
people and owners are made unreadable before: nothing of a person, and nothing of the simulator's few names.

    python benchmarks/dictionary.py --out src/signals/streams/dictionaries/2.bin     # about five minutes
    python benchmarks/dictionary.py --companies 1 --out /dev/null                    # how much it saves, quickly
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import blake2b
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent.parent))

import zlib

from benchmarks.history import write_history

from signals.backtest.replay import replay
from signals.domain.account.state import Account
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import read_files
from signals.settings.load import load_configuration
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.streams.packing import pack_account
from signals.streams.squeeze import LEVEL
from signals.wiring.catalogue import catalogue_of

SIZE = 28 * 1024
"""Deflate looks back 32 kB, so the beginning of a larger one is out of sight when most of an account is written."""
SAMPLE = 8
"""Bytes of what is counted: about what it takes for a reference to be shorter than the words."""
PIECE = 160
"""Bytes of a piece: some fields with their names."""
SEED = 7_000
"""Companies of other benchmarks have small seeds: theirs are not to be in here."""
PARTITIONS = 8

COMPANIES = (
    SimulationSettings(80, 150, SEED, date(2023, 3, 1), events_per_day=8, plot_share=0.5),
    SimulationSettings(60, 365, SEED + 1, date(2024, 8, 1), events_per_day=8, plot_share=0.3),
    SimulationSettings(80, 60, SEED + 2, date(2025, 5, 1), events_per_day=8, plot_share=0.5),
)
"""In other years than those of the benchmarks, whose times are not to be in here either."""
HISTORIES = ((30, 70, 0, 0, date(2024, 4, 9)), (4, 365, 10, 20, date(2023, 2, 7)), (6, 200, 6, 14, date(2022, 9, 13)))
"""Accounts, days, products, people, first day."""


def lived(file: Path, catalogue: Catalogue) -> list[Account]:
    """Return the accounts at the end of a history."""
    result = replay(
        read_files([file], partitions=PARTITIONS), decoder=RecordDecoder(PARTITIONS), catalogue=catalogue,
        policy=Policy(),
    )  # fmt: skip
    return list(result.accounts.values())


def companies(count: int, folder: Path) -> Iterator[Path]:
    """Write *count* of the companies and histories, one after the other."""
    file = folder / "events.jsonl"
    for settings in COMPANIES[:count]:
        file.write_bytes(b"".join(to_line(record) + b"\n" for record in simulate(settings).records()))
        yield file
    for accounts, days, products, people, start in HISTORIES[:count]:
        write_history(file, accounts=accounts, days=days, products=products, people=people, start=start)
        yield file


def unnamed(account: Account) -> bytes:
    """Return the main piece of an account, its names replaced by others of the same length."""
    text = pack_account(account).main
    names = {account.org_id, account.org_id.removeprefix("org_"), *account.people.persons}
    names |= {found.decode() for found in re.findall(rb"[\w.]+@[\w.]+", text)}
    if isinstance(account.profile.name, str):
        names |= {account.profile.name, account.profile.name.lower().replace(" ", "-")}
    for name in sorted(filter(None, names), key=lambda one: (-len(one), one)):
        other = blake2b(f"{account.org_id} {name}".encode()).hexdigest().encode()
        text = text.replace(name.encode(), other[: len(name.encode())])
    return text


def common(texts: Sequence[bytes], size: int) -> bytes:
    """Return what the texts have in common, what most of them need at the end, where a reference to it is short.

    The texts are cut into as many stretches as there are to be pieces, and of each stretch the piece is taken whose
    samples most texts have, other than those that are taken already.
    """
    needed: Counter[bytes] = Counter()
    for text in texts:
        needed.update({text[place : place + SAMPLE] for place in range(len(text) - SAMPLE + 1)})
    whole = b"".join(texts)
    stretch = len(whole) * PIECE // size
    pieces: list[tuple[int, bytes]] = []
    for begin in range(0, len(whole), stretch):
        worth, piece = best_piece(whole[begin : begin + stretch], needed)
        if worth:
            pieces.append((worth, piece))
            for place in range(len(piece) - SAMPLE + 1):
                needed[piece[place : place + SAMPLE]] = 0
    return b"".join(piece for _, piece in sorted(pieces))[-size:]


def best_piece(text: bytes, needed: Counter[bytes]) -> tuple[int, bytes]:
    """Return the piece of a stretch whose different samples are in most texts, and in how many; once does not count."""
    samples = [text[place : place + SAMPLE] for place in range(len(text) - SAMPLE + 1)]
    inside: Counter[bytes] = Counter()
    worth, best, where = 0, 0, 0
    span = PIECE - SAMPLE + 1
    for place, sample in enumerate(samples):
        if not inside[sample] and needed[sample] > 1:
            worth += needed[sample]
        inside[sample] += 1
        if place >= span:
            left = samples[place - span]
            inside[left] -= 1
            if not inside[left] and needed[left] > 1:
                worth -= needed[left]
        if worth > best:
            best, where = worth, place
    begin = max(0, where - span + 1)
    return best, text[begin : where + SAMPLE]


def main() -> int:
    """Make a dictionary and say what it saves on accounts that it was not made of."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--companies", type=int, default=len(COMPANIES), help="of each kind (default %(default)s)")
    chosen = parser.parse_args()
    catalogue = catalogue_of(load_configuration(None, {}))
    with tempfile.TemporaryDirectory() as folder:
        accounts = [one for file in companies(chosen.companies, Path(folder)) for one in lived(file, catalogue)]
    texts = [unnamed(account) for account in accounts]
    own, others = texts[::8], [text for place, text in enumerate(texts) if place % 8]
    made = common(others, SIZE)
    sizes = [mean(len(_small(text, known)) for text in own) for known in (b"", made)]
    sys.stdout.write(f"{len(texts)} accounts, {sizes[0]:,.0f} bytes without it, {sizes[1]:,.0f} with it\n")
    chosen.out.write_bytes(common(texts, SIZE))
    return 0


def _small(text: bytes, known: bytes) -> bytes:
    compressor = zlib.compressobj(LEVEL, zdict=known) if known else zlib.compressobj(LEVEL)
    return compressor.compress(text) + compressor.flush()


if __name__ == "__main__":
    sys.exit(main())
