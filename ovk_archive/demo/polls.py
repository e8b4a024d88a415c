"""polls.*: questions and their answers."""

from typing import Any

from ovk_archive.demo.call import Call, Method
from ovk_archive.demo.people import user_objects
from ovk_archive.demo.php import ApiFault, Crash
from ovk_archive.demo.records import Poll

#: What is shown of the author.
FIELDS = ["sex", "screen_name", "photo_50", "photo_100", "online"]


def poll_object(call: Call, poll: Poll) -> dict[str, Any]:
    """Show a poll."""
    votes = sum(count for _, _, count in poll.answers)
    return {
        "multiple": poll.multiple,
        "end_date": poll.end_date,
        "closed": bool(poll.end_date),
        "is_board": call.flag(value=False),
        "can_edit": call.flag(value=False),
        "can_vote": call.flag(value=False),
        "can_report": call.flag(value=False),
        "can_share": call.flag(value=True),
        "created": 0,
        "id": poll.id,
        "owner_id": poll.owner_id,
        "question": poll.question,
        "votes": votes,
        # Inverted in [A] (openvk-api.md section 5).
        "disable_unvote": not call.newer,
        "anonymous": call.flag(poll.anonymous),
        "answer_ids": poll.voted,
        "answers": [
            {"id": number, "rate": 100 * count // max(votes, 1), "text": text, "votes": count}
            for number, text, count in poll.answers
        ],
        "author_id": poll.owner_id,
    }


def get_by_id(call: Call) -> dict[str, Any]:
    """Show one poll."""
    if call.viewer is None:
        raise Crash
    poll = call.world.polls.get(call.params.number("poll_id"))
    if poll is None:
        raise ApiFault(
            100, "One of the parameters specified was missing or invalid: poll_id is incorrect"
        )
    if not call.params.flag("extended"):
        return poll_object(call, poll)
    return poll_object(call, poll) | {"profiles": user_objects(call, [poll.owner_id], FIELDS)}


METHODS = {"polls.getById": Method(get_by_id, anonymous="AB", needs=("poll_id",))}
