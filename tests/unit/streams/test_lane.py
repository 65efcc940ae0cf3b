"""One partition of deliveries: order per destination, no waiting for each other, commits without holes."""

import asyncio
from collections import defaultdict

import pytest

from signals.streams.lane import WINDOW, Due, Lane


class Desk:
    """Work that ends when the test says so."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.doubtful: list[int] = []
        self.gates: dict[int, asyncio.Future[None]] = defaultdict(lambda: asyncio.get_running_loop().create_future())

    async def work(self, due: Due, doubtful: bool) -> None:
        """Note the start, wait for the end."""
        self.started.append(due.offset)
        if doubtful:
            self.doubtful.append(due.offset)
        await self.gates[due.offset]

    async def finish(self, *offsets: int) -> None:
        """Let these end, and everything that follows from it happen."""
        for offset in offsets:
            self.gates[offset].set_result(None)
        await settle()


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def desk() -> Desk:
    """Fresh work."""
    return Desk()


def a_lane(desk: Desk, *, start: int = 0, doubtful_until: int = 0, failed: list[BaseException] | None = None) -> Lane:
    """Return a lane whose records name their destination as their value."""
    errors = failed if failed is not None else []
    return Lane(
        start, doubtful_until=doubtful_until, destination_of=lambda due: due.value.decode(), work=desk.work,
        failed=errors.append,
    )  # fmt: skip


async def offer(lane: Lane, destinations: str, *, first: int = 0) -> None:
    """Offer one record per letter, from offset *first* on."""
    for offset, destination in enumerate(destinations, first):
        lane.offer(Due(offset, destination.encode()))
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


async def test_the_commit_goes_up_to_the_first_that_is_not_done(desk: Desk) -> None:
    """A finished delivery behind an unfinished one is repeated after a crash, and recognised then."""
    lane = a_lane(desk)
    await offer(lane, "abc")
    await desk.finish(0, 2)
    assert lane.committable == 1
    await desk.finish(1)
    assert lane.committable == 3
    assert lane.idle


async def test_only_a_window_past_the_commit_is_started(desk: Desk) -> None:
    """So that only so many can be in doubt after a crash."""
    lane = a_lane(desk)
    for offset in range(WINDOW + 1):
        lane.offer(Due(offset, str(offset).encode()))
    await settle()
    assert len(desk.started) == WINDOW
    waiting = lane.full
    assert waiting

    await desk.finish(0)
    lane.commit_moved(lane.committable)
    await settle()
    assert desk.started[-1] == WINDOW
    assert not lane.full
    await lane.close(0)


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
    assert not lane.idle


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
