"""What all parts of the instance share: its world, its tokens, what it counts."""

import time
from typing import TYPE_CHECKING

from ovk_archive.demo.server.tokens import Tokens
from ovk_archive.demo.server.trouble import Trouble
from ovk_archive.demo.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable


class State:
    """An OpenVK of dialect "A" (2024-07) or "B" (2026-08) that serves a world.

    Attributes:
        url, login, password, token, account_id: how to reach it, and as whom.
        latency: seconds before each answer.
        trouble: how it misbehaves.
        clock: the unix time of its answers' `Date`.
        online_marks, writes: what an archiver must not cause.
        has_execute: several calls may come in one request; of [B] only, and looked at each time.
        storage: who serves files: "php" as most instances do, or "nginx".
        bugs: errors of the toy itself; leaving the `with` block raises them.
    """

    def __init__(self, world: World, dialect: str, storage: str) -> None:
        if dialect not in {"A", "B"}:
            raise ValueError(f"no such dialect: {dialect}")
        if storage not in {"php", "nginx"}:
            raise ValueError(f"no such storage: {storage}")
        self.storage = storage
        self.world = world
        self.dialect = dialect
        self.trouble = Trouble()
        self.latency = 0.0
        self.clock: Callable[[], float] = time.time
        self.online_marks = 0
        self.writes = 0
        self.bugs: list[Exception] = []
        self.banned = False
        self.has_execute = True
        self.account_id = world.account_id
        self.tokens = Tokens(self.account_id, dialect)
        self.token = self.tokens.issue()
        self.url = ""

    @property
    def login(self) -> str:
        """The e-mail that logs in."""
        return self.tokens.login

    @property
    def password(self) -> str:
        """The password that goes with it."""
        return self.tokens.password

    @property
    def two_factor(self) -> str | None:
        """The code that /token demands, if any."""
        return self.tokens.two_factor

    @two_factor.setter
    def two_factor(self, code: str | None) -> None:
        self.tokens.two_factor = code

    def revoke(self) -> None:
        """Forget all tokens, as "end all sessions" does."""
        self.tokens.revoke()

    def ban(self) -> None:
        """Ban the account."""
        self.banned = True
