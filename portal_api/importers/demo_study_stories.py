"""The stories of learners in courses that the demonstration tells: every status and stage, and every step of the checklist."""

from collections.abc import Callable
from typing import NamedTuple

from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.importers.demo_courses import Offer, Programme, Reason, When
from portal_api.importers.demo_studies import Study

_S, _R = CourseEnrolmentStatus, Reason
FINISHED = ("20", "20", "51", "20")
FAILED = ("30", "30", "30", "30")
BEGUN = ("20", "70")
HALF = 30
"""The hours that somebody attended of a unit that they left."""


class Story(NamedTuple):
    """What befell a learner in an offer; `share` is how often, against the other stories."""

    offer: Offer
    tell: Callable[[Study], None]
    share: int = 2
    begins: CourseEnrolmentStatus = _S.CURRENT
    has_units: bool = True
    has_commitment: bool = True
    of_inactive: bool = False
    """Whether the learner is inactive since: then nothing is left to be done."""


def _waits(_study: Study) -> None:
    """Nothing has happened since."""


def _applied(study: Study) -> None:
    study.set_status(-12, _S.PENDING, _R.APPLIED)


def _declined(study: Study) -> None:
    study.set_status(-12, _S.DECLINED, _R.PLACE)


def _trains(study: Study) -> None:
    study.train(*BEGUN)


def _has_reported(study: Study) -> None:
    study.train(*BEGUN)
    study.report(-50)


def _finished(study: Study) -> None:
    study.train(*FINISHED)


def _faded(study: Study) -> None:
    study.train("20", "70", "70", "70")


def _defers(study: Study) -> None:
    study.train(*BEGUN)
    study.finalise(-40, _S.DEFERRED, _R.HEALTH, returns=30)


def _is_missed(study: Study) -> None:
    study.train(*BEGUN)
    study.finalise(-48, _S.DEFERRED, _R.WORK, returns=-9)


def _stays_away(study: Study) -> None:
    study.train(*BEGUN)
    study.finalise(-40, _S.DEFERRED, _R.HEALTH, returns=10)
    study.finalise(-20, _S.DEFERRED, on=-40, returns=45)


def _returned(study: Study) -> None:
    study.train(*BEGUN)
    study.finalise(-48, _S.DEFERRED, _R.HEALTH, returns=-20)
    study.set_status(-19, _S.CURRENT)


def _papers_are_open(study: Study) -> None:
    study.train(*FINISHED)
    study.finalise(-140, _S.COMPLETION_PENDING, _R.PAPERS)
    study.survey(-140)
    study.request_credential(-139)


def _set_to_pending(study: Study) -> None:
    study.train("20", "20", "70", "70")
    study.set_status(-140, _S.COMPLETION_PENDING)


def _completed(study: Study) -> None:
    study.train(*FINISHED)
    study.finalise(-140, _S.COMPLETION_PENDING, _R.PAPERS)
    study.survey(-140, answered=-130)
    study.request_credential(-139)
    study.issue_credential(-120)
    study.finalise(-119, _S.COMPLETED, _R.FINISHED)


def _completed_at_once(study: Study) -> None:
    study.train(*FINISHED)
    study.report(-142)
    study.finalise(-140, _S.COMPLETED, _R.FINISHED)
    study.survey(-139)


def _failed(study: Study) -> None:
    study.train(*FAILED)
    study.finalise(-140, _S.COMPLETED, _R.FINISHED)


def _set_to_completed(study: Study) -> None:
    study.train("20", "20", "20", "70")
    study.set_status(-140, _S.COMPLETED, _R.FINISHED)


def _revoked(study: Study) -> None:
    study.train(*FINISHED)
    study.issue_credential(-145)
    study.finalise(-140, _S.COMPLETED, _R.FINISHED)
    study.revoke_credential(-60)


def _replaced(study: Study) -> None:
    study.train(*FINISHED)
    study.issue_credential(-145)
    study.finalise(-140, _S.COMPLETED, _R.FINISHED)
    study.replace_credential(-90)


def _reopened(study: Study) -> None:
    study.train(*FINISHED)
    study.finalise(-140, _S.COMPLETED, _R.FINISHED)
    study.set_status(-100, _S.CURRENT, _R.MISTAKE, "The second unit has to be assessed again.")


def _withdrew(study: Study) -> None:
    study.train("20", "70")
    study.finalise(-40, _S.WITHDRAWN, _R.MOVED, hours=HALF)


def _withdrew_before_the_start(study: Study) -> None:
    study.finalise(-95, _S.WITHDRAWN, _R.WORK, on=-105)


def _set_to_withdrawn(study: Study) -> None:
    study.train("20", "40")
    study.set_status(-9, _S.WITHDRAWN, _R.MOVED)


def _cancelled(study: Study) -> None:
    study.set_status(-15, _S.PENDING, _R.APPLIED)
    study.finalise(-10, _S.CANCELLED_NO_PENALTY, _R.WORK)


def _cancelled_late(study: Study) -> None:
    study.train("70")
    study.finalise(-85, _S.CANCELLED_PENALTY, _R.WORK, hours=HALF)


def _attended_in_part(study: Study) -> None:
    study.train("20", "20")
    study.finalise(-160, _S.PARTIAL_ATTENDANCE, _R.HEALTH, hours=HALF)


