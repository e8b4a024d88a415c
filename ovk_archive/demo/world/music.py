"""What people listen to: tracks, collections and playlists."""

from ovk_archive.demo.world.owned import Audio, Playlist
from ovk_archive.demo.world.store import Store


class Music(Store):
    """Operations on tracks, the collections that hold them, and playlists."""

    def add_audio(
        self,
        uploader: int,
        *,
        artist: str = "Исполнитель",
        title: str | None = None,
        lyrics: str | None = None,
        duration: int = 3,
        to_collection: bool = True,
    ) -> Audio:
        """Upload a track, and by default put it in the uploader's collection."""
        with self.lock:
            number = self.next_id("audio")
            audio = Audio(
                number,
                uploader,
                self.next_id("audio", uploader),
                artist,
                f"Трек {number}" if title is None else title,
                duration,
                lyrics=lyrics,
            )
            self.audio[number] = audio
            self.blobs[audio.hash] = ("audio", audio)
            if to_collection:
                self.collect(uploader, number)
            return audio

    def collect(self, owner_id: int, audio_id: int) -> None:
        """Add a track to somebody's collection, in front."""
        with self.lock:
            self.collections.setdefault(owner_id, []).append(audio_id)
            self.touch("collection")

    def remove_audio(self, audio_id: int, owner_id: int = 1) -> None:
        """Take a track out of a collection."""
        with self.lock:
            self.collections[owner_id].remove(audio_id)
            self.touch("collection")

    def move_audio_to_front(self, audio_id: int, owner_id: int = 1) -> None:
        """Remove a track from a collection and add it again."""
        with self.lock:
            self.remove_audio(audio_id, owner_id)
            self.collect(owner_id, audio_id)

    def delete_audio(self, audio_id: int) -> None:
        """Delete a track; collections and playlists keep a hole where it was."""
        with self.lock:
            self.audio[audio_id].deleted = True

    def undelete_audio(self, audio_id: int) -> None:
        """Bring a deleted track back, to wherever it was."""
        with self.lock:
            self.audio[audio_id].deleted = False

    def edit_audio(
        self, audio_id: int, *, artist: str | None = None, title: str | None = None
    ) -> None:
        """Call a track by another name; its file stays the same."""
        with self.lock:
            audio = self.audio[audio_id]
            audio.artist = audio.artist if artist is None else artist
            audio.title = audio.title if title is None else title

    def collection(self, owner_id: int) -> list[Audio]:
        """List a collection, newest added first, with its deleted tracks."""

        def build() -> list[Audio]:
            return [self.audio[number] for number in reversed(self.collections.get(owner_id, []))]

        return self.listing(("collection", owner_id), build)

    def add_playlist(
        self, owner_id: int = 1, title: str = "Плейлист", *, description: str | None = None
    ) -> Playlist:
        """Make a playlist."""
        with self.lock:
            number = self.next_id("playlist")
            playlist = Playlist(number, owner_id, title, description, self.moment(None))
            self.playlists[number] = playlist
            return playlist

    def add_to_playlist(self, playlist_id: int, audio_id: int) -> None:
        """Put a track at the end of a playlist."""
        with self.lock:
            self.playlists[playlist_id].audio.append(audio_id)

    def remove_from_playlist(self, playlist_id: int, audio_id: int) -> None:
        """Take a track out of a playlist."""
        with self.lock:
            self.playlists[playlist_id].audio.remove(audio_id)

    def rename_playlist(self, playlist_id: int, title: str) -> None:
        """Give a playlist another title; as elsewhere, `modified` does not tell of it."""
        with self.lock:
            self.playlists[playlist_id].title = title

    def delete_playlist(self, playlist_id: int) -> None:
        """Delete a playlist."""
        with self.lock:
            self.playlists[playlist_id].deleted = True

    def undelete_playlist(self, playlist_id: int) -> None:
        """Bring a deleted playlist back, with its tracks."""
        with self.lock:
            self.playlists[playlist_id].deleted = False

    def bookmark_playlist(self, playlist_id: int, owner_id: int = 1) -> None:
        """Put a playlist of somebody else among one's own."""
        with self.lock:
            self.bookmarks.setdefault(owner_id, []).append(playlist_id)

    def forget_playlist(self, playlist_id: int, owner_id: int = 1) -> None:
        """Take a playlist of somebody else out again."""
        with self.lock:
            self.bookmarks[owner_id].remove(playlist_id)

    def playlists_of(self, owner_id: int) -> list[Playlist]:
        """List the live playlists of an owner by id, bookmarked ones last."""
        own = [p for p in self.playlists.values() if p.owner_id == owner_id]
        marked = [self.playlists[number] for number in self.bookmarks.get(owner_id, ())]
        return [p for p in (*own, *marked) if not p.deleted]

    def playlist_rows(self, playlist_id: int, dialect: str) -> list[Audio]:
        """List a playlist with its deleted tracks: [A] by audio id, [B] in its own order."""
        rows = [self.audio[number] for number in self.playlists[playlist_id].audio]
        return sorted(rows, key=lambda audio: audio.id) if dialect == "A" else rows
