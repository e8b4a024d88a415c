"""What people write in private: the account's dialogs."""

from ovk_archive.demo.world.records import Message
from ovk_archive.demo.world.store import Store


class Talks(Store):
    """Operations on messages; only the account's own dialogs exist."""

    def add_message(
        self, peer_id: int, *, out: bool = False, text: str | None = None, date: int | None = None
    ) -> Message:
        """Send a message, or receive one."""
        with self.lock:
            number = self.next_id("message")
            body = f"Сообщение {number}" if text is None else text
            message = Message(number, peer_id, out, self.moment(date), body)
            self.messages[number] = message
            self.dialogs.setdefault(peer_id, []).append(message)
            self.touch("history", "dialogs")
            return message

    def delete_message(self, message_id: int) -> None:
        """Delete a message; getById goes on showing it."""
        with self.lock:
            self.messages[message_id].deleted = True
            self.touch("history", "dialogs")

    def undelete_message(self, message_id: int) -> None:
        """Bring a deleted message back, and its dialog if that was deleted."""
        with self.lock:
            message = self.messages[message_id]
            message.deleted = False
            dialog = self.dialogs.setdefault(message.peer_id, [])
            if message not in dialog:
                dialog.append(message)
            self.touch("history", "dialogs")

    def delete_conversation(self, peer_id: int) -> None:
        """Delete a dialog with all its messages; a new message opens it again."""
        with self.lock:
            for message in self.dialogs.pop(peer_id):
                message.deleted = True
            self.touch("history", "dialogs")

    def edit_message(self, message_id: int, text: str) -> None:
        """Change a message's text; no stamp tells of it."""
        with self.lock:
            self.messages[message_id].text = text

    def history(self, peer_id: int) -> list[Message]:
        """List the live messages of a dialog, newest first, same seconds by ascending id."""

        def build() -> list[Message]:
            live = (m for m in self.dialogs.get(peer_id, []) if not m.deleted)
            return sorted(live, key=lambda message: (-message.date, message.id))

        return self.listing(("history", peer_id), build)

    def history_upwards(self, peer_id: int) -> list[Message]:
        """List the live messages of a dialog, oldest first."""

        def build() -> list[Message]:
            return sorted(self.history(peer_id), key=lambda message: (message.date, message.id))

        return self.listing(("history", "up", peer_id), build)

    def correspondents(self) -> list[int]:
        """List everyone the account ever wrote with, the newest dialog first.

        A dialog whose messages are all deleted is still counted (help/openvk-api.md, Messages).
        """

        def build() -> list[int]:
            newest = {peer: max(m.id for m in rows) for peer, rows in self.dialogs.items()}
            return sorted(newest, key=lambda peer: -newest[peer])

        return self.listing(("dialogs",), build)
