"""One partition of deliveries: order per destination, no waiting for each other, commits without holes."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import msgspec
import pytest

from signals.domain.reasons import Change, SkipReason
from signals.streams.lane import GIVE_UP_S, MOST_WAITING, Lane
from signals.streams.waiting import Due, Waiting
from support.fake_engine import EPOCH
from support.hand_clock import HandClock


class Desk:
    """Work that ends when the test says so."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.doubtful: list[int] = []
        self.final: list[int] = []
        self.left_out: list[tuple[int, SkipReason]] = []
        self.done_before: set[int] = set()
        self.stale: set[str] = set()
        self.folded: set[str] = set()
        self.folds: list[list[int]] = []
        self.kept: set[int] = set()
        self.gathering: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.paused: set[str] = set()
        self.resumed = asyncio.Event()
        self.gates: dict[int, asyncio.Future[bool]] = defaultdict(lambda: asyncio.get_running_loop().create_future())

    def known(self, one: Waiting) -> bool:
        """Whether the test said so."""
        return one.due.offset in self.done_before

    def skipped(self, one: Waiting, reason: SkipReason) -> None:
        """Note it."""
        self.left_out.append((one.due.offset, reason))

    def holds(self, one: Waiting) -> str:
        """Hold back what goes to a stale destination, until the test says otherwise."""
        return one.destination if one.destination in self.stale and one.signal_id not in self.folded else ""

    async def gathered(self, place: str) -> None:
        """Wait for the test."""
        await self.gathering[place].wait()

    async def fold(self, place: str, ones: list[Waiting]) -> list[Waiting]:  # noqa: ARG002  # a port
        """Keep what the test keeps."""
        self.folds.append([one.due.offset for one in ones])
        self.folded |= {one.signal_id for one in ones}
        return [one for one in ones if one.due.offset in self.kept]

    async def turn(self, destination: str) -> None:
        """Wait while the destination is paused."""
        while destination in self.paused:
            await self.resumed.wait()

    async def work(self, one: Waiting, *, superseded: Callable[[], bool], final: bool) -> bool:  # noqa: ARG002  # a port
        """Note the start, wait for the end."""
        offset = one.due.offset
        self.started.append(offset)
        if one.doubtful:
            self.doubtful.append(offset)
        if final:
            self.final.append(offset)
        return await self.gates[offset]

    async def finish(self, *offsets: int) -> None:
        """Let these end, and everything that follows from it happen."""
        for offset in offsets:
            self.gates[offset].set_result(True)
        await settle()

    async def fail(self, offset: int) -> None:
        """Let its attempts be used up."""
        gate = self.gates.pop(offset)
        gate.set_result(False)
        await settle()


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def desk() -> Desk:
    """Fresh work."""
    return Desk()


def a_lane(
    desk: Desk, *, start: int = 0, doubtful_until: int = 0, failed: list[BaseException] | None = None,
    clock: HandClock | None = None,
) -> Lane:  # fmt: skip
    """Return a lane."""
    errors = failed if failed is not None else []
    return Lane(
        start, doubtful_until=doubtful_until, work=desk, coalesce=True, monotonic=(clock or HandClock()).monotonic,
        failed=errors.append,
    )  # fmt: skip


def record(offset: int, destination: str, signal: str = "", change: Change = Change.OPENED) -> Due:
    """Return a delivery; each is of a signal of its own unless said otherwise."""
    step = {"signal_id": signal or f"s{offset}", "seq": offset + 1, "change": change, "at": EPOCH, "status": "open"}
    return Due(offset, msgspec.json.encode({"destination": destination, "transition": step}))


async def offer(lane: Lane, destinations: str, *, first: int = 0) -> None:
    """Offer one record per letter, from offset *first* on."""
    for offset, destination in enumerate(destinations, first):
        lane.offer(record(offset, destination))
    await settle()


async def test_one_destination_is_served_in_order(desk: Desk) -> None:
    """The second card waits for the first one of the same channel."""
    lane = a_lane(desk)
    await offer(lane, "aa")
    assert desk.started == [0]
    await desk.finish(0)
    assert desk.started == [0, 1]
    await lane.close(0)


