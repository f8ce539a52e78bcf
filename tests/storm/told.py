"""A storm with its history in order: what each record was, and when."""

from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise

from tests.storm.log import Call, Entry, Row, Storm

NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Told:
    """A storm with its history in order, record by record."""

    def __init__(self, storm: Storm) -> None:
        self.storm = storm
        self.records = {row["id"]: row for row in storm.records}
        self.last = {**self.records, **{row["id"]: row for row in storm.learners}}
        self.entries = {entry.id: entry for entry in storm.history}
        self.of: dict[str, list[Entry]] = {id_: [] for id_ in self.last}
        for entry in sorted(storm.history, key=lambda each: (each.version, each.occurred_at)):
            self.of.setdefault(entry.record, []).append(entry)

    @cached_property
    def questions(self) -> dict[str, list[Call]]:
        """The calls that were sent for each question."""
        found: dict[str, list[Call]] = {}
        for call in self.storm.calls:
            found.setdefault(call.question, []).append(call)
        return found

    @cached_property
    def requests(self) -> dict[str, list[Entry]]:
        """What each request left in the history."""
        found: dict[str, list[Entry]] = {}
        for entry in self.storm.history:
            found.setdefault(entry.request or "", []).append(entry)
        return found

    @cached_property
    def claims(self) -> dict[tuple[str, int], list[str]]:
        """The questions that say they brought a record to a version; what is sent again may show a later one."""
        found: dict[tuple[str, int], list[str]] = {}
        for question, calls in self.questions.items():
            versions: dict[str, int] = {}
            for row in (row for call in calls if not call.is_preview for row in call.rows):
                if row.outcome == "CHANGED" and row.record and row.version is not None:
                    versions[row.record] = min(row.version, versions.get(row.record, row.version))
            for claim in versions.items():
                found.setdefault(claim, []).append(question)
        return found

    def spans(self, record: str) -> list[tuple[datetime, datetime, str | None]]:
        """The statuses of a record, each from when until when; None before it was there."""
        told = self.of[record]
        first = told[0].before if told else self.last[record]["status"].upper()
        turns = [(self.storm.began_at, first), *((each.occurred_at, each.after) for each in told), (NEVER, None)]
        return [(since, until, status) for (since, status), (until, _) in pairwise(turns)]

    def statuses(self, record: str, call: Call) -> set[str | None]:
        """The statuses that a record had between the question and the answer."""
        spans = self.spans(record)
        return {status for since, until, status in spans if since <= call.answered_at and call.asked_at <= until}

    def versions(self, record: str, call: Call, *, unlocked: bool = False) -> set[int]:
        """The versions that a record had between the question and the answer.

        Who reads without a lock may see a version until the next is committed, which is before that one's answer.
        """
        told = self.of[record]
        turns = [(self.storm.began_at, told[0].version - 1 if told else self.last[record]["version"])]
        turns += [(each.recorded_at, each.version) for each in told]
        ends = [*((self.answered(each.request) if unlocked else each.recorded_at) for each in told), NEVER]
        return {
            version
            for (since, version), until in zip(turns, ends, strict=True)
            if since <= call.answered_at and call.asked_at <= until
        }

    def insisted_on(self, row: Row) -> str:
        """Whose version a call can insist on: the learner who is assigned, else the record."""
        return row.given if row.given in self.last else row.record or ""

    def answered(self, request: str | None) -> datetime:
        """When a request was answered; nobody knows when the clock's own work was committed."""
        return self._answered.get(request or "", NEVER)

    @cached_property
    def _answered(self) -> dict[str, datetime]:
        return {call.request: call.answered_at for call in self.storm.calls}
