"""What happens to an organisation: its settings change."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, invalid, text_reasons
from portal_api.domain.organisations import ORGANISATIONS, OrganisationAction, OrganisationStatus
from portal_api.domain.refusals import Reason
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import series as series_queries
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work

NO_PLACES = {"Factory", "localtime"}
"""Files beside the zones that are no zones of the IANA."""


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)


def settings_reasons(name: str | None, time_zone: str | None) -> Iterator[Reason]:
    """What is wrong with settings; those that are not given are never wrong."""
    yield from text_reasons(name, "name", longest=LONGEST_NAME, least=1)
    if time_zone is not None and time_zone not in _time_zones():
        yield invalid("`timeZone` is a name of the IANA's, such as Pacific/Auckland.", "timeZone")


async def update(
    work: Work,
    ids: Sequence[UUID],
    *,
    name: str | None,
    time_zone: str | None,
    has_reconnect_stage: bool | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Changes the settings that are given.

    A due date stays the day that it is, and so is over at another instant in another time zone; starts and ends are
    instants, and stay.
    """
    await work.lock(organisation_queries.lock, ids)
    rows = await organisation_queries.facts(work.connection, work.bound)
    decided = Decided(ORGANISATIONS[OrganisationAction.UPDATE], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    given = {
        "name": (row.name, name),
        "timeZone": (row.time_zone, time_zone),
        "hasReconnectStage": (row.has_reconnect_stage, has_reconnect_stage),
    }
    changed = [field for field, (before, after) in given.items() if after is not None and after != before]
    if not changed:
        return Answer(decided.results((), unchanged=decided.granted_ids))
    versions = await organisation_queries.update_settings(
        work.connection,
        row,
        name=name or row.name,
        time_zone=time_zone or row.time_zone,
        has_reconnect_stage=row.has_reconnect_stage if has_reconnect_stage is None else has_reconnect_stage,
    )
    if "timeZone" in changed and time_zone:
        await series_queries.reckon_overdue(work.connection, work.organisation_id, ZoneInfo(time_zone))
    await work.record(
        [
            work.entry(
                HistoryAction.ORGANISATION_UPDATED,
                (SubjectKind.ORGANISATION, id_),
                None,
                version=version,
                statuses=(OrganisationStatus.OPEN.name, OrganisationStatus.OPEN.name),
                changed=changed,
            )
            for id_, version in versions.items()
        ]
    )
    return Answer(decided.results(versions))
