"""messages.*: the account's dialogs."""

from itertools import islice
from typing import Any

from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import user_objects
from ovk_archive.demo.methods.php import ApiFault, Crash, escape, to_int, window
from ovk_archive.demo.world.records import Message


def get_conversations(call: Call) -> dict[str, Any]:
    """List dialogs, the newest first; [B] adds people unless told not to."""
    peers = call.world.correspondents()
    page = window(peers, call.params.number("offset"), call.params.number("count", 20))
    items = [_dialog(call, peer) for peer in page]
    answer: dict[str, Any] = {"count": len(peers), "items": items}
    # "true" is 0 as an integer, so `extended=true` shows nobody.
    if call.params.number("extended", 1 if call.newer else 0) == 1:
        pictures = ["photo_50", "photo_100", "photo_200"] if call.newer else []
        fields = [*call.params.names("fields"), *pictures]
        answer["profiles"] = user_objects(call, page, fields)
        if call.newer:
            answer["groups"] = []
    return answer


def get_history(call: Call) -> dict[str, Any]:
    """List the messages of a dialog; `count` is the page's, the offset loses its sign."""
    peer = _peer(call)
    after = call.params.number("start_message_id")
    upwards = call.params.number("rev") == 1
    rows = call.world.history_upwards(peer) if upwards else call.world.history(peer)
    offset, count = abs(call.params.number("offset")), call.params.number("count", 20)
    if count < 0:
        raise Crash
    # By id, not by date; and lazily, for dialogs may be long.
    newer = (message for message in rows if message.id > after)
    page = list(islice(newer, offset, offset + count))
    items = [_message(call, message, "history") for message in page]
    answer: dict[str, Any] = {"count": len(items), "items": items}
    if call.newer:
        answer["conversations"] = [_summary(call, peer)]
    if call.params.number("extended") == 1:
        both = list(dict.fromkeys([call.world.account_id, peer]))
        answer["profiles"] = user_objects(call, both, call.params.names("fields"))
    return answer


def get_by_id(call: Call) -> dict[str, Any]:
    """Show chosen messages, deleted ones too, with an ellipsis for a text."""
    ids = (to_int(part) for part in call.params.names("message_ids"))
    found = [message for number in ids if (message := call.world.messages.get(number))]
    items = [_preview(call, message) for message in found]
    return {"count": len(items), "items": items}


def get_conversations_by_id(call: Call) -> dict[str, Any]:
    """Show chosen dialogs; one without messages crashes the server."""
    items = []
    for peer in (to_int(part) for part in call.params.names("peer_ids")):
        if peer not in call.world.users:
            continue
        history = call.world.history(peer)
        if not history:
            raise Crash
        items.append(_chosen(call, peer, history[0].id))
    answer: dict[str, Any] = {"count": len(items), "items": items}
    if call.params.number("extended") == 1:
        peers = [item["peer"]["id"] for item in items]
        fields = call.params.names("fields")
        answer["profiles"] = user_objects(call, peers, fields)
    return answer


def _peer(call: Call) -> int:
    peer = call.params.number("peer_id") or call.params.number("user_id")
    if not 0 < peer < 2_000_000_000:
        raise ApiFault(-151, "Chats are not implemented")
    if peer not in call.world.users:
        raise ApiFault(1, "ошибка про то что пира нет")
    return peer


def _message(call: Call, message: Message, place: str) -> dict[str, Any]:
    """Show a message; `place` decides which of [B]'s keys are null."""
    call.guard("messages", message.id)
    text = escape(message.text)
    me = call.world.account_id
    peer: dict[str, int | None] = {"user_id": message.peer_id}
    if call.newer:
        by_id = place == "by_id"
        peer = {"peer_id": None, **peer} if by_id else {"peer_id": message.peer_id, "user_id": None}
    return {
        "id": message.id,
        **peer,
        "from_id": me if message.out else message.peer_id,
        "date": message.date,
        "read_state": None if call.newer and place == "dialogs" else 1,
        "out": int(message.out),
        "title": "",
        "body": text,
        "text": text,
        "attachments": [],
        "fwd_messages": [],
        "emoji": True,
        "important": 0 if call.newer else True,
        "deleted": 0,
        "random_id": None,
    }


def _preview(call: Call, message: Message) -> dict[str, Any]:
    """Show a message as getById does, with its text cut (help/openvk-api.md, Messages)."""
    shown = _message(call, message, "by_id")
    length = call.params.number("preview_length")
    text = shown["text"]
    if len(text) > length:
        shown["text"] = text[:length] + "…"
        if length:
            shown["body"] = shown["text"]
    return shown


def _dialog(call: Call, peer: int) -> dict[str, Any]:
    call.guard("conversations", peer)
    history = call.world.history(peer)
    last = history[0] if history else None
    conversation: dict[str, Any] = {
        "peer": {"id": peer, "type": "user", "local_id": peer},
        "last_message_id": None if last is None else last.id,
        **(_newer(call, peer) if call.newer else {"in_read": 1, "out_read": 1}),
        "is_marked_unread": False,
        "important": not call.newer,
        "can_write": _can_write(call, peer),
    }
    return {
        "conversation": conversation,
        "last_message": None if last is None else _message(call, last, "dialogs"),
    }


def _newer(call: Call, peer: int) -> dict[str, Any]:
    unread = any(not message.read for message in call.world.history(peer)[:1])
    return {
        "chat_settings": {"title": "", "active_ids": []},
        **_read_marks(call, peer),
        "unread_count": int(unread),
    }


def _read_marks(call: Call, peer: int) -> dict[str, int]:
    history = call.world.history(peer)
    return {
        "in_read": next((m.id for m in history if m.read and not m.out), 0),
        "out_read": next((m.id for m in history if m.read and m.out), 0),
    }


def _can_write(call: Call, peer: int) -> dict[str, Any]:
    user = call.world.users[peer]
    if not call.newer:
        return {"allowed": user.deleted or peer in call.world.users[1].friends}
    gone = user.deleted or user.banned is not None
    return {"allowed": False, "reason": 901} if gone else {"allowed": True}


def _summary(call: Call, peer: int) -> dict[str, Any]:
    history = call.world.history(peer)
    return {
        "peer": {"id": peer, "local_id": peer, "type": "user"},
        "last_message_id": history[0].id if history else None,
        **_read_marks(call, peer),
    }


def _chosen(call: Call, peer: int, last: int) -> dict[str, Any]:
    return {
        "peer": {"id": peer, "type": "user", "local_id": peer},
        "last_message_id": last,
        "in_read": last,
        "out_read": last,
        "sort_id": {"major_id": 0, "minor_id": last},
        "last_conversation_message_id": peer,
        "in_read_cmid": peer,
        "out_read_cmid": peer,
        "is_marked_unread": call.flag(value=False),
        "important": False,
        "can_write": {"allowed": True},
    }


METHODS = {
    "messages.getConversations": Method(get_conversations),
    "messages.getConversationsById": Method(get_conversations_by_id, needs=("peer_ids",)),
    "messages.getHistory": Method(get_history),
    "messages.getById": Method(get_by_id, needs=("message_ids",)),
}
