"""What the calls are about: an organisation with enrolments to be finalised in batches, and rules that wait for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from random import Random

from portal_api.auth import Claims, Tokens
from portal_api.clock import system_clock
from portal_api.database import Database
from portal_api.domain.automations.rules import ConditionKind
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.roles import Role
from portal_api.ids import seeded_ids
from tests.client import Json
from tests.factories import DAY, Organisation, Record, organisation_with_everybody
from tests.factories.automations import TASK, WEBHOOK

Rows = tuple[int, int]
"""The enrolments of a batch: so many at the least, and at the most."""
TOLD_ELSEWHERE = 5
"""One enrolment in so many is in the course of which an endpoint is told."""
FINALISE = """
mutation($input: FinaliseCourseEnrolmentsInput!) { finaliseCourseEnrolments(input: $input) {
    isPreview counts { changed unchanged refused } errors { code message }
    results { id outcome errors { code message } node { id version status finalisedOn learner { hasAppAccess } } }
    warnings { courseEnrolmentId unitEnrolmentId step message }
    fired { outcome } firedCount
} }
"""


class Meant(Enum):
    """What a call is to come to."""

    ALL = auto()
    NOTHING_SINCE_IT_IS_A_PREVIEW = auto()
    NOTHING_SINCE_A_ROW_IS_REFUSED = auto()


@dataclass(frozen=True)
class Enrolled:
    """An enrolment with a unit that has begun and one that has not."""

    record: Record
    learner: Record
    begun: Record
    ahead: Record
    is_told_elsewhere: bool


@dataclass(frozen=True)
class Batch:
    """One call: enrolments that are finalised together, as withdrawn, on a day, under a key."""

    name: str
    """Its key, and the identifier of each request that sends it."""
    on: date
    rows: tuple[Enrolled, ...]
    meant: Meant

    @property
    def rejects_everything(self) -> bool:
        """Whether one refused row is to keep all from going through; of the others, every second says so as well."""
        return self.meant is Meant.NOTHING_SINCE_A_ROW_IS_REFUSED or len(self.rows) % 2 == 0

    @property
    def input(self) -> Json:
        """What is sent."""
        ids = [each.record.gid for each in self.rows]
        if self.meant is Meant.NOTHING_SINCE_A_ROW_IS_REFUSED:
            ids.append(f"cen_{0:032x}")
        return {
            "status": "WITHDRAWN",
            "enrolments": [{"id": id_, "on": str(self.on)} for id_ in ids],
            "closing": {"appAccessOff": True},
            "errorPolicy": "REJECT_EVERYTHING" if self.rejects_everything else "REJECT_FAILED_ROWS",
            "preview": self.meant is Meant.NOTHING_SINCE_IT_IS_A_PREVIEW,
            "idempotencyKey": self.name,
        }


class Scene:
    """The organisation, from the first kill to the last; each round takes enrolments that are new."""

    def __init__(self, database: Database, tokens: Tokens, random: Random, hook: str, rows: Rows) -> None:
        self.organisation: Organisation = organisation_with_everybody(
            database, system_clock, seeded_ids(random.getrandbits(64))
        )
        made = self.organisation
        self.batches: dict[str, Batch] = {}
        self._random = random
        self._rows = rows
        self._units = made.unit(), made.unit()
        course, told = made.course(*self._units), made.course(*self._units)
        self._offer, self._told_offer = made.course_offer(course), made.course_offer(told)
        trigger = TriggerKind.COURSE_ENROLMENT_STATUS
        made.learncycle(trigger, "WITHDRAWN", TASK)
        made.learncycle(trigger, "WITHDRAWN", WEBHOOK, conditions=((ConditionKind.COURSE, {"course_id": told.id}),))
        made.webhook_endpoint(trigger, url=hook)
        claims = Claims(made.id, made.staff[Role.ADMIN].id)
        self.token = tokens.sign(claims, now=system_clock(), ttl=DAY)

    async def lay_out(self, batches: int) -> list[Batch]:
        """New batches, written, with no connection left open."""
        new = [self._batch() for _ in range(batches)]
        await self.organisation.save()
        await self.organisation.database.engine.dispose()
        self.batches |= {each.name: each for each in new}
        return new

    def _batch(self) -> Batch:
        meant = self._random.choices(list(Meant), (6, 1, 1))[0]
        rows = tuple(self._enrolled(self._random.randint(*self._rows)))
        return Batch(f"batch-{len(self.batches)}-{rows[0].record.gid}", self.organisation.day(-1), rows, meant)

    def _enrolled(self, rows: int) -> Iterator[Enrolled]:
        made = self.organisation
        for place in range(rows):
            is_told = place % TOLD_ELSEWHERE == 0
            learner = made.learner()
            record = made.course_enrolment(learner, self._told_offer if is_told else self._offer)
            begun = made.unit_enrolment(record, self._units[0], hours=self._random.randint(0, 40))
            ahead = made.unit_enrolment(record, self._units[1], starts=10, ends=60)
            yield Enrolled(record, learner, begun, ahead, is_told)
