"""What happens to versions of certifications: drafted, published, retired."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import (
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    CertificationAction,
    CertificationVersionAction,
    CertificationVersionStatus,
    VersionContent,
    content_reasons,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.planner.names import camel
from portal_api.queries import certifications as certification_queries
from portal_api.queries.certifications import Drafts, grouping
from portal_api.queries.history import Entry
from portal_api.services.bulk import Decided, changed_meanwhile
from portal_api.services.certifications.grouping import Grouping
from portal_api.work import Answer, Work

_KIND = SubjectKind.CERTIFICATION_VERSION


async def draft_version(work: Work, certification_id: UUID, given: VersionContent, *, expected: int | None) -> Answer:
    """Makes the next version of a certification, or gives its draft another content: there is one draft at a time.

    Args:
        work: the transaction.
        certification_id: the certification, which itself does not change.
        given: all that the version is to say.
        expected: the version that the draft is expected to be at, if the caller has read one.

    Returns:
        One result, whose record is the draft.
    """
    await work.lock(certification_queries.lock, [certification_id])
    rows = await certification_queries.facts(work.connection, work.bound, [certification_id])
    rule = CERTIFICATIONS[CertificationAction.DRAFT_VERSION]
    decided = Decided(rule, work.role, [certification_id], rows, {})
    if not decided.granted:
        return Answer(decided.results((), made={}))
    found = await certification_queries.drafts_of(work.connection, work.organisation_id, certification_id)
    known = found.draft.version if found.draft else None
    stale = [changed_meanwhile(known)] if expected is not None and expected != known else []
    decided.refuse({certification_id: [*content_reasons(given), *stale]})
    if not decided.granted:
        return Answer(decided.results((), made={}))
    if found.draft is None:
        return await _draft_anew(work, decided, certification_id, found.last_number + 1, given)
    changed = _changed_fields(found, given)
    made = {certification_id: found.draft.id}
    if not changed:
        return Answer(decided.results((), [certification_id], made=made))
    versions = await certification_queries.change_draft(work.connection, work.organisation_id, found.draft, given)
    if "steps" in changed:
        await certification_queries.replace_steps(
            work.connection, work.organisation_id, found.draft.id, given.steps, at=work.now, new_id=work.new_id
        )
    status = CertificationVersionStatus.DRAFT.name
    entries = [
        work.entry(
            HistoryAction.CERTIFICATION_VERSION_UPDATED,
            (_KIND, id_),
            None,
            version=version,
            statuses=(status, status),
            changed=changed,
        )
        for id_, version in versions.items()
    ]
    await work.record(entries)
    return Answer(decided.results([certification_id] if versions else (), made=made))


async def _draft_anew(
    work: Work, decided: Decided[Any], certification_id: UUID, number: int, given: VersionContent
) -> Answer:
    id_ = work.new_id(work.now)
    await certification_queries.create_draft(
        work.connection, work.organisation_id, id_, certification_id, number, given, at=work.now, new_id=work.new_id
    )
    drafted = work.entry(
        HistoryAction.CERTIFICATION_VERSION_DRAFTED,
        (_KIND, id_),
        None,
        version=1,
        statuses=(None, CertificationVersionStatus.DRAFT.name),
    )
    await work.record([drafted])
    return Answer(decided.results([certification_id], made={certification_id: id_}))


def _changed_fields(found: Drafts, given: VersionContent) -> list[str]:
    names = (each.name for each in fields(given))
    return [camel(name) for name in names if getattr(found.content, name) != getattr(given, name)]


async def publish_version(work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """Publishes a draft: from then on it never changes, and new cycles begin under it.

    With the first one published, whatever groups assign the certification to is assigned.
    """
    certification_ids = await grouping.certifications_of(work.connection, work.organisation_id, [id_])
    by_groups = await Grouping.of_certifications(work, list(certification_ids))
    act = HistoryAction.CERTIFICATION_VERSION_PUBLISHED

    async def follow(entry: Entry) -> None:
        await by_groups.settle(work, dict.fromkeys(certification_ids, entry.id))

    return await _move(work, CertificationVersionAction.PUBLISH, act, id_, expected, "published_at", follow)


async def retire_version(work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """Retires a version: no new cycle begins under it, those that run go on."""
    act = HistoryAction.CERTIFICATION_VERSION_RETIRED
    return await _move(work, CertificationVersionAction.RETIRE, act, id_, expected, "retired_at")


async def _move(
    work: Work,
    action: CertificationVersionAction,
    act: HistoryAction,
    id_: UUID,
    expected: Mapping[UUID, int],
    at: str,
    follow: Callable[[Entry], Awaitable[None]] | None = None,
) -> Answer:
    """Moves a version on; the instant goes into the column `at`. What follows from it is told the history's entry."""
    await work.lock(certification_queries.lock_of_versions, [id_])
    rows = await certification_queries.version_facts(work.connection, work.bound, [id_])
    rule = CERTIFICATION_VERSIONS[action]
    decided = Decided(rule, work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    versions = await certification_queries.move_versions(
        work.connection, work.organisation_id, [id_], action, **{at: work.now}
    )
    before = row.facts.status
    entries = [
        work.entry(act, (_KIND, id_), None, version=version, statuses=(before.name, rule.after(before).name))
        for version in versions.values()
    ]
    await work.record(entries)
    if follow:
        for entry in entries:
            await follow(entry)
    return Answer(decided.results(versions))
