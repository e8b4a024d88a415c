"""Small pictures of large photos: made once, and kept where they may be thrown away."""

import os
import warnings
from contextlib import suppress
from pathlib import Path

import platformdirs
from PIL import Image, ImageOps

#: Pixels along the longer side: two for each of a phone's.
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
            if picture.width * picture.height > _MOST:
                raise ValueError(file.name)
            picture.draft("RGB", (_SIDE, _SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_SIDE, _SIDE))
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = target.with_suffix(f".{os.getpid()}")
            # Nothing of the original goes along but what is seen.
            upright.convert("RGB").save(half, "JPEG", quality=82)
            half.replace(target)
