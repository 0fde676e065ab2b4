"""The instructions of random programs, by feature: each is an expression over a `Player` `p`.

A word in braces is drawn by the generator: `name` and `other` are two names, `fd` a slot for a
descriptor, `view` a slot for a mapping, `n` a small number, `byte` an offset, `rank` another rank,
`child` the number of a child.  A feature is switched on or off as a whole, so that one can see
which kinds of object come out clean.
"""

from dataclasses import dataclass

from shmrace.model.words import Word


class Feature(Word):
    """What programs may use, with what it is about."""

    FILES = "files", "create, open, close and unlink"
    LINKS = "links", "hard links, and how many a file has"
    SYMLINKS = "symlinks", "symbolic links, and names reached through them"
    RENAMES = "renames", "a name given to another file"
    DIRECTORIES = "directories", "made, removed and renamed, with a file in them"
    LISTINGS = "listings", "which names there are"
    LOOKS = "looks", "stat, access and the like, of a name"
    IDENTITY = "identity", "does a name still mean the file that is held?"
    SIZES = "sizes", "truncate, and who sees the size"
    MODES = "modes", "chmod and utime, and who sees them"
    BYTES = "bytes", "read and write"
    MAPPINGS = "mappings", "load and store through a mapping"
    FLOCKS = "flocks", "flock"
    RECORDS = "records", "record locks with ranges"
    QUERIES = "queries", "would a record lock be granted?"
    PIPES = "pipes", "between a process and its child"
    MESSAGES = "messages", "messages of the harness, waited for"
    LOOKOUTS = "lookouts", "messages of the harness, not waited for"
    BARRIERS = "barriers", "all ranks meet"
    SPAWNS = "spawns", "a spawned actor, joined"
    FORKS = "forks", "a forked child, awaited"
    PEEKS = "peeks", "has a forked child ended?"
    THREADS = "threads", "a thread that shares descriptors and mappings"
    LIVENESS = "liveness", "does another process live?"
    FOREIGN = "foreign", "the descriptors of another process"
    MEMFDS = "memfds", "memory without a name, shared with a child"
    DUPLICATES = "duplicates", "two descriptors with one offset"
    APPENDS = "appends", "writes at the end"
    NAMELESS = "nameless", "a file without a name that is given one"
    ATTRIBUTES = "attributes", "extended attributes"
    SEALS = "seals", "what a memfd forbids"
    DIRECTORY_LOOKS = "directory-looks", "what stat tells of a directory itself"
    PATHS = "paths", "slashes at the end, and .. through a directory"
    WORKING = "working", "the working directory"
    COPIES = "copies", "bytes copied by the kernel from file to file"
    HOLES = "holes", "where a file has data, and how much room it takes"
    OPEN_FILES = "open-files", "offset and flags, shared with a forked child"
    SOCKETS = "sockets", "a name that bind makes"
    KILLS = "kills", "the fault kill, at any operation of a rank"
    ERRNOS = "errnos", "the fault EACCES, at an attach"


@dataclass(frozen=True)
class Needs:
    """What a program needs for a feature besides the instructions."""

    held: bool = False  # the ranks hold a descriptor
    mapped: bool = False  # and a mapping
    child: str = ""  # the instruction that starts a child
    pids: bool = False  # the ranks know each other's process
    first: str = ""  # an instruction before all others


CREATE = "p.open(0, A, os.O_RDWR | os.O_CREAT)"

