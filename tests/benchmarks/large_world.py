"""A large account computed from numbers: each answer is made when it is asked for.

Run as a process it serves the account: its address goes to stdout. The sizes come as JSON on stdin.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Params = Mapping[str, Any]
Answer = dict[str, Any]

ACCOUNT = 1
#: The first of those with whom the account exchanges messages.
FIRST_PEER = 1001
EPOCH = 1_500_000_000
#: Comments of photos are numbered after those of posts.
OF_PHOTOS = 100_000_000
_COMMENT = "Комментарий"


class UnknownMethodError(Exception):
    """The account has nothing of the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """An account: its sizes say all there is to know of it.

    Attributes:
        posts: every tenth has a comment, every second the photo of its own number.
        messages: number `n` belongs to peer `n` modulo the number of peers.
        photos: every twentieth has a comment.
    """

    posts: int
    messages: int
    peers: int
    photos: int

    def answer(self, method: str, params: Params) -> Any:
        """What the server says.

        Raises:
            UnknownMethodError: the account has nothing of the kind.
        """
        answers = {
            "account.getProfileInfo": self._profile,
            "users.get": self._users,
            "wall.get": self._wall,
            "wall.getById": self._posts,
            "wall.getComments": self._post_comments,
            "messages.getConversations": self._conversations,
            "messages.getHistory": self._history,
            "photos.getAll": self._photos,
            "photos.getComments": self._photo_comments,
        }
        if method not in answers:
            raise UnknownMethodError(method)
        return answers[method](params)

    def post_comments(self, number: int) -> int:
        """How many comments a post has."""
        return int(number % 10 == 0)

    def photo_comments(self, number: int) -> int:
        """How many comments a photo has."""
        return int(number % 20 == 0)

    def last_message(self, peer: int) -> int:
        """The number of the newest message with this peer."""
        place = peer - FIRST_PEER
        return self.messages - (self.messages - place) % self.peers

    def _profile(self, params: Params) -> Answer:
        del params
        return {"id": ACCOUNT, "first_name": "Анна", "last_name": "Большая", "sex": 1}

    def _users(self, params: Params) -> list[Answer]:
        return [
            {"id": int(text), "first_name": f"Имя{text}", "last_name": "Фамилия", "sex": 2}
            for text in str(params["user_ids"]).split(",")
        ]

    def _wall(self, params: Params) -> Answer:
        return _counted(self.posts, [self._post(n) for n in _newest_first(self.posts, params)])

    def _posts(self, params: Params) -> Answer:
        numbers = (int(key.rpartition("_")[2]) for key in params["posts"].split(","))
        return {"items": [self._post(n) for n in numbers if 0 < n <= self.posts]}

    def _post(self, number: int) -> Answer:
        photo = number // 2
        is_shown = number % 2 == 0 and photo <= self.photos
        return {
            "id": number,
            "owner_id": ACCOUNT,
            "from_id": ACCOUNT,
            "date": EPOCH + number * 60,
            "post_type": "post",
            "text": f"Запись {number}: сегодня опять шёл дождь, и никто не вышел из дома.",
            "attachments": [{"type": "photo", "photo": self._photo(photo)}] if is_shown else [],
            "post_source": {"type": "vk"},
            "comments": {"count": self.post_comments(number), "can_post": 1},
            "likes": {"count": number % 7, "user_likes": 0, "can_like": 1, "can_publish": 1},
            "reposts": {"count": 0, "user_reposted": 0},
        }

    def _photos(self, params: Params) -> Answer:
        return _counted(self.photos, [self._photo(n) for n in _newest_first(self.photos, params)])

    def _photo(self, number: int) -> Answer:
        return {
            "id": number,
            "owner_id": ACCOUNT,
            "date": EPOCH + number * 120,
            "sizes": [
                {"type": "x", "url": _file(number, "normal"), "width": 604, "height": 400},
                {"type": "UPLOADED_MAXRES", "url": _file(number, "original"),
                 "width": 1600, "height": 1200},
            ],
            "comments": {"count": self.photo_comments(number)},
            "likes": {"count": number % 5, "user_likes": 0},
        }  # fmt: skip

    def _post_comments(self, params: Params) -> Answer:
        number = int(params["post_id"])
        comment = {
            "id": number,
            "owner_id": ACCOUNT,
            "post_id": number,
            "from_id": FIRST_PEER + number % self.peers,
            "date": EPOCH + number * 60 + 30,
            "text": f"{_COMMENT} {number}",
            "likes": {"count": 0, "user_likes": 0},
        }
        return _cut([comment] * self.post_comments(number), params)

    def _photo_comments(self, params: Params) -> Answer:
        number = int(params["photo_id"])
        comment = {
            "id": OF_PHOTOS + number,
            "from_id": FIRST_PEER + number % self.peers,
            "date": EPOCH + number * 120 + 30,
            "text": f"{_COMMENT} {number}",
        }
        return _cut([comment] * self.photo_comments(number), params)

    def _conversations(self, params: Params) -> Answer:
        peers = range(FIRST_PEER, FIRST_PEER + self.peers)
        ordered = sorted(peers, key=self.last_message, reverse=True)
        start = int(params.get("offset", 0))
        some = ordered[start : start + int(params["count"])]
        return _counted(self.peers, [self._conversation(peer) for peer in some])

    def _conversation(self, peer: int) -> Answer:
        last = self.last_message(peer)
        about = {
            "peer": {"id": peer, "type": "user", "local_id": peer},
            "last_message_id": last,
            "in_read": last,
            "out_read": last,
            "unread_count": 0,
            "can_write": {"allowed": True},
        }
        return {"conversation": about, "last_message": self._message(last)}

    def _history(self, params: Params) -> Answer:
        place, after = int(params["peer_id"]) - FIRST_PEER, int(params["start_message_id"])
        first = after + 1 + (place - after - 1) % self.peers
        # There is no message of number 0.
        numbers = range(first or self.peers, self.messages + 1, self.peers)
        start, count = int(params.get("offset", 0)), int(params["count"])
        items = [self._message(number) for number in numbers[start : start + count]]
        return _counted(len(items), items)

    def _message(self, number: int) -> Answer:
        peer = FIRST_PEER + number % self.peers
        text = f"Сообщение {number}: созвонимся завтра?"
        return {
            "id": number,
            "peer_id": peer,
            "user_id": None,
            "from_id": ACCOUNT if number % 2 else peer,
            "date": EPOCH + number * 30,
            "read_state": 1,
            "out": number % 2,
            "title": "",
            "body": text,
            "text": text,
            "attachments": [],
            "emoji": True,
            "important": 0,
            "deleted": 0,
            "random_id": None,
        }


def _counted(count: int, items: list[Answer]) -> Answer:
    return {"count": count, "items": items}


def _cut(rows: list[Answer], params: Params) -> Answer:
    start = int(params.get("offset", 0))
    return _counted(len(rows), rows[start : start + int(params["count"])])


def _newest_first(count: int, params: Params) -> range:
    start = int(params.get("offset", 0))
    return range(count, 0, -1)[start : start + int(params["count"])]


def _file(number: int, name: str) -> str:
    return f"http://files.example/photos/{number:08x}/{name}.jpeg"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account: Large

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        status, said = 200, dict[str, Any]()
        try:
            method = urlsplit(self.path).path.rpartition("/")[2]
            said["response"] = self.account.answer(method, dict(parse_qsl(body, True)))
        except UnknownMethodError:
            status = 400
            said |= {"error_code": 3, "error_msg": "Unknown method passed.", "request_params": []}
        answer = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> None:
    """Serve the account of the sizes that stdin tells, until somebody ends the process."""
    _Handler.account = Large(**json.load(sys.stdin))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
