"""The same lists by dlt's REST source, into SQLite, in a process of its own.

dlt is large, so it is no part of what the tests need. To have it in the table, give it an
environment of its own (`pip install "dlt[sqlalchemy]"`), and say `--dlt` with that one's Python.
What to do comes as JSON on stdin, what it took goes as JSON to stdout.
"""

import importlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from figures import measured

PAGE = 100

Config = dict[str, Any]

#: Lists that say their total; of others an empty page is the end.
COUNTED = {"wall.get", "wall.getComments", "likes.getList", "messages.getConversations"}


def lists(owner: int) -> list[Config]:
    """The lists as dlt wants them told."""
    wall = {"owner_id": owner}
    comments = {"owner_id": owner, "post_id": "{resources.commented.id}"}
    likes = {"type": "post", "owner_id": owner, "item_id": "{resources.liked.id}", "extended": 1}
    said = {"peer_id": "{resources.conversations.peer_id}"}
    item = ["owner_id", "id"]
    return [
        _list("posts", "wall.get", wall, item),
        # A list below another is opened for each of its rows: here are those that matter.
        _list("commented", "wall.get", wall, item, **_only("comments")),
        _list("liked", "wall.get", wall, item, **_only("likes")),
        _list("comments", "wall.getComments", comments, ["id"]),
        _list("likes", "likes.getList", likes, ["_liked_owner_id", "_liked_id", "id"],
              include_from_parent=item),
        _list("conversations", "messages.getConversations", {}, ["peer_id"],
              processing_steps=[{"map": _with_peer}]),
        _list("messages", "messages.getHistory", said, ["id"]),
        _list("photos", "photos.getAll", {**wall, "photo_sizes": 1}, item),
    ]  # fmt: skip


def _list(name: str, method: str, params: Config, key: list[str], **more: Any) -> Config:
    paginator = {
        "type": "offset",
        "limit": PAGE,
        "limit_param": "count",
        "total_path": "response.count" if method in COUNTED else None,
        "stop_after_empty_page": True,
    }
    endpoint = {
        "path": f"method/{method}",
        "params": params,
        "paginator": paginator,
        "data_selector": "response.items",
    }
    return {"name": name, "primary_key": key, "endpoint": endpoint, **more}


def _only(counter: str) -> Config:
    def counts(row: Config) -> bool:
        return bool(row[counter]["count"])

    return {"selected": False, "processing_steps": [{"filter": counts}]}


def _with_peer(row: Config) -> Config:
    return {"peer_id": row["conversation"]["peer"]["id"], **row}


def load(task: Mapping[str, Any]) -> None:
    """Read all there is, and write it over what is there."""
    dlt = importlib.import_module("dlt")
    source = importlib.import_module("dlt.sources.rest_api").rest_api_source
    token = {"type": "api_key", "name": "access_token", "location": "query"}
    client = {"base_url": task["url"], "auth": {**token, "api_key": task["token"]}}
    defaults = {"write_disposition": "merge"}
    wanted = {
        "client": client,
        "resource_defaults": defaults,
        "resources": lists(task["account_id"]),
    }
    pipeline = dlt.pipeline(
        "peers",
        pipelines_dir=str(Path(task["file"]).parent / "pipelines"),
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{task['file']}"),
        # The file itself, else there would be another one beside it.
        dataset_name="main",
    )
    pipeline.run(source(wanted)).raise_on_failed_jobs()


def main() -> None:
    """Do it, and tell nobody else."""
    # Two that write at once find the database locked, again and again.
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "LOAD__WORKERS": "1"}
    task = json.load(sys.stdin)
    # What dlt prints is no figure.
    figures, sys.stdout = sys.stdout, sys.stderr
    json.dump(measured(lambda: load(task)), figures)


if __name__ == "__main__":
    main()
