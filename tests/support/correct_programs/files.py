"""A model of files: what a walk expects of the real ones."""

from dataclasses import dataclass, field


@dataclass
class File:
    content: bytes = b""
    mode: int = 0o600
    mark: bytes | None = None


@dataclass
class Files:
    """The model; `held` has the file that each member holds, with its descriptor if it is one's
    own."""

    names: dict[str, File | str] = field(default_factory=dict)  # a text is a symbolic link's
    directory: str = ""  # the name that the directory has, if there is one
    held: dict[int, File] = field(default_factory=dict)

    def file(self, name: str) -> File | None:
        for _ in range(9):
            found = self.names.get(name)
            if not isinstance(found, str):
                return found
            name = found
        return None

    def links(self, file: File) -> int:
        return sum(one is file for one in self.names.values())

    def there(self, name: str) -> bool:
        return not name.startswith("d/") or self.directory == "d"
