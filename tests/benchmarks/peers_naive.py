"""An archiver as one would write it in an evening: requests and sqlite-utils, page after page.

In the manner of the dogsheep tools. Each page of 100 is written as it comes; it asks who likes and
comments only where a post has likes and comments. It knows nothing of what it did last time. What
to do comes as JSON on stdin, what it took goes as JSON to stdout.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import requests
import sqlite_utils
from figures import measured

PAGE = 100

Record = dict[str, Any]


class Api:
    """The API, list by list."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        self._session = requests.Session()
        self._task = task

    def pages(self, method: str, **params: object) -> Iterator[list[Any]]:
        """The pages of a list: the last one is short."""
        offset = 0
        while True:
            items = self._call(method, offset=offset, count=PAGE, **params)["items"]
            yield items
            if len(items) < PAGE:
                return
            offset += PAGE

    def _call(self, method: str, **params: object) -> Record:
        data = {**params, "access_token": self._task["token"]}
        answer = self._session.post(f"{self._task['url']}/method/{method}", data=data, timeout=60)
        answer.raise_for_status()
        found: Record = answer.json()["response"]
        return found


class Archive:
    """The file, a table for each kind."""

    def __init__(self, path: str) -> None:
        self._db = sqlite_utils.Database(path)

    def save(self, name: str, rows: Iterable[Record], *key: str) -> None:
        """Put a page of rows into a table, over what is there."""
        self._table(name).upsert_all(rows, pk=key, alter=True)

    def close(self) -> None:
        """Done."""
        self._db.close()

    def _table(self, name: str) -> Any:
        return self._db[name]


def archive(task: Mapping[str, Any]) -> None:
    """Read all there is."""
    api, db = Api(task), Archive(task["file"])
    _wall(api, db, task["account_id"])
    for page in api.pages("messages.getConversations"):
        rows = [{"peer_id": one["conversation"]["peer"]["id"], **one} for one in page]
        db.save("conversations", rows, "peer_id")
        for row in rows:
            for messages in api.pages("messages.getHistory", peer_id=row["peer_id"]):
                db.save("messages", messages, "id")
    for photos in api.pages("photos.getAll", owner_id=task["account_id"], photo_sizes=1):
        db.save("photos", photos, "owner_id", "id")
    db.close()


def _wall(api: Api, db: Archive, owner: int) -> None:
    for posts in api.pages("wall.get", owner_id=owner):
        db.save("posts", posts, "owner_id", "id")
        for post in posts:
            number = post["id"]
            if post["comments"]["count"]:
                for page in api.pages("wall.getComments", owner_id=owner, post_id=number):
                    db.save("comments", page, "id")
            if post["likes"]["count"]:
                named = {"owner_id": owner, "item_id": number}
                for people in api.pages("likes.getList", type="post", **named):
                    rows = [{**named, "user_id": one} for one in people]
                    db.save("likes", rows, "owner_id", "item_id", "user_id")


def main() -> None:
    """Do it."""
    task = json.load(sys.stdin)
    json.dump(measured(lambda: archive(task)), sys.stdout)


if __name__ == "__main__":
    main()