async def test_one_destination_never_blocks_another(desk: Desk) -> None:
    """A channel that is down holds its own cards only, and the commit."""
    lane = a_lane(desk)
    await offer(lane, "abab")
    await desk.finish(1)
    await desk.finish(3)
    assert desk.started == [0, 1, 3]
    assert lane.committable == 0
    await lane.close(0)


async def test_a_dead_channel_holds_nobody_however_much_comes_after_it(desk: Desk) -> None:
    """Thousands of deliveries to another channel pass it; what waits is what is not done, not the way to the commit."""
    lane = a_lane(desk)
    await offer(lane, "a")
    for offset in range(1, 2 * MOST_WAITING):
        lane.offer(record(offset, "b"))
        await desk.finish(offset)
    assert len(desk.started) == 2 * MOST_WAITING
    assert (lane.full, lane.committable) == (False, 0)
    await lane.close(0)


async def test_fetching_pauses_when_too_much_waits(desk: Desk) -> None:
    """Memory is finite; the dead channel's own backlog is the limit."""
    lane = a_lane(desk)
    for offset in range(MOST_WAITING):
        lane.offer(record(offset, "a"))
    waiting = lane.full
    await desk.finish(0)
    assert (waiting, lane.full) == (True, False)
    await lane.close(0)


async def test_what_an_earlier_process_recorded_is_passed_over(desk: Desk) -> None:
    """Behind a dead channel a restart reads much that is done; none of it waits in that channel's queue."""
    desk.done_before = {1, 2}
    lane = a_lane(desk, doubtful_until=9)
    await offer(lane, "aaab")
    assert desk.left_out == [(1, SkipReason.REPEAT), (2, SkipReason.REPEAT)]
    await desk.finish(0, 3)
    assert lane.committable == 4
    assert lane.idle


async def test_the_commit_goes_up_to_the_first_that_is_not_done(desk: Desk) -> None:
    """A finished delivery behind an unfinished one is repeated after a crash, and recognised then."""
    lane = a_lane(desk)
    await offer(lane, "abc")
    await desk.finish(0, 2)
    assert lane.committable == 1
    await desk.finish(1)
    assert lane.committable == 3
    assert lane.idle


async def test_edits_that_wait_while_a_channel_is_paused_become_one(desk: Desk) -> None:
    """Twenty edits of a card, one call at the end; each edit left out is told, and the commit passes it."""
    desk.paused.add("a")
    lane = a_lane(desk)
    for offset in range(20):
        lane.offer(record(offset, "a", "x", Change.UPDATED))
    await settle()
    assert desk.started == []

    desk.paused.clear()
    desk.resumed.set()
    await settle()

    assert desk.started == [19]
    assert desk.left_out == [(offset, SkipReason.COALESCED) for offset in range(19)]
    assert lane.committable == 19
    await desk.finish(19)
    assert lane.idle


async def test_a_delivery_that_fails_where_others_come_through_gets_one_last_chance(desk: Desk) -> None:
    """The others of its channel go first; it is looked up before, for an attempt may have arrived."""
    lane = a_lane(desk)
    await offer(lane, "aa")
    await desk.fail(0)
    await desk.finish(1)
    assert (desk.started, desk.doubtful, desk.final) == ([0, 1, 0], [0], [0])
    await desk.finish(0)
    assert lane.idle


async def test_while_nothing_comes_through_nothing_is_given_up_for_a_day(desk: Desk) -> None:
    """An outage is not the deliveries' fault."""
    clock = HandClock()
    lane = a_lane(desk, clock=clock)
    await offer(lane, "a")
    await desk.fail(0)
    clock.seconds = GIVE_UP_S - 1
    await desk.fail(0)
    assert desk.final == []
    clock.seconds = GIVE_UP_S
    await desk.fail(0)
    assert desk.final == [0]
    await lane.close(0)


async def test_what_is_held_back_is_decided_together_and_holds_nobody_else(desk: Desk) -> None:
    """Some become a digest and are done, the others are delivered in their order; the commit waits for them."""
    desk.stale, desk.kept = {"a"}, {2}
    lane = a_lane(desk)
    await offer(lane, "abaa")
    assert desk.started == [1]
    await desk.finish(1)
    assert lane.committable == 0

    desk.gathering["a"].set()
    await settle()

    assert desk.folds == [[0, 2, 3]]
    assert desk.started == [1, 2]
    assert (lane.committable, lane.idle) == (2, False)
    await desk.finish(2)
    assert lane.committable == 4


