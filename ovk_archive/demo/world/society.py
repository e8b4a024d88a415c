"""Who knows whom: friends, followers, members, and what the account is told of all that."""

from typing import Any

from ovk_archive.demo.world.records import Notification, Post
from ovk_archive.demo.world.store import Store


class Society(Store):
    """Operations on people's relations to each other, and on the account's notifications."""

    def befriend(self, user_id: int, other_id: int) -> None:
        """Make two people friends."""
        with self.lock:
            self.unfollow(user_id, other_id)
            self.unfollow(other_id, user_id)
            self.users[user_id].friends.append(other_id)
            self.users[other_id].friends.append(user_id)

    def unfriend(self, user_id: int, other_id: int) -> None:
        """End a friendship; the one who did not end it goes on following."""
        with self.lock:
            self.users[user_id].friends.remove(other_id)
            self.users[other_id].friends.remove(user_id)
            self.follow(other_id, user_id)

    def follow(self, user_id: int, other_id: int) -> None:
        """Ask somebody to be friends; two who ask each other are friends."""
        with self.lock:
            if other_id in self.users[user_id].followers:
                self.befriend(user_id, other_id)
                return
            self.users[user_id].follows.append(other_id)
            self.users[other_id].followers.append(user_id)

    def unfollow(self, user_id: int, other_id: int) -> None:
        """Take a request back, if there is one."""
        with self.lock:
            if other_id in self.users[user_id].follows:
                self.users[user_id].follows.remove(other_id)
                self.users[other_id].followers.remove(user_id)

    def join(self, user_id: int, group_id: int) -> None:
        """Make a person a member of a community."""
        with self.lock:
            self.users[user_id].groups.append(group_id)
            self.groups[group_id].members.append(user_id)

    def leave(self, user_id: int, group_id: int) -> None:
        """End a membership."""
        with self.lock:
            self.users[user_id].groups.remove(group_id)
            self.groups[group_id].members.remove(user_id)

    def make_admin(self, user_id: int, group_id: int) -> None:
        """Let a person administer a community."""
        with self.lock:
            self.groups[group_id].admins.append(user_id)

    def administered(self, user_id: int) -> list[int]:
        """List the communities that a person administers."""
        return [group.id for group in self.groups.values() if user_id in group.admins]

    def block(self, user_id: int) -> None:
        """Put a person on the account's blacklist."""
        with self.lock:
            self.blacklist.append(user_id)

    def ignore_source(self, signed_id: int) -> None:
        """Keep a person, or a community of id -n, out of the account's global feed."""
        with self.lock:
            self.ignored.append(signed_id)

    def notify(
        self,
        kind: str,
        date: int | None = None,
        *,
        actor: int,
        parent: tuple[str, Any] | None = None,
        feedback: tuple[str, Any] | None = None,
        archived: bool = False,
    ) -> Notification:
        """Tell the account what somebody did; `archived` views it, and all that came before."""
        with self.lock:
            moment = self.moment(date)
            number = self.next_id("notification")
            notification = Notification(number, kind, moment, actor, parent, feedback)
            self.notifications[number] = notification
            if archived:
                self.last_viewed = max(self.last_viewed, moment + 1)
            self.touch("notifications")
            return notification

    def mark_viewed(self) -> None:
        """Look at all notifications: one stamp for all of them, as on a real server."""
        with self.lock:
            self.last_viewed = self.moment(None)

    def told(self, dialect: str) -> list[Notification]:
        """List the notifications, newest first; [A] knows no replies to comments."""

        def build() -> list[Notification]:
            known = (
                notification
                for notification in self.notifications.values()
                if dialect == "B" or notification.type != "reply_comment"
            )
            return sorted(known, key=lambda row: (-row.date, -row.id))

        return self.listing(("notifications", dialect), build)

    def unread(self, dialect: str) -> list[Notification]:
        """List the notifications that came after the account looked, newest first."""
        return [row for row in self.told(dialect) if row.date > self.last_viewed]

    def feed(self, dialect: str) -> list[Post]:
        """List the posts of the account's wall, and of those it subscribes to, newest first.

        [B] orders posts of one second by their global id; [A] leaves them as they come.
        """
        me = self.users[self.account_id]
        walls = {me.id, *me.friends, *me.follows, *(-number for number in me.groups)}
        sign = 1 if dialect == "A" else -1

        def build() -> list[Post]:
            rows = (p for p in self.posts.values() if p.owner_id in walls and p.shown)
            return sorted(rows, key=lambda post: (-post.date, sign * post.global_id))

        return self.listing(("wall", "feed", dialect, frozenset(walls)), build)
