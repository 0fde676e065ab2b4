"""A path is judged by where it leads, never by its text."""

import os
from pathlib import Path

import pytest

from shmrace.linux.paths import AT_FDCWD, Resolver


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(os.getpid(), str(os.getpid()))


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A directory, a file in it, and ways to them."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("x")
    (tmp_path / "absolute").symlink_to(folder)
    (tmp_path / "relative").symlink_to("folder")
    (tmp_path / "twice").symlink_to("relative")
    (tmp_path / "to-file").symlink_to(folder / "file")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


@pytest.mark.parametrize(
    "path", ["folder/file", "absolute/file", "relative/file", "twice/file", "folder/../folder/file",
             "to-file", "./folder//file"]
)  # fmt: skip
def test_all_ways_lead_to_the_same_file(resolver: Resolver, linked: Path, path: str) -> None:
    target = (linked / "folder" / "file").stat()
    location = resolver.resolve(AT_FDCWD, os.fsencode(linked) + b"/" + path.encode(), True)
    assert location is not None
    found = location.lookup()
    location.close()
    assert found is not None
    assert (found.st_dev, found.st_ino) == (target.st_dev, target.st_ino)


@pytest.mark.parametrize("path", ["folder/", "folder//", "none/"])
def test_a_path_that_ends_in_a_slash_means_that_name(
    resolver: Resolver, linked: Path, path: str
) -> None:
    location = resolver.resolve(AT_FDCWD, os.fsencode(linked) + b"/" + path.encode(), False)
    assert (location.name, location.inode) == (path.strip("/"), linked.stat().st_ino)
    location.close()


def test_a_last_link_is_followed_only_by_calls_that_follow(
    resolver: Resolver, linked: Path
) -> None:
    for follow, name in ((True, "file"), (False, "to-file")):
        location = resolver.resolve(AT_FDCWD, os.fsencode(linked / "to-file"), follow)
        assert location is not None
        assert location.name == name
        location.close()


def test_a_path_through_proc_self_is_the_actors_own(resolver: Resolver, linked: Path) -> None:
    path = b"/proc/self/root" + os.fsencode(linked / "folder" / "file")
    location = resolver.resolve(AT_FDCWD, path, True)
    assert location is not None
    assert location.inode == (linked / "folder").stat().st_ino
    location.close()


def test_a_path_is_relative_to_a_directory_descriptor(resolver: Resolver, linked: Path) -> None:
    directory = os.open(linked / "folder", os.O_RDONLY)
    location = resolver.resolve(directory, b"file", True)
    os.close(directory)
    assert location is not None
    assert (location.name, location.inode) == ("file", (linked / "folder").stat().st_ino)
    location.close()


def test_a_path_whose_parent_is_missing_leads_to_what_is_missing(
    resolver: Resolver, linked: Path
) -> None:
    location = resolver.resolve(AT_FDCWD, os.fsencode(linked / "none" / "deeper" / "file"), True)
    assert location is not None
    assert (location.name, location.inode) == ("none", linked.stat().st_ino)
    location.close()


def test_a_path_through_a_file_leads_to_that_file(resolver: Resolver, linked: Path) -> None:
    location = resolver.resolve(AT_FDCWD, os.fsencode(linked / "folder" / "file" / "x"), True)
    assert location.name == "file"
    location.close()


def test_the_symbolic_links_on_the_way_are_told(resolver: Resolver, linked: Path) -> None:
    location = resolver.resolve(AT_FDCWD, os.fsencode(linked / "twice" / "file"), True)
    assert [link.name for link in location.links] == ["twice", "relative"]
    location.close()


def test_a_loop_of_links_leads_to_the_link_at_which_the_kernel_gives_up(
    resolver: Resolver, linked: Path
) -> None:
    location = resolver.resolve(AT_FDCWD, os.fsencode(linked / "loop"), True)
    assert location.name == "loop"
    assert len(location.links) == 40
    location.close()


def test_no_descriptor_stays_open(resolver: Resolver, linked: Path) -> None:
    opened = os.open(linked / "folder" / "file", os.O_RDONLY)
    before = len(os.listdir("/proc/self/fd"))
    inside = ("folder/file", "twice/file", "none/x", "to-file", "loop", "absolute/../folder")
    through_proc = (f"/proc/self/fd/{opened}", f"/proc/self/fd/{opened}/x", "/proc/self/fd/none")
    for path in (*(f"{linked}/{one}" for one in inside), *through_proc):
        for follow in (True, False):
            resolver.resolve(AT_FDCWD, path.encode(), follow).close()
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(opened)