async def test_later_steps_of_a_held_signal_stay_behind_it(desk: Desk) -> None:
    """However fresh they are; once it is decided they go their own way."""
    desk.stale = {"a"}
    lane = a_lane(desk)
    lane.offer(record(0, "a", "x"))
    desk.stale = set()
    lane.offer(record(1, "a", "x", Change.ESCALATED))
    lane.offer(record(2, "a", "y"))
    await settle()
    assert desk.started == [2]
    desk.gathering["a"].set()
    await settle()
    assert desk.folds == [[0, 1]]
    await desk.finish(2)
    lane.offer(record(3, "a", "x", Change.ESCALATED))
    await settle()
    assert desk.started == [2, 3]
    await lane.close(0)


async def test_what_grew_stale_while_it_waited_is_held_back_then_and_only_once(desk: Desk) -> None:
    """With the later steps of its signal; what is kept goes out, come what may."""
    desk.paused.add("a")
    lane = a_lane(desk)
    lane.offer(record(0, "a", "x"))
    lane.offer(record(1, "a", "y"))
    lane.offer(record(2, "a", "x", Change.ESCALATED))
    await settle()
    desk.stale, desk.kept = {"a"}, {0, 2}
    desk.gathering["a"].set()
    desk.paused.clear()
    desk.resumed.set()
    await settle()
    assert desk.folds == [[0, 2, 1]]
    assert desk.started == [0]
    await desk.finish(0, 2)
    assert (lane.committable, lane.idle) == (3, True)


async def test_closing_leaves_what_is_held_back_to_the_next_owner(desk: Desk) -> None:
    """Nothing of it was touched."""
    desk.stale = {"a"}
    lane = a_lane(desk)
    await offer(lane, "a")
    await lane.close(60)
    assert (desk.folds, lane.committable, lane.idle) == ([], 0, True)


async def test_a_record_read_twice_is_started_once(desk: Desk) -> None:
    """After a seek the broker may give old ones again."""
    lane = a_lane(desk, start=5)
    await offer(lane, "abc", first=4)
    await offer(lane, "bc", first=5)
    assert desk.started == [5, 6]
    await lane.close(0)


async def test_records_an_earlier_process_may_have_tried_are_marked(desk: Desk) -> None:
    """The sink looks those up before it sends."""
    lane = a_lane(desk, start=3, doubtful_until=5)
    await offer(lane, "abc", first=3)
    assert desk.doubtful == [3, 4]
    await lane.close(0)


async def test_a_dead_letter_sent_again_is_marked_too(desk: Desk) -> None:
    """Its attempts of the first time may have arrived."""
    lane = a_lane(desk)
    lane.offer(Due(0, record(0, "a").value, tried=True))
    await settle()
    assert desk.doubtful == [0]
    await lane.close(0)


async def test_closing_lets_what_is_under_way_end_and_starts_nothing(desk: Desk) -> None:
    """A deploy cuts no call in half that ends within the grace."""
    lane = a_lane(desk)
    await offer(lane, "aab")
    closing = asyncio.create_task(lane.close(60))
    await settle()
    await desk.finish(0, 2)
    await closing
    assert desk.started == [0, 2]
    assert lane.committable == 1
    assert lane.idle  # what waits was not touched


async def test_closing_cuts_off_what_takes_too_long(desk: Desk) -> None:
    """It counts as not done."""
    lane = a_lane(desk)
    await offer(lane, "a")
    await lane.close(0)
    assert lane.committable == 0
    assert not lane.idle


async def test_an_outcome_that_cannot_be_written_stops_the_lane(desk: Desk) -> None:
    """Nothing is started after it, and nothing passes it."""
    failed: list[BaseException] = []
    lane = a_lane(desk, failed=failed)
    await offer(lane, "aab")
    desk.gates[0].set_exception(ConnectionError("broker away"))
    await settle()
    await offer(lane, "c", first=3)

    assert [type(error) for error in failed] == [ConnectionError]
    assert desk.started == [0, 2]
    assert lane.committable == 0
    await lane.close(0)
