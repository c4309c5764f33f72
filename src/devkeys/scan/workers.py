"""Many files, on all cores where it pays: batches of them, dealt out to forked processes."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from devkeys.scan import forking
from devkeys.scan.contents import Content, look
from devkeys.scan.finding import Unseen
from devkeys.scan.search import Search
from devkeys.scan.walk import File

FEW = 1 << 25  # bytes that one process searches sooner than others are started
PER_FILE = 1 << 14  # bytes that could be searched in the time that it takes to open a file
_BATCH = 1 << 22  # bytes (with PER_FILE for each file) that a process takes at a time


class Progress(NamedTuple):
    """Who is told how far the search is: the place looked at now, and bytes that were done."""

    at: Callable[[str], None]
    did: Callable[[int], None]


def look_at(
    files: Sequence[File],
    search: Search,
    progress: Progress,
    *,
    cores: int | None = None,
    few: int = FEW,
) -> Iterator[Content]:
    """Search all *files*; yield what holds something or could not be looked at, in any order.

    *cores* processes do it, or this one alone if it takes no longer than *few* bytes do, or if
    the system lets it start none.
    """
    cost = sum(file.size + PER_FILE for file in files)
    cores = min(forking.cores() if cores is None else cores, len(files))
    if cost < few or cores < 2:
        yield from _alone(files, search, progress)
        return
    search.prepare()
    try:
        yield from _together(_batches(files), search, progress, cores)
    except forking.CannotStartError:
        yield from _alone(files, search, progress)


def _alone(files: Sequence[File], search: Search, progress: Progress) -> Iterator[Content]:
    for file in files:
        progress.at(file.path)
        content = look(file.path, search)
        if content.held or content.unseen:
            yield content
        progress.did(file.size)


def _batches(files: Sequence[File]) -> list[list[File]]:
    """Deal the files out, in their order; one batch is lost with the process that has it."""
    most = max(_BATCH, sum(file.size + PER_FILE for file in files) // (forking.MOST_TASKS // 2))
    batches: list[list[File]] = [[]]
    cost = 0
    for file in files:
        if cost and cost + file.size + PER_FILE > most:
            batches.append([])
            cost = 0
        batches[-1].append(file)
        cost += file.size + PER_FILE
    return batches


def _together(
    batches: Sequence[Sequence[File]], search: Search, progress: Progress, cores: int
) -> Iterator[Content]:
    def work(task: int, tell: Callable[[str | list[Content]], None]) -> None:
        tell(batches[task][0].path)
        contents = [look(file.path, search) for file in batches[task]]
        tell([one for one in contents if one.held or one.unseen])

    done: set[int] = set()
    for task, told in forking.dealt_out(len(batches), work, cores):
        if isinstance(told, str):
            progress.at(told)
        elif told is not None:
            done.add(task)
            progress.did(sum(file.size for file in batches[task]))
            yield from told
        elif task not in done:  # else its process ended behind its last word on it
            yield from map(_lost, batches[task])


def _lost(file: File) -> Content:
    why = "the process that looked at it, or at a file beside it, ended before it was done"
    return Content(file.path, unseen=Unseen(file.path, why, failed=True))
