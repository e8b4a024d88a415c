"""File systems that can do less: FAT, shares of other computers, what a program mounts."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Cli
from places import Browsed, on_poor_file_system, on_small_disk
from sentences import assert_one_sentence
from syncing import query
from toy import DemoInstance, WorldSize, generate
from warm import WarmProcess

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file import disk

_HEAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#define NEXT(name, type) ((type)dlsym(RTLD_NEXT, name))
/* The environment says how poor it is: one process can be the parent of all. */
static int poor(const char *name) {
    const char *why = getenv(name);
    return why ? atoi(why) : 0;
}
#define REFUSE_IF(name) do { int w = poor(name); if (w) { errno = w; return -1; } } while (0)
"""

#: No permissions, no flushing of folders, no links, no two names that change places.
_PLAIN = """
int chmod(const char *p, mode_t m) {
    REFUSE_IF("POOR_CHMOD");
    return NEXT("chmod", int (*)(const char *, mode_t))(p, m);
}
int fchmod(int f, mode_t m) {
    REFUSE_IF("POOR_CHMOD");
    return NEXT("fchmod", int (*)(int, mode_t))(f, m);
}
int fchmodat(int d, const char *p, mode_t m, int x) {
    REFUSE_IF("POOR_CHMOD");
    return NEXT("fchmodat", int (*)(int, const char *, mode_t, int))(d, p, m, x);
}
int link(const char *a, const char *b) {
    REFUSE_IF("POOR_LINK");
    return NEXT("link", int (*)(const char *, const char *))(a, b);
}
int linkat(int a, const char *b, int c, const char *d, int e) {
    REFUSE_IF("POOR_LINK");
    return NEXT("linkat", int (*)(int, const char *, int, const char *, int))(a, b, c, d, e);
}
typedef int (*rename2)(int, const char *, int, const char *, unsigned);
int renameat2(int a, const char *b, int c, const char *d, unsigned e) {
    REFUSE_IF("POOR_RENAME");
    return NEXT("renameat2", rename2)(a, b, c, d, e);
}
int fsync(int f) {
    struct stat s;
    if (fstat(f, &s) == 0 && S_ISDIR(s.st_mode)) REFUSE_IF("POOR_FSYNC");
    return NEXT("fsync", int (*)(int))(f);
}
"""

#: No memory that processes share through a file: SQLite cannot have the index of a -wal.
_NO_SHARED_MEMORY = """
static int is_shm(int f, int flags) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", f);
    ssize_t n = f < 0 || !(flags & MAP_SHARED) ? -1 : readlink(link, name, sizeof name);
    return n > 4 && !memcmp(name + n - 4, "-shm", 4);
}
typedef void *(*map)(void *, size_t, int, int, int, off_t);
void *mmap(void *a, size_t l, int p, int flags, int f, off_t o) {
    if (poor("POOR_SHM") && is_shm(f, flags)) { errno = ENODEV; return MAP_FAILED; }
    return ((map)dlsym(RTLD_NEXT, "mmap"))(a, l, p, flags, f, o);
}
void *mmap64(void *a, size_t l, int p, int flags, int f, off_t o) {
    return mmap(a, l, p, flags, f, o);
}
"""

_NO_LOCKS = """
int flock(int f, int how) {
    REFUSE_IF("POOR_LOCK");
    return NEXT("flock", int (*)(int, int))(f, how);
}
"""
NO_SHARED_MEMORY = {"SHM": errno.ENODEV}
NO_LOCKS = {"LOCK": errno.ENOLCK}


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a dozen of photos."""
    with DemoInstance(generate(1, SMALL), "B") as instance:
        yield instance


@pytest.fixture(scope="module")
def poorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmProcess]:
    """What commands are forked from for which calls of C fail, as their environment says."""
    code = _HEAD + _PLAIN + _NO_SHARED_MEMORY + _NO_LOCKS
    process = WarmProcess(on_poor_file_system(tmp_path_factory.mktemp("poor"), code))
    yield process
    process.close()


SMALL = WorldSize(posts=6, comments=6, photos=12, albums=2)
#: Gives a command line that runs on a file system which is poor in some way.
Poor = Callable[..., Cli]


@pytest.fixture
def poor(user: Cli, poorer: WarmProcess) -> Poor:
    """The user's command line where calls of C fail in the ways that are named."""

    def make(**how: int) -> Cli:
        whys = {f"POOR_{call}": str(why) for call, why in how.items()}
        return replace(user, warm=poorer, environment=poorer.seen(user.environment) | whys)

    return make


@pytest.mark.parametrize(
    ("chmod", "fsync"),
    [
        (errno.EPERM, errno.EINVAL),
        (errno.ENOTSUP, errno.ENOTSUP),
        (errno.EPERM, errno.EBADF),
    ],
    ids=errno.errorcode.get,
)
def test_no_permissions_no_flushing_no_links(
    poor: Poor, tmp_path: Path, chmod: int, fsync: int
) -> None:
    """A sync with files, an export, a snapshot and the token's file do without."""
    user = poor(CHMOD=chmod, FSYNC=fsync, LINK=errno.EPERM, RENAME=errno.EINVAL)
    archive, out = tmp_path / "archive.db", tmp_path / "out"
    (user.config / "credentials.json").chmod(0o644)
    said = user.run("photos", archive, "--media", "--quiet")
    assert (said.returncode, said.stderr) == (0, "")
    assert query(archive, "select count(*) > 8 from media where state = 'stored'") == [(1,)]
    export = ("export", archive, out, "--format", "csv", "--with-media", "--hard-links", "--quiet")
    for more in ((), ("--force",)):
        said = user.run(*export, *more)
        assert (said.returncode, said.stderr) == (0, "")
    assert len(list((out / "files").rglob("*.*"))) > 8
    said = user.run("snapshot", archive, tmp_path / "copy.db", "--quiet")
    assert (said.returncode, said.stderr) == (0, "")
    said = user.run("verify", archive, "--media", "--quiet")
    assert (said.returncode, said.stderr) == (0, "")
    key = ("--pseudonymise", "--key", tmp_path / "key")
    (tmp_path / "key").write_bytes(b"k" * 32)
    for folder in ("one", "two"):
        said = user.run("export", archive, tmp_path / folder, "--format", "csv", *key, "--quiet")
        assert (said.returncode, said.stderr) == (0, "")


