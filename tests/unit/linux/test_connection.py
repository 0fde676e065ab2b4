"""The place where sent data arrives is the same `Place` at both ends of a connection."""

import os
import socket

from shmrace.linux.connection import Place, PlaceKind, arrival


def arrives(descriptor: int, sends: bool) -> Place | None:
    pidfd = os.pidfd_open(os.getpid())
    try:
        link = os.readlink(f"/proc/self/fd/{descriptor}")
        return arrival(os.getpid(), pidfd, descriptor, link, sends)
    finally:
        os.close(pidfd)


def test_what_one_end_of_a_pair_sends_arrives_at_the_other() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert arrives(one.fileno(), True) == arrives(other.fileno(), False) is not None
        assert arrives(other.fileno(), True) == arrives(one.fileno(), False)
        assert arrives(one.fileno(), True) != arrives(one.fileno(), False)


def test_the_two_directions_of_a_connection_over_tcp_are_two() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            accepted, _ = server.accept()
            with accepted:
                assert (
                    arrives(client.fileno(), True) == arrives(accepted.fileno(), False) is not None
                )
                assert arrives(client.fileno(), False) == arrives(accepted.fileno(), True)
        assert arrives(server.fileno(), True) is None


def test_datagrams_arrive_at_the_socket_that_their_sender_is_connected_to(tmp_path: str) -> None:
    mailbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with mailbox, sender:
        mailbox.bind(os.path.join(tmp_path, "mailbox"))
        sender.connect(os.path.join(tmp_path, "mailbox"))
        assert arrives(sender.fileno(), True) == arrives(mailbox.fileno(), False)
        place = arrives(sender.fileno(), True)
        assert place is not None and place.kind is PlaceKind.DATAGRAMS
        assert arrives(mailbox.fileno(), True) is None


def test_a_pipe_is_read_at_one_end_and_written_at_the_other() -> None:
    reader, writer = os.pipe()
    try:
        assert arrives(writer, True) == arrives(reader, False) is not None
        assert arrives(reader, True) == arrives(writer, False) is None
    finally:
        os.close(reader)
        os.close(writer)
