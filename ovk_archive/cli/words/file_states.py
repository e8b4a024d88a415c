"""How many files are here, and what became of the others: the same words everywhere."""

from collections.abc import Iterator, Mapping

from tqdm import tqdm

#: State in table `media` -> one, and several.
_STATES = {
    "pending": ("is not fetched yet", "are not fetched yet"),
    "failed": ("failed and will be tried again", "failed and will be tried again"),
    "refused": ("was refused by the server", "were refused by the server"),
    "gone": ("is no longer on the server", "are no longer on the server"),
    "unavailable": ("is only a placeholder", "are only placeholders"),
}


def stored_told(contents: int, size: int, addresses: int) -> str:
    """Each content is one file, however many addresses lead to it."""
    if not addresses:
        return "none stored"
    led = f", to which {addresses} addresses lead" if addresses > contents else ""
    return f"{contents} stored ({tqdm.format_sizeof(size, 'B', 1000)}){led}"


def state_told(state: str) -> str:
    """What became of one file."""
    return _STATES.get(state, (state,))[0]


def states_told(states: Mapping[str, int]) -> Iterator[str]:
    """What became of those that are not here, by table `media`."""
    for state, (one, many) in _STATES.items():
        if count := states.get(state):
            yield f"{count} {one if count == 1 else many}"