def _to_renew(study: Study) -> None:
    study.train("20")
    study.issue_credential(-145)
    study.finalise(-144, _S.COMPLETED, _R.FINISHED)
    study.survey(-144, answered=-141)
    study.flag(-140, ReconnectPurpose.RENEWAL, 205)


def _for_another(study: Study) -> None:
    study.train("20", "20")
    study.finalise(-180, _S.WITHDRAWN, _R.WORK, hours=HALF)
    study.flag(-170, ReconnectPurpose.OTHER_QUALIFICATION, 14)


def _for_marketing(study: Study) -> None:
    study.train(*FAILED)
    study.finalise(-140, _S.COMPLETED, _R.FINISHED)
    study.flag(-100, ReconnectPurpose.MARKETING, -30)


def _moved_on(study: Study) -> None:
    study.train("70")
    study.transition(-60, Programme.SUPPORT, f"TN-{study.enrolment['external_ref']}")


def _moved_on_with_both(study: Study) -> None:
    study.train(*BEGUN)
    study.report(-50)
    study.transition(-45, Programme.SUPPORT, None)


_P, _W = Programme, When
TRAINS = Story(Offer(_P.SUPPORT, _W.RUNNING), _trains, share=14)
COMPLETED = Story(Offer(_P.COOKERY, _W.OVER), _completed, share=12)
DONE = Story(Offer(_P.COOKERY, _W.OVER), _completed, share=0, of_inactive=True)
FADED = Story(Offer(_P.COOKERY, _W.OVER), _faded, share=3)

STORIES = (
    TRAINS,
    COMPLETED,
    DONE,
    FADED,
    # Sales.
    Story(Offer(_P.SUPPORT, _W.AHEAD), _waits, share=4, begins=_S.ENQUIRY, has_commitment=False),
    Story(Offer(_P.COOKERY, _W.AHEAD), _applied, share=4, begins=_S.ENQUIRY),
    Story(Offer(_P.FIRST_AID, _W.AHEAD), _waits, begins=_S.PENDING),
    Story(Offer(_P.SUPPORT, _W.AHEAD), _waits, begins=_S.PENDING, has_units=False),
    Story(Offer(_P.COOKERY, _W.AHEAD), _declined, begins=_S.ENQUIRY),
    # Progression.
    Story(Offer(_P.COOKERY, _W.RUNNING), _trains, share=8),
    Story(Offer(_P.SUPPORT, _W.RUNNING), _waits, share=3, has_commitment=False),
    Story(Offer(_P.FIRST_AID, _W.RUNNING), _waits, share=4),
    Story(Offer(_P.COOKERY, _W.RUNNING), _defers),
    Story(Offer(_P.SUPPORT, _W.RUNNING), _is_missed),
    Story(Offer(_P.COOKERY, _W.RUNNING), _stays_away),
    Story(Offer(_P.SUPPORT, _W.RUNNING), _returned),
    # The superseded qualification, before and after.
    Story(Offer(_P.OLD_SUPPORT, _W.RUNNING), _waits),
    Story(Offer(_P.OLD_SUPPORT, _W.RUNNING), _has_reported),
    Story(Offer(_P.OLD_SUPPORT, _W.RUNNING), _moved_on),
    Story(Offer(_P.OLD_SUPPORT, _W.RUNNING), _moved_on_with_both),
    # Completion.
    Story(Offer(_P.SUPPORT, _W.OVER), _finished),
    Story(Offer(_P.COOKERY, _W.OVER), _reopened, share=1),
    Story(Offer(_P.COOKERY, _W.OVER), _papers_are_open),
    Story(Offer(_P.SUPPORT, _W.OVER), _set_to_pending, share=1),
    Story(Offer(_P.SUPPORT, _W.OVER), _completed_at_once, share=4),
    Story(Offer(_P.OLD_SUPPORT, _W.OVER), _completed, share=4),
    Story(Offer(_P.COOKERY, _W.OVER), _failed),
    Story(Offer(_P.SUPPORT, _W.OVER), _set_to_completed, share=1),
    Story(Offer(_P.SUPPORT, _W.OVER), _revoked, share=1),
    Story(Offer(_P.COOKERY, _W.OVER), _replaced, share=1),
    Story(Offer(_P.SUPPORT, _W.RUNNING), _withdrew, share=4),
    Story(Offer(_P.FIRST_AID, _W.RUNNING), _withdrew_before_the_start, share=1),
    Story(Offer(_P.COOKERY, _W.RUNNING), _set_to_withdrawn, share=1),
    Story(Offer(_P.COOKERY, _W.AHEAD), _cancelled, begins=_S.ENQUIRY),
    Story(Offer(_P.COOKERY, _W.RUNNING), _cancelled_late),
    Story(Offer(_P.COOKERY, _W.OVER), _attended_in_part),
    # Reconnect.
    Story(Offer(_P.FIRST_AID, _W.OVER), _to_renew, share=8),
    Story(Offer(_P.COOKERY, _W.OVER), _for_another),
    Story(Offer(_P.SUPPORT, _W.OVER), _for_marketing),
)
"""One after the other first; then by their shares."""
OF_THE_LEARNER = (TRAINS, COMPLETED)
"""What befell the one who is a user."""
OF_A_CANDIDATE = (FADED,)
"""All that befell one of the active learners: nothing of it is active any more."""
