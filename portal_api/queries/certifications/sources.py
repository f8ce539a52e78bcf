"""What brought learners' certifications about: who sees it, what each field reads, and whether it can be removed."""

from dataclasses import replace

from sqlalchemy import ColumnElement, and_

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    AssignmentSourceKind,
    LearnerCertificationAction,
)
from portal_api.domain.refusals import Reason
from portal_api.domain.roles import Role
from portal_api.models import assignment_sources
from portal_api.planner.declare import Column, Derived, Key, Source, ToOne
from portal_api.queries import scope
from portal_api.queries.certifications.facts import facts_beside, facts_of

_own = assignment_sources.c
IS_BY_HAND: ColumnElement[bool] = and_(_own.kind == AssignmentSourceKind.MANUAL, _own.ended_at.is_(None))
_FACTS = facts_beside(assignment_sources)


def _reasons(role: str, is_by_hand: bool, gathered: str) -> list[Reason]:
    """Why this source cannot be removed: asked as of the record, with no other source to be removed in its place."""
    facts = replace(facts_of(gathered), has_manual_source=is_by_hand)
    return list(LEARNER_CERTIFICATIONS[LearnerCertificationAction.REMOVE_ASSIGNMENT].reasons(Role(role), facts))


def _is_removable(role: str, is_by_hand: bool, gathered: str) -> bool:
    return not _reasons(role, is_by_hand, gathered)


ASSIGNMENT_SOURCE = Source(
    type="AssignmentSource",
    prefix="asg",
    table=assignment_sources,
    scope=scope.ASSIGNMENT_SOURCES,
    fields={
        "id": Key(),
        "kind": Column(_own.kind),
        "group": ToOne("Group", _own.group_id),
        "createdAt": Column(_own.created_at),
        "createdBy": ToOne("User", _own.created_by),
        "endedAt": Column(_own.ended_at),
        "removable": Derived((IS_BY_HAND, _FACTS), _is_removable),
        "reasons": Derived((IS_BY_HAND, _FACTS), _reasons),
    },
)
