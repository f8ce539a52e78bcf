"""What only Python can write of an answer that the database writes: left out as a hole, with the facts that it hangs on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from portal_api.planner import selections
from portal_api.planner.listings import Asked, page_info
from portal_api.planner.paging import encode_cursor
from portal_api.planner.selections import Run

MARK = "\x1a"
"""Begins and ends a hole. JSON never has it: there, it would be escaped."""
Entries = Sequence[tuple[str, str, Any]]


class Hole(Protocol):
    """What only Python can write."""

    @property
    def is_kept(self) -> bool:
        """Whether its facts come again and again, so that what is made of them is kept."""
        ...

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        """The value that stands there."""
        ...


@dataclass(frozen=True, slots=True)
class DerivedHole:
    """A value derived from columns."""

    item: selections.Derived | selections.DerivedAnew
    is_kept: bool

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        typed = [decode(each) for decode, each in zip(self.item.decoders, facts, strict=True)]
        value = self.item.of(role, *typed)
        if self.item.by_type is None:
            return selections.leaf(value)
        steps = selections.finish_objects([value], self.item.by_type, Run(role, {}, {}))
        try:
            next(steps)
        except StopIteration as end:
            return end.value[0]
        raise LookupError("what is derived asks for nothing")


@dataclass(frozen=True, slots=True)
class WordsHole:
    """A few words, of one text."""

    is_kept = True

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        [text] = facts
        return None if text is None else text.split()


@dataclass(frozen=True, slots=True)
class CursorHole:
    """Where a record stands in its list."""

    listing: int
    is_kept = False

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        return _cursor(asked[self.listing], facts)


@dataclass(frozen=True, slots=True)
class PageInfoHole:
    """What is told of a page; the facts are where each of its records stands, and one more where others follow."""

    listing: int
    entries: Entries
    is_kept = False

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        own = asked[self.listing]
        places = facts[: own.page.size]
        if own.page.is_backwards:
            places.reverse()
        ends = [_cursor(own, place) for place in (places[0], places[-1])] if places else ()
        return page_info(self.entries, ends, own.page, has_more=len(facts) > own.page.size)


def _cursor(asked: Asked, place: Sequence[Any]) -> str:
    return encode_cursor(asked.order.signature, [each if isinstance(each, str) else str(each) for each in place])
