"""The stories of learners in certifications that the demonstration tells: every status, and every footnote both ways."""

from dataclasses import dataclass
from typing import NamedTuple

from portal_api.domain.certifications import StepPath
from portal_api.importers import demo_acts as acts
from portal_api.importers.demo_biographies import Act
from portal_api.importers.demo_certifications import Kind

ONLINE, CLASSROOM, TEST_OUT = (
    acts.completed(path) for path in (StepPath.ONLINE, StepPath.CLASSROOM, StepPath.TEST_OUT)
)
NEVER = -3_650
"""A day before anything."""


class Phase(NamedTuple):
    """Acts a day or two apart, the last of them on a day between two, or on the last day of the learner."""

    acts: tuple[Act, ...]
    ends: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What befell a learner in a certification of a kind; `share` is how often, against the other stories."""

    kind: Kind
    phases: tuple[Phase, ...]
    share: int = 1
    settled: int = 0
    """The day until which what time did has been written down."""


BY_HAND = (acts.assigned, acts.enrolled)
ON_REQUEST = (acts.asked, acts.admitted)
QUALIFIED = (acts.paid, acts.started, acts.trained, acts.examined)
AGAIN = (acts.recertified, acts.paid, acts.trained, acts.examined)

IN_TIME, EARLIER = (-330, -60), (-250, -120)
"""Certified within the last year: perhaps of late, and not of late."""
BEFORE_WINDOW_ENDS = (-355, -345)
"""Certified so that the certificate expires in these weeks."""
IN_GRACE = (-390, -374)
"""Certified so that the certificate has expired, some weeks ago at the most."""
LONG_AGO = (-560, -420)
"""Certified so that the grace is over too."""
IN_USE = (-60, -14)
"""While those certifications were in use that are not any more."""


def _now(kind: Kind, *own: Act, share: int = 1) -> Story:
    """A story of these weeks."""
    return Story(kind, (Phase(own),), share)


def _once(
    kind: Kind, certified: tuple[int, int], *own: Act, after: tuple[Act, ...] = (), share: int = 1, settled: int = 0
) -> Story:
    """A story of somebody who was certified once, and of what came after in these weeks."""
    now = (Phase(after),) if after else ()
    return Story(kind, (Phase((*own, *QUALIFIED), certified), *now), share, settled)


CERTIFIED_BY_HAND = _once(Kind.MEDICATION, IN_TIME, *BY_HAND, share=14)
WAIVED = _now(Kind.HEIGHTS, acts.joined, acts.waived, acts.started, ONLINE, share=2)
ASSIGNED = _now(Kind.FIRST_AID, acts.assigned, share=8)
EVIDENCE_WAITS = _now(Kind.HEIGHTS, acts.joined, acts.paid, acts.started, ONLINE, acts.sent_evidence, share=3)
EXAM_WAITS = _now(Kind.FOOD, *ON_REQUEST, acts.started, acts.trained, acts.began_exam, acts.passed_exam, share=3)

STORIES = (
    ASSIGNED,
    CERTIFIED_BY_HAND,
    WAIVED,
    EVIDENCE_WAITS,
    EXAM_WAITS,
    # Not started.
    _now(Kind.HEIGHTS, acts.joined, share=3),
    _now(Kind.HEIGHTS, *BY_HAND, acts.paid, share=2),
    _now(Kind.HEIGHTS, *BY_HAND, acts.waived),
    _now(Kind.FIRST_AID, *BY_HAND, share=3),
    _now(Kind.MEDICATION, *BY_HAND, share=3),
    _now(Kind.FOOD, *ON_REQUEST, share=2),
    _now(Kind.MENTAL_HEALTH, *BY_HAND, acts.started, acts.revoked, acts.restored),
    # In progress.
    _now(Kind.FIRST_AID, *BY_HAND, acts.started, ONLINE, share=4),
    _now(Kind.FORKLIFT, *ON_REQUEST, acts.paid, acts.started, ONLINE, share=4),
    _now(Kind.INFECTION, acts.joined, acts.started, acts.failed_attempt, share=4),
    _now(Kind.FIRST_AID, *BY_HAND, acts.started, ONLINE, acts.failed_exam),
    _now(Kind.FORKLIFT, acts.assigned, acts.enrolled, acts.paid, acts.started, acts.trained, acts.began_exam, share=2),
    _now(
        Kind.MEDICATION,
        *BY_HAND,
        *(acts.started, acts.trained, acts.failed_attempt, acts.failed_attempt, acts.asked_for_attempts),
    ),
    _now(
        Kind.MEDICATION,
        *BY_HAND,
        *(acts.started, acts.trained, acts.failed_attempt, acts.failed_attempt, acts.asked_for_attempts),
        acts.granted_attempts,
    ),
    _now(
        Kind.MEDICATION,
        *BY_HAND,
        *(acts.started, acts.trained, acts.failed_attempt, acts.failed_attempt, acts.asked_for_attempts),
        acts.denied_attempts,
    ),
    _now(Kind.HEIGHTS, acts.joined, acts.paid, acts.started, acts.sent_evidence, acts.denied_evidence, share=2),
    _now(Kind.FIRE, acts.joined, acts.started, acts.failed_test_out, CLASSROOM, share=2),
    _now(Kind.FIRST_AID, *BY_HAND, acts.started, acts.sent_evidence, acts.overrode_training),
    _now(Kind.MENTAL_HEALTH, acts.joined, acts.started, ONLINE, acts.overrode_exam),
    _now(
        Kind.FOOD,
        *ON_REQUEST,
        *(acts.started, acts.trained, acts.began_exam, acts.passed_exam, acts.denied_exam),
    ),
    _now(Kind.FIRE, acts.joined, acts.started, TEST_OUT, share=2),
    # Certified.
    _once(Kind.HEIGHTS, IN_TIME, *BY_HAND, share=14),
    _once(Kind.INFECTION, IN_TIME, acts.joined, share=12),
    _once(Kind.FOOD, BEFORE_WINDOW_ENDS, *ON_REQUEST, share=4),
    _once(Kind.FIRST_AID, IN_TIME, *BY_HAND, share=12),
    Story(
        Kind.FIRST_AID,
        (Phase((*BY_HAND, acts.started, acts.sent_evidence, acts.overrode_exam, acts.overrode_training), IN_TIME),),
    ),
    Story(
        Kind.FIRE,
        (Phase((acts.joined, *QUALIFIED), (-700, -690)), Phase(AGAIN, (-352, -340))),
        share=6,
    ),
    Story(
        Kind.FORKLIFT,
        (
            Phase((acts.assigned, acts.enrolled, *QUALIFIED), (-708, -704)),
            Phase(AGAIN, (-384, -378)),
            Phase(AGAIN, (-50, -20)),
        ),
        share=4,
    ),
    _once(Kind.MENTAL_HEALTH, LONG_AGO, acts.joined, after=AGAIN, share=3),
    Story(Kind.HANDLING, (Phase((*BY_HAND, *QUALIFIED), EARLIER),), share=2),
    _once(Kind.CHAINSAWS, EARLIER, *ON_REQUEST, share=2),
    # Expired, lapsed, and what nobody has written down yet.
    _once(Kind.HEIGHTS, IN_GRACE, *BY_HAND, share=4),
    _once(Kind.FIRST_AID, IN_GRACE, *BY_HAND, settled=NEVER),
    _once(Kind.MEDICATION, LONG_AGO, *BY_HAND, share=4),
    _once(Kind.FORKLIFT, LONG_AGO, *ON_REQUEST, share=4),
    _once(Kind.FOOD, IN_GRACE, *ON_REQUEST, settled=NEVER),
    _once(Kind.FORKLIFT, (-420, -415), *ON_REQUEST, settled=-40),
    # Recertifying.
    _once(Kind.HEIGHTS, EARLIER, *BY_HAND, after=(acts.forced, ONLINE), share=2),
    _once(Kind.HEIGHTS, LONG_AGO, *BY_HAND, after=(acts.recertified, acts.paid, ONLINE), share=2),
    _once(Kind.MENTAL_HEALTH, LONG_AGO, acts.joined, after=(acts.recertified, acts.waived, CLASSROOM), share=2),
    _once(Kind.MEDICATION, LONG_AGO, *BY_HAND, after=(acts.recertified, ONLINE), share=2),
    _once(Kind.MENTAL_HEALTH, BEFORE_WINDOW_ENDS, acts.joined, after=(acts.recertified, ONLINE), share=2),
    _once(Kind.FIRE, BEFORE_WINDOW_ENDS, acts.joined, after=(acts.recertified, ONLINE, TEST_OUT), share=2),
    _once(Kind.MEDICATION, LONG_AGO, *BY_HAND, after=(acts.recertified, ONLINE, acts.sent_evidence), share=2),
    Story(
        Kind.FORKLIFT,
        (
            Phase((acts.assigned, acts.enrolled, *QUALIFIED), (-708, -704)),
            Phase(AGAIN, (-384, -378)),
            Phase((acts.recertified, ONLINE, acts.paid, acts.failed_exam)),
        ),
    ),
    Story(
        Kind.HEIGHTS,
        (
            Phase((acts.joined, *QUALIFIED), (-300, -150)),
            Phase((acts.barred,), (-110, -100)),
            Phase((acts.restored,)),
        ),
    ),
    # Revoked and disallowed.
    _now(Kind.FOOD, *ON_REQUEST, acts.started, ONLINE, acts.revoked, share=2),
    _now(Kind.FIRST_AID, *BY_HAND, acts.started, acts.sent_evidence, acts.revoked),
    _once(Kind.MENTAL_HEALTH, BEFORE_WINDOW_ENDS, acts.joined, after=(acts.recertified, ONLINE, acts.revoked)),
    _once(Kind.HEIGHTS, LONG_AGO, *BY_HAND, after=(acts.revoked,)),
    Story(Kind.HANDLING, (Phase((*BY_HAND, acts.started, ONLINE, acts.revoked), IN_USE),)),
    _once(Kind.HEIGHTS, EARLIER, acts.joined, after=(acts.barred,)),
    Story(Kind.HANDLING, (Phase((*BY_HAND, *QUALIFIED), (-200, -100)), Phase((acts.barred,)))),
    # In certifications in which nothing new begins.
    Story(Kind.HANDLING, (Phase((*BY_HAND, acts.started, ONLINE), IN_USE),)),
    Story(Kind.HANDLING, (Phase((acts.assigned,), IN_USE),)),
    Story(Kind.CHAINSAWS, (Phase((*ON_REQUEST, acts.started, ONLINE), IN_USE),)),
    # Archived.
    _now(Kind.MEDICATION, acts.assigned, acts.archived, share=2),
    _now(Kind.FIRST_AID, *BY_HAND, acts.archived),
    # No record at all.
    _now(Kind.FORKLIFT, acts.asked, share=2),
    _now(Kind.FORKLIFT, acts.asked, acts.turned_away),
)
"""One after the other while there are learners for each; then by their shares."""
OF_GROUPS = (
    (Phase(()),),
    (Phase((acts.enrolled, acts.started, ONLINE)),),
    (Phase((acts.enrolled, *QUALIFIED), IN_TIME),),
    (Phase((acts.assigned_too,)),),
    (Phase((acts.enrolled, *QUALIFIED), IN_GRACE),),
    (Phase((acts.assigned_too, acts.enrolled, acts.unassigned)),),
    (Phase((acts.enrolled,)),),
    (Phase((acts.enrolled, *QUALIFIED), LONG_AGO), Phase((acts.recertified, ONLINE))),
)
"""What befell those whom a group assigned, after it did."""
LEFT_GROUP = (Phase((acts.enrolled, acts.started, acts.left_group, *QUALIFIED[2:]), IN_TIME),)
"""What befell somebody whom a group assigned that is retired by now."""
NEVER_SIGNED_IN = (ASSIGNED, _now(Kind.MEDICATION, acts.assigned), _now(Kind.HEIGHTS, acts.assigned))
OF_THE_LEARNER = (CERTIFIED_BY_HAND, WAIVED, ASSIGNED)
"""What befell the one who is a user: certified, in progress with a waived fee, assigned."""
OF_THE_TEAM = (EVIDENCE_WAITS, EXAM_WAITS)
"""What befell two who report to the manager who is a user."""
