"""What people write in public: posts, comments under anything, and notes."""

from ovk_archive.demo.world.records import Attachment, Comment, Note, Pair, Post
from ovk_archive.demo.world.store import Store


class Writings(Store):
    """Operations on walls, comments and notes."""

    def add_post(
        self,
        owner_id: int,
        *,
        author: int | None = None,
        date: int | None = None,
        text: str | None = None,
        attachments: list[Attachment] | None = None,
        repost_of: Pair | None = None,
        signer_id: int | None = None,
    ) -> Post:
        """Write on a wall; virtual ids count every row ever put there."""
        with self.lock:
            post_id = self.next_id("post", owner_id)
            post = Post(
                owner_id,
                post_id,
                owner_id if author is None else author,
                self.moment(date),
                f"Запись {post_id}" if text is None else text,
                attachments or [],
                repost_of,
                signer_id,
            )
            post.global_id = self.next_id("post")
            self.posts[owner_id, post_id] = post
            self.touch("wall")
            return post

    def delete_post(self, owner_id: int, post_id: int) -> None:
        """Delete a post softly: its number stays taken."""
        with self.lock:
            self.posts[owner_id, post_id].deleted = True
            if self.pins.get(owner_id) == post_id:
                del self.pins[owner_id]
            self.touch("wall")

    def undelete_post(self, owner_id: int, post_id: int) -> None:
        """Bring a deleted post back."""
        with self.lock:
            self.posts[owner_id, post_id].deleted = False
            self.touch("wall")

    def edit_post(self, owner_id: int, post_id: int, text: str) -> None:
        """Change a post's text; no stamp tells of it."""
        with self.lock:
            self.posts[owner_id, post_id].text = text

    def suggest_post(
        self, owner_id: int, *, author: int, text: str | None = None, date: int | None = None
    ) -> Post:
        """Suggest a post to a group (of the owner -group): it takes a number, and is not shown.

        [B] shows people their own suggestions by wall.getById; here nobody sees any.
        """
        with self.lock:
            post = self.add_post(owner_id, author=author, text=text, date=date)
            post.suggested = True
            self.touch("wall")
            return post

    def accept_post(self, owner_id: int, post_id: int, date: int | None = None) -> None:
        """Put a suggested post on the wall: with its old number, and the date of today."""
        with self.lock:
            post = self.posts[owner_id, post_id]
            if not post.suggested:
                raise ValueError(f"nobody suggested {owner_id}_{post_id}")
            post.suggested, post.date = False, self.moment(date)
            self.touch("wall")

    def archive_post(self, owner_id: int, post_id: int) -> None:
        """Put a post away: no list shows it, and its owner may ask for it by number ([B] only)."""
        with self.lock:
            self.posts[owner_id, post_id].archived = True
            self.touch("wall")

    def pin_post(self, owner_id: int, post_id: int | None) -> None:
        """Pin a post, or none."""
        with self.lock:
            self.pins.pop(owner_id, None)
            if post_id is not None:
                self.pins[owner_id] = post_id
            self.touch("wall")

    def wall(self, owner_id: int) -> list[Post]:
        """List the live posts of a wall, newest first.

        Posts of one second go by ascending id, as both recorded servers show them.
        """

        def build() -> list[Post]:
            mine = (p for p in self.posts.values() if p.owner_id == owner_id and p.shown)
            return sorted(mine, key=lambda post: (-post.date, post.id))

        return self.listing(("wall", owner_id), build)

    def pinned(self, owner_id: int) -> Post | None:
        """Return the pinned post of a wall."""
        post = self.posts.get((owner_id, self.pins.get(owner_id, 0)))
        return post if post is not None and post.shown else None

    def add_comment(
        self,
        kind: str,
        owner_id: int,
        object_id: int,
        *,
        author: int = 1,
        date: int | None = None,
        text: str | None = None,
        attachments: list[Attachment] | None = None,
        reply_to: int | None = None,
    ) -> Comment:
        """Comment on a "post", a "photo", a "note" or a "topic" (of the owner -group)."""
        with self.lock:
            number = self.next_id("comment")
            comment = Comment(
                number,
                kind,
                owner_id,
                object_id,
                author,
                self.moment(date),
                f"Комментарий {number}" if text is None else text,
                attachments or [],
                reply_to,
            )
            self.comments[number] = comment
            self.threads.setdefault((kind, owner_id, object_id), []).append(comment)
            self.touch("thread")
            return comment

    def delete_comment(self, comment_id: int) -> None:
        """Delete a comment."""
        with self.lock:
            self.comments[comment_id].deleted = True
            self.touch("thread")

    def undelete_comment(self, comment_id: int) -> None:
        """Bring a deleted comment back."""
        with self.lock:
            self.comments[comment_id].deleted = False
            self.touch("thread")

    def edit_comment(self, comment_id: int, text: str) -> None:
        """Change a comment's text; no stamp tells of it."""
        with self.lock:
            self.comments[comment_id].text = text

    def thread(self, kind: str, owner_id: int, object_id: int) -> list[Comment]:
        """List the live comments under something, oldest first."""

        def build() -> list[Comment]:
            rows = self.threads.get((kind, owner_id, object_id), [])
            return sorted((c for c in rows if not c.deleted), key=lambda c: (c.date, c.id))

        return self.listing(("thread", kind, owner_id, object_id), build)

    def add_note(
        self,
        owner_id: int,
        *,
        title: str | None = None,
        source: str | None = None,
        date: int | None = None,
    ) -> Note:
        """Write a note; `source` is HTML."""
        with self.lock:
            note_id = self.next_id("note", owner_id)
            note = Note(
                owner_id,
                note_id,
                self.next_id("note"),
                f"Заметка {note_id}" if title is None else title,
                f"<p>Текст заметки {note_id}.</p>" if source is None else source,
                self.moment(date),
            )
            self.notes[owner_id, note_id] = note
            self.touch("notes")
            return note

    def edit_note(self, owner_id: int, note_id: int, source: str) -> None:
        """Change a note's HTML."""
        with self.lock:
            self.notes[owner_id, note_id].source = source

    def delete_note(self, owner_id: int, note_id: int) -> None:
        """Delete a note."""
        with self.lock:
            self.notes[owner_id, note_id].deleted = True
            self.touch("notes")

    def undelete_note(self, owner_id: int, note_id: int) -> None:
        """Bring a deleted note back."""
        with self.lock:
            self.notes[owner_id, note_id].deleted = False
            self.touch("notes")

    def notes_of(self, owner_id: int) -> list[Note]:
        """List the live notes of a person, oldest first."""

        def build() -> list[Note]:
            mine = (n for n in self.notes.values() if n.owner_id == owner_id and not n.deleted)
            return sorted(mine, key=lambda note: (note.date, note.id))

        return self.listing(("notes", owner_id), build)
