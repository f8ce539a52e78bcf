"""The pathways of the demonstration, and how far learners came in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from portal_api.domain.library import LibraryStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus, PathwayKind, next_opening
from portal_api.domain.series import SeriesEnrolmentStatus, SeriesTerms, WithdrawalReason
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.demo_people import Participant
from portal_api.importers.demo_series import (
    ANSWERED,
    LEAP_YEAR,
    MADE_ON,
    REASONS_OF_THE_ACTIVE,
    TIMED_OUT,
    TRACKING_CODES,
    invented_answers,
    note_on,
)
from portal_api.importers.reporting import first_without_reports
from portal_api.importers.writing import NO_ANSWERS, NewEnrolment, NewSeries
from portal_api.importers.writing_pathways import NewPathway, NewPathwayEnrolment

_S = SeriesEnrolmentStatus
_P = PathwayEnrolmentStatus

SERIES_A_SET = 4
"""From as many series that wait for mastery three pathways are made."""
LINEAR, INTERLEAVED, RETIRED = range(3)
SHAPES = (
    ("New Starters", PathwayKind.LINEAR, LibraryStatus.ACTIVE, (1, 0, 3)),
    ("Everyday Support", PathwayKind.INTERLEAVED, LibraryStatus.ACTIVE, (2, 1, 3)),
    ("New Starters (old edition)", PathwayKind.LINEAR, LibraryStatus.RETIRED, (1, 0)),
)
"""The pathways of a set: titles, kinds, and the places of their series in it."""
ONE_IN = 3
"""Every so many learners one is in a pathway, and so are those whom a deactivation withdrew from everything."""


@dataclass(frozen=True, slots=True)
class Story:
    """Where an enrolment in a pathway of a set stands, and the one in its series at that step."""

    pathway: int
    status: PathwayEnrolmentStatus
    step: int
    at: SeriesEnrolmentStatus


STORIES = (
    Story(INTERLEAVED, _P.IN_PROGRESS, 2, _S.IN_PROGRESS),
    Story(LINEAR, _P.IN_PROGRESS, 1, _S.NO_ATTEMPTS),
    Story(INTERLEAVED, _P.IN_PROGRESS, 2, _S.WAITING_TO_START),
    Story(RETIRED, _P.INCOMPLETE, 2, _S.INCOMPLETE),
    Story(LINEAR, _P.IN_PROGRESS, 3, _S.IN_PROGRESS),
    Story(RETIRED, _P.IN_PROGRESS, 2, _S.NO_ATTEMPTS),
    Story(INTERLEAVED, _P.INCOMPLETE, 1, _S.DID_NOT_START),
    Story(LINEAR, _P.COMPLETED, 3, _S.MASTERED),
    Story(INTERLEAVED, _P.WITHDRAWN, 2, _S.WITHDRAWN),
)
"""One after another; as many as share no factor with the turns in which learners stay away or leave."""
NEVER_SIGNED_IN = Story(LINEAR, _P.IN_PROGRESS, 1, _S.NOT_SIGNED_IN)
LEFT = Story(LINEAR, _P.WITHDRAWN, 1, _S.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Journey:
    """An enrolment in a pathway, the enrolments that it opened, and all its series, those ahead too."""

    whole: NewPathwayEnrolment
    steps: tuple[NewEnrolment, ...]
    series_ids: frozenset[UUID]


def invented_pathways(library: Sequence[NewSeries], ids: IdMaker, days: Days) -> Iterator[NewPathway]:
    """Three pathways of each set of series that fit: one of each kind, and one that is retired."""
    fitting = [each for each in library if _terms(each).fits_pathways and each.status is LibraryStatus.ACTIVE]
    for edition in range(len(fitting) // SERIES_A_SET):
        chosen = fitting[edition * SERIES_A_SET :]
        for place, (title, kind, status, steps) in enumerate(SHAPES):
            made_at = days.at(MADE_ON + 1, place + 9)
            yield NewPathway(
                id=ids(made_at),
                external_ref=f"P-{edition * len(SHAPES) + place + 1:03}",
                title=f"{title} {edition + 1}" if edition else title,
                kind=kind,
                steps=tuple(chosen[step] for step in steps),
                created_at=made_at,
                status=status,
            )


def _terms(series: NewSeries) -> SeriesTerms:
    return SeriesTerms(series.type, series.duration, series.duration_days, series.ends_on)


def invented_journeys(
    people: Sequence[Participant], pathways: Sequence[NewPathway], random: Random, ids: IdMaker, days: Days
) -> dict[int, Journey]:
    """How far learners came in pathways, by their place; the one who is linked to a user has the first story."""
    linked = first_without_reports(len(people))
    teller = _Teller(random, ids, days)
    journeys: dict[int, Journey] = {}
    for person in people:
        turn, rest = divmod(person.place - linked, ONE_IN)
        if story := _story(person, None if rest else turn):
            edition = turn // len(STORIES) % (len(pathways) // len(SHAPES))
            journeys[person.place] = teller.journey(person, story, pathways[edition * len(SHAPES) + story.pathway])
    return journeys


def _story(person: Participant, turn: int | None) -> Story | None:
    if person.was_withdrawn:
        return LEFT
    if turn is None:
        return None
    if not person.has_signed_in:
        return NEVER_SIGNED_IN
    story = STORIES[turn % len(STORIES)]
    # Whoever waits has mastered a series on the very day of the seeding.
    return STORIES[0] if story.at is _S.WAITING_TO_START and person.learner.deactivation else story


@dataclass(frozen=True, slots=True)
class _Teller:
    """Fills stories with days, and makes the records that they leave."""

    random: Random
    ids: IdMaker
    days: Days

    def journey(self, person: Participant, story: Story, pathway: NewPathway) -> Journey:
        opened, ended_at = self._instants(person, story)
        starts = [opened[0], *(next_opening(pathway.kind, at, self.days.zone) for at in opened[1:])]
        ends = [_terms(series).end_of(at, self.days.zone) for at, series in zip(starts, pathway.steps, strict=False)]
        is_withdrawn = story.status is _P.WITHDRAWN
        reason = self._reason(person) if is_withdrawn else None
        whole = NewPathwayEnrolment(
            id=self.ids(opened[0]),
            external_ref=f"PE-{person.place + 1:05}",
            learner_id=person.learner.id,
            pathway_id=pathway.id,
            status=story.status,
            position=story.step,
            enrolled_at=opened[0],
            ends_at=ends[-1],
            tracking_code=TRACKING_CODES[person.place % len(TRACKING_CODES)],
            completed_at=ended_at if story.status is _P.COMPLETED else None,
            withdrawn_at=ended_at if is_withdrawn else None,
            withdrawal_reason=reason,
            withdrawal_note=note_on(reason),
            version=2 if story.status in (_P.WITHDRAWN, _P.INCOMPLETE) else 1,
        )
        lasting = zip(opened, starts, ends, [*opened[1:], ended_at], strict=True)
        steps = tuple(
            self._step(person, story if place == story.step else None, whole, series, *times)
            for place, (series, times) in enumerate(zip(pathway.steps, lasting, strict=False), start=1)
        )
        return Journey(whole, steps, frozenset(each.id for each in pathway.steps))

    def _instants(self, person: Participant, story: Story) -> tuple[list[datetime], datetime | None]:
        """When each series up to the story's step was opened, and when the last one was mastered or withdrawn."""
        ended: int | None = None
        if story.at is _S.WAITING_TO_START:
            last = 0
        elif story.status is _P.INCOMPLETE:
            last = -LEAP_YEAR - self.random.randint(2, 150)
        elif story.status is _P.IN_PROGRESS:
            last = person.latest - self.random.randint(2, 60)
        else:
            ended = person.latest + 1 if person.was_withdrawn else person.latest - self.random.randint(0, 60)
            last = ended - self.random.randint(10, 40)
        before = [last]
        for _ in range(story.step - 1):
            before.append(before[-1] - self.random.randint(10, 40))
        enrolled, *advanced = reversed(before)
        # What happened today did so at midnight: it has come to pass at whatever hour the demonstration is made.
        opened = [self.days.at(enrolled, 9), *(self.days.at(day, 15 if day else 0) for day in advanced)]
        return opened, None if ended is None else self.days.at(ended, 9 if person.was_withdrawn else 15)

    def _reason(self, person: Participant) -> WithdrawalReason:
        if person.was_withdrawn:
            return WithdrawalReason.USER_DEACTIVATED
        return self.random.choice(REASONS_OF_THE_ACTIVE)

    def _step(
        self,
        person: Participant,
        story: Story | None,
        whole: NewPathwayEnrolment,
        series: NewSeries,
        enrolled_at: datetime,
        starts_at: datetime,
        ends_at: datetime,
        left_at: datetime | None,
    ) -> NewEnrolment:
        """The enrolment in one series: at its story, or mastered on the way there."""
        status = story.at if story else _S.MASTERED
        mastered_at = left_at if status is _S.MASTERED else None
        has_answered = status in ANSWERED and person.has_signed_in
        last_at = mastered_at or starts_at + timedelta(hours=self.random.randint(1, 24))
        return NewEnrolment(
            id=self.ids(enrolled_at),
            external_ref=f"{whole.external_ref}-{series.external_ref}",
            learner_id=whole.learner_id,
            series_id=series.id,
            status=status,
            has_signed_in=person.has_signed_in,
            enrolled_at=enrolled_at,
            starts_at=starts_at,
            ends_at=ends_at,
            tracking_code=whole.tracking_code,
            answers=invented_answers(status, series.goal, last_at, self.random) if has_answered else NO_ANSWERS,
            pathway_enrolment_id=whole.id,
            mastered_at=mastered_at,
            withdrawn_at=whole.withdrawn_at if status is _S.WITHDRAWN else None,
            withdrawal_reason=whole.withdrawal_reason if status is _S.WITHDRAWN else None,
            withdrawal_note=whole.withdrawal_note if status is _S.WITHDRAWN else None,
            version=2 if status in TIMED_OUT or status is _S.WITHDRAWN else 1,
        )