def test_no_shared_memory(user: Cli, poor: Poor, tmp_path: Path) -> None:
    """The archive is written without a -wal there, which is said, and read by all commands."""
    here, user = user, poor(**NO_SHARED_MEMORY)
    archive = tmp_path / "archive.db"
    for _ in range(2):
        said = user.run("notes", archive)
        assert said.returncode == 0, said.stderr
        assert said.stderr.count("without shared memory") == 1
    assert archive.read_bytes()[18:20] == b"\x01\x01"
    for command in (("status",), ("verify",)):
        said = user.run(command[0], archive)
        assert (said.returncode, "Error" in said.stderr) == (0, False)
    with Browsed(user, archive) as browsed:
        assert "24 rows" in browsed.page("/archive/notes")
    said = user.run("snapshot", archive, tmp_path / "copy.db")
    assert said.returncode == 0, said.stderr
    assert here.run("verify", tmp_path / "copy.db").returncode == 0
    assert not list(tmp_path.glob("*.db-*"))


def test_an_archive_is_brought_where_no_shared_memory_is(
    user: Cli, poor: Poor, archive_path: Path, tmp_path: Path
) -> None:
    """One made elsewhere is read as it stands, and loses nothing of its -wal when it is written."""
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    user = poor(**NO_SHARED_MEMORY)
    said = user.run("status", archive_path)
    assert said.returncode == 0
    assert "read as it stands" in said.stderr

    there = tmp_path / "there" / "archive.db"
    there.parent.mkdir()
    with closing(sqlite3.connect(archive_path, isolation_level=None)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("insert into _fields (resource, name) values ('here', 'too')")
        for ending in ("", "-wal"):
            there.with_name(f"archive.db{ending}").write_bytes(
                archive_path.with_name(f"archive.db{ending}").read_bytes()
            )
    assert_one_sentence(user.run("status", there), 30, "archive.db-wal", "copy both")
    assert user.run("notes", there, "--quiet").returncode == 0
    assert user.run("status", there).returncode == 0
    assert query(there, "select name from _fields where resource = 'here'") == [("too",)]
    assert not there.with_name("archive.db-wal").exists()


def test_no_locks(poor: Poor, toy: DemoInstance, archive_path: Path) -> None:
    """Nothing is written where two syncs could not know of each other; the words say why."""
    user = poor(**NO_LOCKS)
    said = user.run("sync", archive_path)
    assert_one_sentence(said, 30, "has no locks", "disk of this computer")
    assert not archive_path.exists()
    assert not toy.count("wall.get")


def test_an_export_where_no_locks_are(
    user: Cli, poor: Poor, archive_path: Path, tmp_path: Path
) -> None:
    """An export and a snapshot need none."""
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    user = poor(**NO_LOCKS)
    dead = tmp_path / ".copy.db.unfinished-dead"
    dead.mkdir()
    assert user.run("export", archive_path, tmp_path / "out", "--format", "csv").returncode == 0
    assert user.run("snapshot", archive_path, tmp_path / "copy.db").returncode == 0
    # Nobody could tell whether somebody works there.
    assert dead.is_dir()


@pytest.mark.parametrize(("size", "code"), [("40m", 0), ("2m", 30), ("300k", 30)])
def test_a_disk_in_memory(cli: Cli, tmp_path: Path, size: str, code: int) -> None:
    """A real file system takes an archive with its files, or is said to be full."""
    disk_ = tmp_path / "disk"
    disk_.mkdir()
    cli.before = on_small_disk(disk_, size)
    with DemoInstance(generate(), "B") as instance:
        cli.log_in(instance)
        said = cli.run("photos", disk_ / "archive.db", "--media", "--quiet")
    if code:
        assert_one_sentence(said, code, "make room")
    else:
        assert (said.returncode, said.stderr) == (0, "")


def test_a_broken_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file system cannot do is one thing, and what a disk fails to do another."""

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        disk.flush(tmp_path)


def test_no_permissions_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot even be opened is not flushed; a file that cannot be is an error."""

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    file = tmp_path / "file"
    file.touch()
    monkeypatch.setattr("os.open", refuse)
    disk.flush(tmp_path)
    with pytest.raises(PermissionError):
        disk.flush(file)
    monkeypatch.setattr(Path, "chmod", lambda *_: refuse())
    with pytest.raises(PermissionError):
        disk.set_mode(file, 0o600)


def test_nothing_is_lost_by_a_rollback_journal(user: Cli, poor: Poor, archive_path: Path) -> None:
    """An archive that was written without a -wal has one again where that is possible."""
    assert poor(**NO_SHARED_MEMORY).run("notes", archive_path, "--quiet").returncode == 0
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    assert archive_path.read_bytes()[18:20] == b"\x02\x02"
    with Archive.read(archive_path) as held:
        assert held.query("select count(*) from notes") == [(24,)]
