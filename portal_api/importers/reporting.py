"""Who reports to whom in an organisation that has told nobody: a few levels of managers over everybody else."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

_PEOPLE_UNDER = (5_000, 650, 65)
"""How many learners there are for one manager of each level, the highest level first."""
_FEWEST = (1, 2, 4)
_SMALL = 20
_WITHOUT_MANAGER = 10
_ONE_LEVEL_UP = 9


def managers(count: int) -> list[int | None]:
    """The place of each learner's manager, among learners numbered from 0; managers come before those they manage.

    Each tenth learner who manages nobody has no manager; each ninth reports one level higher than the others.
    """
    levels = _levels(count)
    above: list[int | None] = [None] * min(count, levels[0].stop)
    for higher, level in pairwise(levels):
        above += [higher[place % len(higher)] for place in range(len(level))]
    for place in range(count - len(above)):
        level = levels[-2 if place % _ONE_LEVEL_UP == _ONE_LEVEL_UP - 1 and len(levels) > 1 else -1]
        above.append(None if place % _WITHOUT_MANAGER == _WITHOUT_MANAGER - 1 else level[place % len(level)])
    return above


def middle_manager(count: int) -> int:
    """The place of a manager who has somebody above and, where there are enough people, two levels below."""
    levels = _levels(count)
    return levels[1][0] if len(levels) > 1 else 0


def first_without_reports(count: int) -> int:
    """The place of the first learner who manages nobody; of the last learner where everybody manages."""
    return min(_levels(count)[-1].stop, count - 1)


def _levels(count: int) -> list[range]:
    sizes = [max(least, count // people) for people, least in zip(_PEOPLE_UNDER, _FEWEST, strict=True)]
    levels: list[range] = []
    start = 0
    for size in sizes if count >= _SMALL else (1, 1) if count > 2 else (1,):
        levels.append(range(start, start + size))
        start += size
    return levels


def lines(above: Sequence[int | None]) -> Iterator[tuple[int, int, int]]:
    """Every pair of a manager and a learner below them, with the depth."""
    for learner, manager in enumerate(above):
        depth = 1
        while manager is not None:
            yield manager, learner, depth
            manager, depth = above[manager], depth + 1
