"""The certifications of the demonstration: every way to join, fees, limits, approvals, and versions at every status."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from portal_api.domain.certifications import (
    CertificationJoining,
    CertificationVersionStatus,
    FeeDue,
    StepContent,
    StepPath,
    VersionContent,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.demo_series import MADE_ON
from portal_api.importers.writing_certifications import NewCertification, NewStep, NewVersion
from portal_api.queries.history import Entry

_J = CertificationJoining
_V = CertificationVersionStatus
_P = StepPath

LEARNERS_A_SET = 5_000
"""For so many learners there is one certification of each shape."""
RETIRED_ON = -10
"""The day on which the certifications went out of use that have."""
CURRENCY = "AUD"
YEARLY = 12
STEPS = (
    ("Before you begin", (_P.ONLINE, _P.CLASSROOM)),
    ("At work", (_P.CLASSROOM, _P.EVIDENCE)),
    ("What you know", (_P.ONLINE, _P.TEST_OUT)),
)
"""The training steps of a version; one that has a successor had only the first two."""


class Kind(IntEnum):
    """The certifications of a set, by their places in it."""

    HEIGHTS = 0
    FOOD = 1
    FIRST_AID = 2
    INFECTION = 3
    FORKLIFT = 4
    MEDICATION = 5
    FIRE = 6
    HANDLING = 7
    MENTAL_HEALTH = 8
    CHAINSAWS = 9


@dataclass(frozen=True, slots=True)
class Shape:
    """What the certifications of a kind are like: the terms of their versions, and when those came and went."""

    title: str
    joining: CertificationJoining
    attempts: int | None = None
    fees: tuple[int | None, int | None] = (None, None)
    """Initial, and for recertification."""
    due: FeeDue = FeeDue.BEFORE_START
    signs_off_evidence: bool = False
    signs_off_exam: bool = False
    exam_first: bool = False
    months: int | None = YEARLY
    grace: int = 0
    window: int = 30
    published_on: tuple[int, ...] = (MADE_ON + 5,)
    """The days on which the versions were published, each until the next."""
    last_retired_on: int | None = None
    """The day on which the last of these was retired without a successor."""
    has_draft: bool = False
    is_retired: bool = False


SHAPES: Mapping[Kind, Shape] = {
    Kind.HEIGHTS: Shape(
        "Working at Heights Licence",
        _J.OPEN,
        attempts=3,
        fees=(12_000, 6_000),
        signs_off_evidence=True,
        grace=30,
        window=60,
        published_on=(MADE_ON + 5, -600),
        has_draft=True,
    ),
    Kind.FOOD: Shape("Food Safety Supervisor", _J.ON_REQUEST, signs_off_exam=True),
    Kind.FIRST_AID: Shape(
        "First Aid Officer",
        _J.ASSIGNED_ONLY,
        attempts=2,
        fees=(8_500, None),
        due=FeeDue.BEFORE_EXAM,
        signs_off_evidence=True,
        signs_off_exam=True,
        grace=30,
    ),
    Kind.INFECTION: Shape("Infection Control Champion", _J.OPEN, exam_first=True, months=None, window=0),
    Kind.FORKLIFT: Shape(
        "Forklift Operator",
        _J.ON_REQUEST,
        attempts=3,
        fees=(15_000, 9_000),
        due=FeeDue.BEFORE_EXAM,
        grace=30,
        window=60,
        published_on=(MADE_ON + 5, -400, -100),
    ),
    Kind.MEDICATION: Shape("Medication Competency", _J.ASSIGNED_ONLY, attempts=2, signs_off_evidence=True),
    Kind.FIRE: Shape("Fire Warden", _J.OPEN, grace=30, window=90),
    Kind.HANDLING: Shape("Manual Handling Trainer", _J.ASSIGNED_ONLY, grace=30, is_retired=True),
    Kind.MENTAL_HEALTH: Shape("Mental Health First Aid", _J.OPEN, fees=(None, 4_500), grace=30, window=90),
    Kind.CHAINSAWS: Shape(
        "Chainsaw Operator", _J.ON_REQUEST, attempts=3, grace=30, last_retired_on=RETIRED_ON, has_draft=True
    ),
}


def invented_certifications(
    count: int, assigned_by: Mapping[Kind, tuple[UUID, ...]], ids: IdMaker, days: Days
) -> list[dict[Kind, NewCertification]]:
    """Sets of certifications, one of each kind.

    Args:
        count: how many learners there are.
        assigned_by: the groups that assign those of the first set.
        ids: makes their keys.
        days: the days of the organisation.
    """
    return [
        {kind: _certification(kind, edition, () if edition else assigned_by.get(kind, ()), ids, days) for kind in Kind}
        for edition in range(max(1, count // LEARNERS_A_SET))
    ]


def _certification(kind: Kind, edition: int, group_ids: tuple[UUID, ...], ids: IdMaker, days: Days) -> NewCertification:
    shape = SHAPES[kind]
    made_at = days.at(MADE_ON + 3, kind + 8)
    return NewCertification(
        id=ids(made_at),
        external_ref=f"C-{edition * len(Kind) + kind + 1:03}",
        title=f"{shape.title} {edition + 1}" if edition else shape.title,
        joining=shape.joining,
        created_at=made_at,
        versions=tuple(_versions(shape, ids, days)),
        group_ids=group_ids,
        retired_at=days.at(RETIRED_ON, 10) if shape.is_retired else None,
    )


def _versions(shape: Shape, ids: IdMaker, days: Days) -> Iterator[NewVersion]:
    ends = (*shape.published_on[1:], shape.last_retired_on)
    for place, (published, end) in enumerate(zip(shape.published_on, ends, strict=True)):
        yield _version(shape, place, published - 1, published, end, ids, days)
    if shape.has_draft:
        yield _version(shape, len(shape.published_on), RETIRED_ON + 1, None, None, ids, days)


def _version(
    shape: Shape, place: int, drafted: int, published: int | None, end: int | None, ids: IdMaker, days: Days
) -> NewVersion:
    drafted_at = days.at(drafted, 10)
    is_outdated = place == 0 and len(shape.published_on) > 1
    steps = [StepContent(title, paths) for title, paths in (STEPS[:2] if is_outdated else STEPS)]
    content = _content(shape, place, tuple(steps))
    status = _V.DRAFT if published is None else _V.PUBLISHED if end is None else _V.RETIRED
    return NewVersion(
        id=ids(drafted_at),
        number=place + 1,
        status=status,
        content=content,
        steps=tuple(NewStep(ids(drafted_at), step) for step in steps),
        created_at=drafted_at,
        published_at=None if published is None else days.at(published, 9),
        # A version goes when its successor has come.
        retired_at=None if end is None else days.at(end, 10),
    )


def _content(shape: Shape, place: int, steps: tuple[StepContent, ...]) -> VersionContent:
    initial, again = shape.fees
    return VersionContent(
        exam_title=f"{shape.title}: final exam",
        attempt_limit=shape.attempts,
        allows_exam_before_training=shape.exam_first,
        exam_needs_approval=shape.signs_off_exam,
        evidence_needs_approval=shape.signs_off_evidence,
        initial_fee=initial and initial + 500 * place,
        recertification_fee=again and again + 500 * place,
        currency=CURRENCY if initial or again else None,
        fee_due=shape.due,
        validity_months=shape.months,
        grace_days=shape.grace,
        window_days=shape.window,
        steps=steps,
    )


def history_of(new: NewCertification, chronicle: Chronicle) -> Iterator[Entry]:
    """What the administrator did to a certification and its versions."""
    own = (SubjectKind.CERTIFICATION, new.id)
    in_use = (LibraryStatus.ACTIVE, LibraryStatus.ACTIVE)
    made = chronicle.by_admin(HistoryAction.CERTIFICATION_CREATED, own, None, in_use, new.created_at)
    yield made._replace(from_status=None, version=1)
    if new.retired_at:
        statuses = (LibraryStatus.ACTIVE, LibraryStatus.RETIRED)
        yield chronicle.by_admin(HistoryAction.CERTIFICATION_RETIRED, own, None, statuses, new.retired_at)
    for each in new.versions:
        yield from _history_of_version(each, chronicle)


def _history_of_version(new: NewVersion, chronicle: Chronicle) -> Iterator[Entry]:
    own = (SubjectKind.CERTIFICATION_VERSION, new.id)
    act = HistoryAction.CERTIFICATION_VERSION_DRAFTED
    yield chronicle.by_admin(act, own, None, (_V.DRAFT, _V.DRAFT), new.created_at)._replace(from_status=None, version=1)
    if new.published_at:
        act = HistoryAction.CERTIFICATION_VERSION_PUBLISHED
        yield chronicle.by_admin(act, own, None, (_V.DRAFT, _V.PUBLISHED), new.published_at)
    if new.retired_at:
        act = HistoryAction.CERTIFICATION_VERSION_RETIRED
        entry = chronicle.by_admin(act, own, None, (_V.PUBLISHED, _V.RETIRED), new.retired_at)
        yield entry._replace(version=3)
