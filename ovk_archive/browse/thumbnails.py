"""Small pictures of large photos: made once, and kept where they may be thrown away."""

import warnings
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs
from PIL import Image, ImageOps

#: Pixels along the longer side: phones show two for each CSS pixel.
_SIDE = 720
#: Bytes up to which a picture is shown as it is.
_SMALL = 150_000
#: Pixels of a picture that is too large to be opened for this.
_MOST = 80_000_000


def small(file: Path) -> Path:
    """A small picture of a large one; the picture itself where that cannot or need not be made."""
    if file.stat().st_size <= _SMALL:
        return file
    target = _folder() / file.name[:2] / f"{file.stem}.jpg"
    if target.is_file():
        return target
    # A damaged picture, or a full disk, keeps nobody from looking.
    with suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        _make(file, target)
        return target
    return file


def _folder() -> Path:
    return Path(platformdirs.user_cache_dir("ovk-archive")) / "thumbnails"


def _make(file: Path, target: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file) as picture:
            if picture.width * picture.height > _MOST or _moves(picture):
                raise ValueError(file.name)
            picture.draft("RGB", (_SIDE, _SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_SIDE, _SIDE))
            _keep(_opaque(upright), target)


def _moves(picture: Image.Image) -> bool:
    """A small one would stand still; further pictures in a phone's JPEG are no movement."""
    return getattr(picture, "is_animated", False) and picture.format != "MPO"


def _opaque(picture: Image.Image) -> Image.Image:
    """The picture on white, as a page would show what shines through."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _keep(picture: Image.Image, target: Path) -> None:
    """Put it in its place once it is whole: others may make the same at the same time."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, delete=False) as half:
        try:
            # Nothing of the original goes along but what is seen.
            picture.save(half, "JPEG", quality=82)
            half.close()
            Path(half.name).replace(target)
        except BaseException:
            half.close()
            Path(half.name).unlink(missing_ok=True)
            raise
