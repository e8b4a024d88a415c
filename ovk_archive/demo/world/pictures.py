"""What people show: photos and albums."""

from ovk_archive.demo.world.owned import Album, Photo
from ovk_archive.demo.world.records import Pair
from ovk_archive.demo.world.store import Store

#: Widths and heights that the generated files really have.
SHAPES = ((320, 240), (240, 320), (400, 300), (200, 200), (360, 180))


class Pictures(Store):
    """Operations on photos and albums."""

    def add_album(
        self,
        owner_id: int,
        title: str = "Альбом",
        *,
        description: str | None = "",
        date: int | None = None,
        system: str = "",
    ) -> Album:
        """Make an album; `system` is "avatar" or "wall" for the two that nobody made."""
        with self.lock:
            created = self.moment(date)
            album = Album(
                self.next_id("album"), owner_id, title, description, created, system=system
            )
            self.albums[album.id] = album
            self.touch("albums")
            return album

    def delete_album(self, album_id: int) -> None:
        """Delete an album; its photos stay."""
        with self.lock:
            self.albums[album_id].deleted = True
            self.touch("albums", "photos")

    def undelete_album(self, album_id: int) -> None:
        """Bring a deleted album back, with the photos that were in it."""
        with self.lock:
            self.albums[album_id].deleted = False
            self.touch("albums", "photos")

    def rename_album(self, album_id: int, title: str) -> None:
        """Give an album another title, which its stamp tells."""
        with self.lock:
            album = self.albums[album_id]
            album.title, album.updated = title, self.clock

    def albums_of(self, owner_id: int) -> list[Album]:
        """List the live albums by id; groups do not list system ones."""

        def build() -> list[Album]:
            mine = (a for a in self.albums.values() if a.owner_id == owner_id and not a.deleted)
            return [album for album in mine if owner_id > 0 or not album.system]

        return self.listing(("albums", owner_id), build)

    def add_photo(
        self,
        owner_id: int,
        album_id: int | None = None,
        *,
        date: int | None = None,
    ) -> Photo:
        """Upload a photo, into an album or into none."""
        with self.lock:
            global_id = self.next_id("photo")
            width, height = SHAPES[global_id % len(SHAPES)]
            photo = Photo(
                owner_id,
                self.next_id("photo", owner_id),
                global_id,
                self.moment(date),
                width,
                height,
            )
            self.photos[owner_id, photo.id] = photo
            self.blobs[photo.hash] = ("photo", photo)
            if album_id is not None:
                self.put_in_album(album_id, (owner_id, photo.id))
            self.touch("photos")
            return photo

    def put_in_album(self, album_id: int, key: Pair) -> None:
        """Add a photo to an album."""
        with self.lock:
            album = self.albums[album_id]
            album.photos.append(key)
            album.updated = self.clock
            self.touch("albums", "photos")

    def take_out_of_album(self, album_id: int, key: Pair) -> None:
        """Take a photo out of an album; the photo stays."""
        with self.lock:
            album = self.albums[album_id]
            album.photos.remove(key)
            album.updated = self.clock
            self.touch("albums", "photos")

    def delete_photo(self, owner_id: int, photo_id: int) -> None:
        """Delete a photo; albums keep the relation, so their pages get holes."""
        with self.lock:
            self.photos[owner_id, photo_id].deleted = True
            self.touch("photos")

    def undelete_photo(self, owner_id: int, photo_id: int) -> None:
        """Bring a deleted photo back, into its albums too."""
        with self.lock:
            self.photos[owner_id, photo_id].deleted = False
            self.touch("photos")

    def make_thumbnail(self, global_id: int, size: str) -> None:
        """Render a photo, as the first look at it does: from then on it is named by its blob."""
        with self.lock:
            self.thumbnails.add((global_id, size))

    def photos_of(self, owner_id: int) -> list[Photo]:
        """List the live photos that a person uploaded, newest first."""

        def build() -> list[Photo]:
            mine = (p for p in self.photos.values() if p.owner_id == owner_id and not p.deleted)
            return sorted(mine, key=lambda photo: -photo.global_id)

        return self.listing(("photos", owner_id), build)

    def album_rows(self, album_id: int) -> list[Photo]:
        """List all photos of an album, deleted ones too, by global id."""

        def build() -> list[Photo]:
            rows = (self.photos[key] for key in self.albums[album_id].photos)
            return sorted(rows, key=lambda photo: photo.global_id)

        return self.listing(("photos", "album", album_id), build)

    def album_of(self, key: Pair) -> int:
        """Return the album that a photo is in, or 0."""

        def build() -> dict[Pair, int]:
            live = (album for album in self.albums.values() if not album.deleted)
            return {key: album.id for album in live for key in album.photos}

        return self.listing(("photos", "homes"), build).get(key, 0)
