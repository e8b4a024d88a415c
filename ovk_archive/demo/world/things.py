"""What people own, give, choose and like: videos, documents, gifts, polls, likes and topics."""

from ovk_archive.demo.world.files import document
from ovk_archive.demo.world.owned import Choice, Doc, Gift, Photo, Poll, Video
from ovk_archive.demo.world.records import Liked, Topic
from ovk_archive.demo.world.store import Store

#: The type of a document, by the ending of its name; everything else is of type 8.
TYPES = {
    **dict.fromkeys(("txt", "doc", "docx", "odt", "md", "xls", "xlsx"), 1),
    **dict.fromkeys(("zip", "rar", "7z"), 2),
    "gif": 3,
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), 4),
    "mp3": 5,
    **dict.fromkeys(("mp4", "avi"), 6),
    **dict.fromkeys(("pdf", "djvu", "epub", "fb2"), 7),
}


class Things(Store):
    """Operations on videos, documents, gifts, polls, likes and topics."""

    def add_video(
        self,
        owner_id: int,
        title: str = "Видео",
        *,
        description: str | None = None,
        youtube: str | None = None,
        processed: bool = True,
        date: int | None = None,
    ) -> Video:
        """Upload a video, or link one of YouTube's; one that is not processed has no file yet."""
        with self.lock:
            video = Video(
                owner_id,
                self.next_id("video", owner_id),
                self.next_id("video"),
                title,
                description,
                self.moment(date),
                0 if youtube else 3,
                youtube,
                processed=False,
            )
            self.videos[owner_id, video.id] = video
            if processed:
                self.process_video(owner_id, video.id)
            self.touch("videos")
            return video

    def process_video(self, owner_id: int, video_id: int) -> None:
        """Finish converting a video: its file appears."""
        with self.lock:
            video = self.videos[owner_id, video_id]
            video.processed = True
            if video.youtube is None:
                self.blobs[video.hash] = ("video", video)

    def delete_video(self, owner_id: int, video_id: int) -> None:
        """Delete a video; posts go on showing it."""
        with self.lock:
            self.videos[owner_id, video_id].deleted = True
            self.touch("videos")

    def undelete_video(self, owner_id: int, video_id: int) -> None:
        """Bring a deleted video back."""
        with self.lock:
            self.videos[owner_id, video_id].deleted = False
            self.touch("videos")

    def edit_video(self, owner_id: int, video_id: int, title: str) -> None:
        """Give a video another title; its file stays the same."""
        with self.lock:
            self.videos[owner_id, video_id].title = title

    def videos_of(self, owner_id: int) -> list[Video]:
        """List the live videos of a person, newest first."""

        def build() -> list[Video]:
            mine = (v for v in self.videos.values() if v.owner_id == owner_id and not v.deleted)
            return sorted(mine, key=lambda video: (-video.date, video.id))

        return self.listing(("videos", owner_id), build)

    def add_document(
        self,
        owner_id: int,
        title: str,
        ext: str = "txt",
        *,
        tags: list[str] | None = None,
        folder: int = 0,
        hidden: bool = False,
        date: int | None = None,
    ) -> Doc:
        """Upload a document (the newer dialect shows it, the older one does not)."""
        with self.lock:
            doc = Doc(
                self.next_id("doc"), owner_id, title, ext, 0, self.moment(date), TYPES.get(ext, 8)
            )
            doc.tags, doc.folder, doc.hidden = tags or [], folder, hidden
            doc.size = len(document(doc))
            if doc.type in {3, 4}:
                # The preview is a photo that no list of photos shows (help/openvk-api.md, Photos).
                doc.preview = Photo(owner_id, 0, self.next_id("photo"), doc.date, 320, 240)
                self.blobs[doc.preview.hash] = ("photo", doc.preview)
            self.docs[doc.id] = doc
            self.blobs[doc.hash] = ("doc", doc)
            return doc

    add_doc = add_document

    def delete_document(self, document_id: int) -> None:
        """Delete a document."""
        with self.lock:
            self.docs[document_id].deleted = True

    def undelete_document(self, document_id: int) -> None:
        """Bring a deleted document back."""
        with self.lock:
            self.docs[document_id].deleted = False

    def edit_document(self, document_id: int, title: str) -> None:
        """Give a document another title; its file stays the same."""
        with self.lock:
            self.docs[document_id].title = title

    def documents_of(self, owner_id: int) -> list[Doc]:
        """List the live documents of an owner, by id."""
        return [doc for doc in self.docs.values() if doc.owner_id == owner_id and not doc.deleted]

    def add_gift(
        self,
        to: int,
        from_id: int,
        gift_id: int,
        message: str = "",
        *,
        anonymous: bool = False,
        date: int | None = None,
    ) -> Gift:
        """Give somebody a gift of the catalogue."""
        with self.lock:
            number = self.next_id("gift")
            gift = Gift(number, to, from_id, gift_id, message, self.moment(date), anonymous)
            self.gifts[number] = gift
            self.touch("gifts")
            return gift

    def gifts_of(self, user_id: int) -> list[Gift]:
        """List the gifts that a person received, newest first."""

        def build() -> list[Gift]:
            mine = (gift for gift in self.gifts.values() if gift.user_id == user_id)
            return sorted(mine, key=lambda gift: (-gift.date, gift.id))

        return self.listing(("gifts", user_id), build)

    def add_poll(
        self,
        owner_id: int,
        question: str,
        answers: list[tuple[str, int]],
        *,
        multiple: bool = False,
        anonymous: bool = False,
        end_date: int = 0,
        revotable: bool = True,
    ) -> Poll:
        """Ask a question; `answers` are texts with their votes, which the first people cast."""
        with self.lock:
            people = list(self.users)
            choices = []
            for text, votes in answers:
                if votes > len(people):
                    raise ValueError(f"{votes} votes, and {len(people)} people who may vote")
                choices.append(Choice(self.next_id("answer"), text, people[:votes]))
                people = people if multiple else people[votes:]
            number = self.next_id("poll")
            poll = Poll(
                number, owner_id, question, choices, multiple, anonymous, end_date, revotable
            )
            self.polls[number] = poll
            return poll

    def vote(self, poll_id: int, answer_id: int, user_id: int) -> None:
        """Vote; where only one answer may be chosen, an earlier vote is taken back."""
        with self.lock:
            poll = self.polls[poll_id]
            choice = next(choice for choice in poll.choices if choice.id == answer_id)
            if not poll.multiple:
                self.unvote(poll_id, user_id)
            if user_id not in choice.voters:
                choice.voters.append(user_id)

    def unvote(self, poll_id: int, user_id: int) -> None:
        """Take all votes of a person back."""
        with self.lock:
            for choice in self.polls[poll_id].choices:
                if user_id in choice.voters:
                    choice.voters.remove(user_id)

    def like(self, kind: str, owner_id: int, item_id: int, user_id: int) -> None:
        """Like a "post", "photo", "video" or "note", or a "comment" by its global id."""
        with self.lock:
            thing = self.likeable(kind, owner_id, item_id)
            if thing is None:
                raise KeyError(kind, owner_id, item_id)
            if user_id not in thing.likers:
                thing.likers.append(user_id)

    def unlike(self, kind: str, owner_id: int, item_id: int, user_id: int) -> None:
        """Take a like back."""
        with self.lock:
            thing = self.likeable(kind, owner_id, item_id)
            if thing is None:
                raise KeyError(kind, owner_id, item_id)
            thing.likers.remove(user_id)

    def likeable(self, kind: str, owner_id: int, item_id: int) -> Liked | None:
        """Find what can be liked, deleted or not; a comment's owner does not matter."""
        key = (owner_id, item_id)
        match kind:
            case "post":
                return self.posts.get(key)
            case "comment":
                return self.comments.get(item_id)
            case "photo":
                return self.photos.get(key)
            case "video":
                return self.videos.get(key)
            case "note":
                return self.notes.get(key)
            case _:
                raise ValueError(f"nobody likes a {kind}")

    def add_topic(
        self,
        group_id: int,
        title: str = "Тема",
        *,
        author: int = 1,
        date: int | None = None,
        closed: bool = False,
        pinned: bool = False,
    ) -> Topic:
        """Open a discussion, without any comment; an author `-group_id` is the community."""
        with self.lock:
            topic = Topic(
                self.next_id("topic"),
                group_id,
                self.next_id("topic", group_id),
                title,
                author,
                self.moment(date),
                closed,
                pinned,
            )
            self.topics[group_id, topic.virtual_id] = topic
            self.touch("topics")
            return topic

    def delete_topic(self, group_id: int, virtual_id: int) -> None:
        """Delete a topic; its comments can no more be read."""
        with self.lock:
            self.topics[group_id, virtual_id].deleted = True
            self.touch("topics")

    def undelete_topic(self, group_id: int, virtual_id: int) -> None:
        """Bring a deleted topic back, with its comments."""
        with self.lock:
            self.topics[group_id, virtual_id].deleted = False
            self.touch("topics")

    def edit_topic(self, group_id: int, virtual_id: int, title: str) -> None:
        """Give a topic another title; its stamp tells of comments only."""
        with self.lock:
            self.topics[group_id, virtual_id].title = title

    def pin_topic(self, group_id: int, virtual_id: int, *, pinned: bool = True) -> None:
        """Pin a topic, or let it go: several may be pinned."""
        with self.lock:
            self.topics[group_id, virtual_id].pinned = pinned
            self.touch("topics")

    def close_topic(self, group_id: int, virtual_id: int) -> None:
        """Close a topic; it can still be read."""
        with self.lock:
            self.topics[group_id, virtual_id].closed = True

    def topics_of(self, group_id: int) -> list[Topic]:
        """List the live topics of a community: pinned ones first, then by id."""

        def build() -> list[Topic]:
            mine = (t for t in self.topics.values() if t.group_id == group_id and not t.deleted)
            return sorted(mine, key=lambda topic: (not topic.pinned, topic.id))

        return self.listing(("topics", group_id), build)
