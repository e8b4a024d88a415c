"""The generated dialogs."""

from random import Random

from ovk_archive.demo.invented import words
from ovk_archive.demo.invented.cast import ALICE, BANNED, BORIS, CLOSED_FRIEND, DELETED, DINA
from ovk_archive.demo.invented.journal import SPAN
from ovk_archive.demo.world.store import EPOCH
from ovk_archive.demo.world.world import World


def fill(world: World, random: Random, *, dialogs: int, each: int) -> None:
    """Write dialogs with all kinds of people; one has nothing left in it."""
    peers = _peers(world, dialogs)
    emptied = peers[7] if dialogs > 7 else None
    for number in range(each):
        for place, peer in enumerate(peers):
            if peer == emptied and number > 2:
                continue
            # Every ninth message is as old as the one before it: one second, two messages.
            moment = number - 1 if number % 9 == 8 else number
            message = world.add_message(
                peer,
                out=peer == 1 or random.random() < 0.5,
                text=_text(random, number, place),
                date=EPOCH + SPAN * moment // each + place,
            )
            message.read = number < each - 1 or place % 3 != 0
            if peer == emptied or number % 31 == 19:
                world.delete_message(message.id)


def _peers(world: World, count: int) -> list[int]:
    """Choose whom to write with; strangers are invented if there are not enough people."""
    friends = [number for number in world.users if number > CLOSED_FRIEND]
    kinds = [ALICE, BORIS, 1, BANNED, DELETED, DINA, CLOSED_FRIEND, *friends]
    while len(kinds) < count:
        kinds.append(world.add_user("Прохожий", f"№{len(kinds)}").id)
    return kinds[:count]


def _text(random: Random, number: int, place: int) -> str:
    if place == 0 and number <= len(words.TRICKY):
        return words.text(random, number)
    return words.reply(random)
