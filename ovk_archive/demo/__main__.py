"""`python -m ovk_archive.demo`: the toy instance as a process of its own."""

import argparse
import json
import sys
import threading
from dataclasses import replace

from ovk_archive.demo import DemoInstance, WorldSize, generate


def main() -> None:
    """Serve a generated world until killed; the first line of stdout says where."""
    options = _options()
    size = WorldSize()
    dialogs = options.dialogs or size.dialogs
    each = options.messages // dialogs if options.messages else size.messages_per_dialog
    size = replace(
        size, posts=options.posts or size.posts, dialogs=dialogs, messages_per_dialog=each
    )
    world = generate(options.seed, size)
    with DemoInstance(world, options.dialect, port=options.port) as instance:
        instance.latency = options.latency
        where = {
            "url": instance.url,
            "token": instance.token,
            "account_id": instance.account_id,
        }
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ovk_archive.demo", description=__doc__)
    parser.add_argument("--dialect", choices=("A", "B"), default="A")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--posts", type=int, help="posts on the account's wall")
    parser.add_argument("--dialogs", type=int)
    parser.add_argument("--messages", type=int, help="messages in all dialogs together")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    return parser.parse_args()


if __name__ == "__main__":
    main()
