"""Lists whose rows do not say their numbers: what is tried, what is learnt, when it ends."""

import json
import random
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.numbered import NAMELESS, PATIENCE, Numbered, NumberedPosition
from ovk_archive.api.paging.positions import Page

PAGINATOR = Numbered("topic_ids", Anchored(order="whole", size=20, overlap=5))


class Board:
    """Topics as [A] shows them: number -> global id, listed by the latter without the former."""

    def __init__(self, topics: dict[int, int], *, named: bool = False) -> None:
        self.topics = topics
        self.named = named
        self.tries = 0
        self.pages = 0

    def answer(self, position: Any) -> Page:
        """The page that a request gets."""
        window = PAGINATOR.window(position)
        assert window is not None
        number = PAGINATOR.params(position).get("topic_ids")
        total = len(self.topics)
        if number is not None:
            self.tries += 1
            found = self.topics.get(number)
            return Page(keys=(self._key(number),) if found else (), total=total)
        self.pages += 1
        rows = sorted(self.topics, key=lambda one: self.topics[one])
        some = rows[window.start : window.start + window.size]
        return Page(keys=tuple(self._key(one) for one in some), total=total)

    def _key(self, number: int) -> str:
        return str(number) if self.named else f"{NAMELESS}{self.topics[number]}"

    def sync(self, saved: dict[str, Any] | None, *, full: bool = False, most: int = 1000) -> Any:
        """Walk; the position as saved, and the numbers by key that the rows were given."""
        position = PAGINATOR.begin(saved, full=full, expected=0)
        given: dict[str, int] = {}
        for _ in range(most):
            if PAGINATOR.window(position) is None:
                break
            page = self.answer(position)
            places = PAGINATOR.places(position, page)
            given |= {k: n for k, n in zip(page.keys, places, strict=True) if n}
            position = PAGINATOR.after(position, page)
        return json.loads(json.dumps(position.to_json())), given


def board(seed: int, topics: int, deleted: int) -> Board:
    """A board with numbers that are missing, and global ids with gaps of any size."""
    rng = random.Random(seed)
    ids = sorted(rng.sample(range(1, 10_000), topics + deleted))
    everything = dict(enumerate(ids, start=1))
    for number in rng.sample(sorted(everything), deleted):
        del everything[number]
    return Board(everything)


def expected(truth: Board) -> dict[str, int]:
    """Every topic by its key."""
    return {f"{NAMELESS}{found}": number for number, found in truth.topics.items()}


def test_every_topic_gets_its_number() -> None:
    """Whatever was deleted between them, all listed rows are found by their numbers."""
    for seed in range(100):
        truth = board(seed, topics=seed % 60, deleted=seed % 13)
        saved, given = truth.sync(None)

        assert saved["done"]
        assert given == expected(truth)


def test_rows_that_say_their_numbers_cost_nothing() -> None:
    """[B] lists the numbers themselves: only the listing is read."""
    truth = Board({number: number + 100 for number in range(1, 51)}, named=True)
    saved, _ = truth.sync(None)

    assert saved["done"]
    assert truth.tries == 0


def test_a_second_sync_tries_only_what_is_new() -> None:
    """What was learnt is kept: two new topics cost two tries, no new one costs none."""
    truth = board(1, topics=40, deleted=5)
    saved, _ = truth.sync(None)
    truth.tries = 0
    saved, given = truth.sync(saved)
    assert (truth.tries, given) == (0, expected(truth))

    last = max(truth.topics)
    truth.topics |= {last + 1: 20_001, last + 2: 20_002}
    del truth.topics[min(truth.topics)]
    saved, given = truth.sync(saved)
    assert saved["done"]
    assert truth.tries == 2
    assert given == expected(truth)


def test_a_walk_cut_anywhere_goes_on() -> None:
    """After any number of interruptions every topic has been given its number."""
    for seed in range(50):
        rng = random.Random(seed)
        truth = board(seed, topics=45, deleted=6)
        saved: dict[str, Any] | None = None
        met: dict[str, int] = {}
        for _ in range(200):
            saved, given = truth.sync(saved, most=rng.randint(1, 6))
            met |= given
            if saved["done"]:
                break

        assert saved
        assert saved["done"]
        assert met == expected(truth)


def test_a_topic_that_cannot_be_found_is_not_called_complete() -> None:
    """A listed topic that no number leads to ends the search, but not as finished."""
    truth = board(3, topics=10, deleted=0)
    hidden = Board(dict(truth.topics))
    del hidden.topics[4]
    listing = NumberedPosition.from_json(truth.sync(None, most=2)[0])
    assert listing.wanted

    saved, _ = hidden.sync(listing.to_json())

    assert not saved["done"]
    assert len(saved["wanted"]) == 1
    assert hidden.tries <= 10 + PATIENCE
    again, given = truth.sync(saved)
    assert again["done"]
    assert given == expected(truth)
