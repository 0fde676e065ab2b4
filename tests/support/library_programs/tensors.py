"""`torch.multiprocessing.Queue`, and a `DataLoader` with workers."""

from typing import Any

import torch
import torch.multiprocessing
from torch.utils.data import DataLoader, Dataset

import shmrace
from shmrace import World


class TensorQueue(shmrace.Scenario):
    """A child sends a tensor, and ends when it has arrived."""

    strategy = "file_descriptor"
    method = "fork"

    @shmrace.actor()
    def parent(self, world: World) -> float:
        torch.set_num_threads(1)
        torch.multiprocessing.set_sharing_strategy(self.strategy)
        context = torch.multiprocessing.get_context(self.method)
        tensors, arrived = context.Queue(), context.Event()
        child = context.Process(target=_send, args=(tensors, arrived, self.strategy))
        child.start()
        total = float(tensors.get().sum())
        arrived.set()
        child.join()
        assert (total, child.exitcode) == (4.0, 0)
        return total


def _send(tensors: Any, arrived: Any, strategy: str) -> None:
    torch.multiprocessing.set_sharing_strategy(strategy)
    tensors.put(torch.ones(4))
    arrived.wait()


class Items(Dataset[torch.Tensor]):  # type: ignore[misc]  # where torch is not looked into
    """Two tensors."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.full((4,), float(index))


class Loader(shmrace.Scenario):
    """All batches of them."""

    strategy = "file_descriptor"
    method = "fork"
    workers = 1
    stay = False

    @shmrace.actor()
    def trainer(self, world: World) -> None:
        torch.set_num_threads(1)
        torch.multiprocessing.set_sharing_strategy(self.strategy)
        loader = DataLoader(
            Items(),
            batch_size=1,
            num_workers=self.workers,
            multiprocessing_context=self.method,
            persistent_workers=self.stay,
        )
        assert [float(batch.sum()) for batch in loader] == [0.0, 4.0]
