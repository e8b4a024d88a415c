"""polls.*: questions, their answers, and who chose them."""

from typing import Any

from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.faces import PICTURES, face
from ovk_archive.demo.methods.people import user_objects
from ovk_archive.demo.methods.php import ApiFault, Crash, sliced
from ovk_archive.demo.world.owned import Poll

#: What is shown of the author.
FIELDS = ["sex", "screen_name", "photo_50", "photo_100", "online"]


def poll_object(call: Call, poll: Poll, *, attached: bool = False) -> dict[str, Any]:
    """Show a poll; `attached` to something, it keeps to [A]'s ways in [B] too."""
    older = attached or not call.newer
    flag = bool if older else int
    closed = 0 < poll.end_date <= call.world.clock
    chosen = poll.voted(call.viewer)
    return {
        "multiple": poll.multiple,
        "end_date": poll.end_date,
        "closed": closed,
        "is_board": flag(0),
        "can_edit": flag(0),
        "can_vote": flag(not closed and not chosen),
        "can_report": flag(0),
        "can_share": flag(1),
        "created": 0,
        "id": poll.id,
        "owner_id": poll.owner_id,
        "question": poll.question,
        "votes": len(poll.voters),
        # Inverted in [A], and in attachments of both (help/openvk-api.md, Polls).
        "disable_unvote": poll.revotable == older,
        "anonymous": flag(poll.anonymous),
        "answer_ids": chosen,
        "answers": _answers(poll),
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


def get_voters(call: Call) -> Any:
    """List who chose one answer of a poll that is not anonymous; an unknown one nobody did."""
    poll = call.world.polls.get(call.params.number("poll_id"))
    if poll is None:
        raise _refusal(call, "Invalid poll")
    if poll.anonymous:
        raise _refusal(call, "Access denied: poll is anonymous.")
    answer = call.params.number("answer_ids")
    voters = next((choice.voters for choice in poll.choices if choice.id == answer), [])
    page = sliced(voters, call.params.number("offset"), call.params.number("count", 6))
    users = []
    for number in page:
        call.guard("poll_votes", (poll.id, answer, number))
        users.append(face(call, number, tuple(PICTURES)))
    if call.newer:
        return [{"answer_id": answer, "users": {"items": users}}]
    return {"answer_id": answer, "users": users}


def _answers(poll: Poll) -> list[dict[str, Any]]:
    people = max(len(poll.voters), 1)
    return [
        {"id": number, "rate": 100 * votes // people, "text": text, "votes": votes}
        for number, text, votes in poll.answers
    ]


def _refusal(call: Call, words: str) -> ApiFault:
    return ApiFault(15, "Access denied") if call.newer else ApiFault(251, words)


METHODS = {
    "polls.getById": Method(get_by_id, anonymous="AB", needs=("poll_id",)),
    "polls.getVoters": Method(get_voters, needs=("poll_id", "answer_ids")),
}