INSTRUCTIONS: dict[Feature, tuple[str, ...]] = {
    Feature.FILES: (
        "p.open({fd}, {name}, os.O_RDWR | os.O_CREAT | os.O_EXCL)",
        "p.open({fd}, {name}, os.O_RDWR | os.O_CREAT)",
        "p.open({fd}, {name}, os.O_RDWR)",
        "p.open({fd}, {name}, os.O_RDONLY)",
        "p.open({fd}, {name}, os.O_WRONLY | os.O_TRUNC)",
        "os.close(p.fd.pop({fd}))",
        "os.unlink({name})",
        "os.unlink({name})",
    ),
    Feature.LINKS: (
        "os.link({name}, {other})",
        "os.fstat(p.fd[{fd}]).st_nlink",
        "os.stat({name}).st_nlink",
    ),
    Feature.SYMLINKS: (
        "os.symlink({name}, {other})",
        "os.readlink({name})",
        "p.kind(os.lstat({name}))",
        "p.open({fd}, {name}, os.O_RDWR | os.O_NOFOLLOW)",
        "os.unlink({name})",
    ),
    Feature.RENAMES: ("os.rename({name}, {other})", "os.rename({other}, {name})"),
    Feature.DIRECTORIES: (
        "os.mkdir(D)",
        "os.rmdir(D)",
        "p.open({fd}, IN_D, os.O_RDWR | os.O_CREAT)",
        "p.open({fd}, IN_D, os.O_RDWR)",
        "os.unlink(IN_D)",
        "os.rename(D, {name})",
        "os.rename({name}, D)",
        "sorted(os.listdir(D))",
        "os.rename({name}, IN_D)",
        "os.stat(D).st_nlink",
    ),
    Feature.LISTINGS: ("sorted(os.listdir(SHM))", "sorted(one.name for one in os.scandir(SHM))"),
    Feature.LOOKS: (
        "os.stat({name}).st_size",
        "os.path.exists({name})",
        "os.path.lexists({name})",
        "os.access({name}, os.R_OK)",
        "p.kind(os.stat({name}))",
    ),
    Feature.IDENTITY: ("p.same({fd}, {name})",),
    Feature.SIZES: (
        "os.truncate({name}, {n})",
        "os.ftruncate(p.fd[{fd}], {n})",
        "os.fstat(p.fd[{fd}]).st_size",
        "os.lseek(p.fd[{fd}], 0, os.SEEK_END)",
        "os.posix_fallocate(p.fd[{fd}], 0, {n} + 1)",
        "os.stat({name}).st_size",
    ),
    Feature.MODES: (
        "os.chmod({name}, 0o64{n})",
        "os.fchmod(p.fd[{fd}], 0o60{n})",
        "os.utime({name}, ns=({n}, {n}))",
        "stat.filemode(os.fstat(p.fd[{fd}]).st_mode)",
        "stat.filemode(os.stat({name}).st_mode)",
        "os.stat({name}).st_mtime_ns < 9",
    ),
    Feature.BYTES: (
        "os.write(p.fd[{fd}], b'{n}')",
        "os.pwrite(p.fd[{fd}], b'{n}', {byte})",
        "p.read({fd}, 2)",
        "p.pread({fd}, 1, {byte})",
        "p.pread({fd}, 2, 0)",
    ),
    Feature.MAPPINGS: (
        "p.map({fd})",
        "p.map_private({fd})",
        "p.view[{fd}][{byte}]",
        "p.view[{fd}][{byte}]",
        "p.store({fd}, {byte}, {n})",
        "p.view.pop({fd}).close()",
    ),
    Feature.FLOCKS: (
        "fcntl.flock(p.fd[{fd}], fcntl.LOCK_EX)",
        "fcntl.flock(p.fd[{fd}], fcntl.LOCK_SH)",
        "fcntl.flock(p.fd[{fd}], fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "fcntl.flock(p.fd[{fd}], fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "fcntl.flock(p.fd[{fd}], fcntl.LOCK_UN)",
        "os.close(p.fd.pop({fd}))",
    ),
    Feature.RECORDS: (
        "fcntl.lockf(p.fd[{fd}], fcntl.LOCK_EX, 1, {byte})",
        "fcntl.lockf(p.fd[{fd}], fcntl.LOCK_EX | fcntl.LOCK_NB, {n}, {byte})",
        "fcntl.lockf(p.fd[{fd}], fcntl.LOCK_SH | fcntl.LOCK_NB, 1, {byte})",
        "fcntl.lockf(p.fd[{fd}], fcntl.LOCK_UN, 1, {byte})",
        "os.close(p.fd.pop({fd}))",
    ),
    Feature.QUERIES: (
        "p.asked({fd}, {byte}, 1)",
        "fcntl.lockf(p.fd[{fd}], fcntl.LOCK_EX | fcntl.LOCK_NB, 1, {byte})",
    ),
    Feature.PIPES: (
        "p.read(8, 1)",
        "os.write(p.fd[9], b'{n}')",
        "os.close(p.fd.pop(9))",
        "os.close(p.fd.pop(8))",
        "select.select([p.fd[8]], [], [], 0)[0] != []",
    ),
    Feature.MESSAGES: ("p.world.send({rank}, {n})", "p.world.recv({rank})"),
    Feature.LOOKOUTS: (
        "p.world.send({rank}, {n})",
        "p.world.recv({rank}, wait=False)",
    ),
    Feature.BARRIERS: (),
    Feature.SPAWNS: ("p.join({child})",),
    Feature.FORKS: ("p.wait({child}, 0)",),
    Feature.PEEKS: ("p.wait({child}, os.WNOHANG)", "os.kill(p.pid[{child}], 0)"),
    Feature.THREADS: ("p.await_thread({child})",),
    Feature.LIVENESS: (
        "os.kill(p.scenario.pids[{rank}], 0)",
        "os.path.exists(f'/proc/{{p.scenario.pids[{rank}]}}')",
        "os.close(os.pidfd_open(p.scenario.pids[{rank}]))",
    ),
    Feature.FOREIGN: (
        "p.open({fd}, p.descriptor_of({rank}, 40), os.O_RDWR)",
        "p.kind(os.stat(p.descriptor_of({rank}, 40)))",
        "p.hold_at({fd}, 40)",
        "os.close(p.fd.pop(40))",
    ),
    Feature.MEMFDS: (
        "p.keep({fd}, os.memfd_create('m'))",
        "p.hold_at({fd}, 40)",
        "os.ftruncate(p.fd[{fd}], {n})",
        "os.fstat(p.fd[{fd}]).st_size",
    ),
    Feature.DUPLICATES: (
        "p.keep(1, os.dup(p.fd[0]))",
        "os.lseek(p.fd[{fd}], 0, os.SEEK_CUR)",
        "os.write(p.fd[{fd}], b'{n}')",
        "p.read({fd}, 1)",
    ),
    Feature.APPENDS: (
        "p.open({fd}, {name}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)",
        "os.write(p.fd[{fd}], b'{n}')",
        "os.stat({name}).st_size",
    ),
    Feature.NAMELESS: (
        "p.open({fd}, SHM, os.O_RDWR | os.O_TMPFILE)",
        "os.link(f'/proc/self/fd/{{p.fd[{fd}]}}', {name}, follow_symlinks=True)",
        "os.fstat(p.fd[{fd}]).st_nlink",
    ),
    Feature.ATTRIBUTES: (
        "os.setxattr({name}, 'user.x', b'{n}')",
        "list(os.getxattr({name}, 'user.x'))",
        "os.listxattr({name})",
        "os.removexattr({name}, 'user.x')",
    ),
    Feature.SEALS: (
        "fcntl.fcntl(p.fd[{fd}], fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)",
        "fcntl.fcntl(p.fd[{fd}], fcntl.F_GET_SEALS)",
        "os.ftruncate(p.fd[{fd}], {n} * 2)",
        "os.fstat(p.fd[{fd}]).st_size",
    ),
    Feature.DIRECTORY_LOOKS: (
        "os.stat(SHM).st_nlink",
        "os.stat(SHM).st_size",
        "os.stat(D).st_size",
        "p.open({fd}, D, os.O_RDONLY)",
        "os.fstat(p.fd[{fd}]).st_nlink",
        "os.mkdir(D)",
        "os.rmdir(D)",
    ),
    Feature.PATHS: (
        "os.path.exists({name} + '/')",
        "os.path.exists({name} + '/.')",
        "os.path.exists(D + '/../a')",
        "os.rmdir(D + '/')",
        "os.mkdir(D + '/')",
        "os.rename(D, {name})",
    ),
    Feature.WORKING: ("os.chdir(D)", "os.chdir('/')", "os.getcwd()", "os.mkdir(D)", "os.rmdir(D)"),
    Feature.COPIES: (
        "p.open(1, {name}, os.O_RDWR | os.O_CREAT)",
        "os.copy_file_range(p.fd[0], p.fd[1], 1, 0, {byte})",
        "os.sendfile(p.fd[1], p.fd[0], 0, 1)",
        "os.pwrite(p.fd[{fd}], b'{n}', {byte})",
        "p.pread({fd}, 2, 0)",
    ),
    Feature.HOLES: (
        "os.ftruncate(p.fd[{fd}], {n} * 4096)",
        "os.fstat(p.fd[{fd}]).st_blocks",
        "os.lseek(p.fd[{fd}], 0, os.SEEK_HOLE)",
        "os.pwrite(p.fd[{fd}], b'{n}', 4096 * {byte})",
    ),
    Feature.OPEN_FILES: (
        "os.lseek(p.fd[0], {n}, os.SEEK_SET)",
        "os.lseek(p.fd[0], 0, os.SEEK_CUR)",
        "fcntl.fcntl(p.fd[0], fcntl.F_SETFL, os.O_APPEND)",
        "fcntl.fcntl(p.fd[0], fcntl.F_GETFL) & os.O_APPEND",
        "os.write(p.fd[0], b'{n}')",
    ),
    Feature.SOCKETS: (
        "socket.socket(socket.AF_UNIX).bind({name})",
        "socket.socket(socket.AF_UNIX).connect({name})",
        "os.path.exists({name})",
    ),
    Feature.KILLS: (),
    Feature.ERRNOS: (),
}

NEEDS: dict[Feature, Needs] = {
    **{
        feature: Needs(held=True)
        for feature in (
            Feature.LINKS, Feature.IDENTITY, Feature.SIZES, Feature.MODES, Feature.BYTES,
            Feature.FLOCKS, Feature.RECORDS, Feature.QUERIES, Feature.DUPLICATES, Feature.HOLES,
            Feature.COPIES,
        )
    },
    Feature.MAPPINGS: Needs(held=True, mapped=True),
    Feature.PIPES: Needs(child="p.fork({child})", first="p.pipe()"),
    Feature.SPAWNS: Needs(child="p.spawn({child})"),
    Feature.FORKS: Needs(child="p.fork({child})"),
    Feature.PEEKS: Needs(child="p.fork({child})"),
    Feature.THREADS: Needs(child="p.start({child})"),
    Feature.LIVENESS: Needs(pids=True),
    Feature.FOREIGN: Needs(held=True, pids=True),
    Feature.MEMFDS: Needs(child="p.fork({child})", first="p.keep(0, os.memfd_create('m'))"),
    Feature.OPEN_FILES: Needs(child="p.fork({child})", first=CREATE),
    Feature.SEALS: Needs(
        child="p.fork({child})",
        first="p.keep(0, os.memfd_create('m', os.MFD_ALLOW_SEALING))",
    ),
}  # fmt: skip
"""A feature that is not listed needs nothing."""
