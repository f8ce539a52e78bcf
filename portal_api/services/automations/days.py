"""Learncycles that wait for a day of a record: each day is answered for once, and a day that was missed is made up."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_api.domain.automations.rules import Learncycle, Standing
from portal_api.domain.automations.triggers import DATES, SUBJECTS
from portal_api.domain.calendar import DAY, day_after, day_of, start_of
from portal_api.domain.history import SubjectKind
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.automations import days as day_queries
from portal_api.queries.automations import rules as rule_queries
from portal_api.queries.automations import runs as run_queries
from portal_api.queries.automations.days import Found, Window
from portal_api.services.automations.reacting import Following, OnDay
from portal_api.work import Work

Due = tuple[Learncycle, SubjectKind, UUID, Standing, OnDay]


async def settle_due(work: Work, most: int) -> int:
    """Has learncycles fire whose day has come, from the instant on at which each was switched on.

    Returns:
        For how many records, `most` for each learncycle at the most.
    """
    rules = await rule_queries.that_are_on(work.connection, work.organisation_id)
    if not any(rule.trigger.kind in DATES for rule in rules):
        return 0
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    due: list[Due] = []
    for rule in rules:
        window = _window(rule, work.now, zone)
        if window is not None:
            found = await day_queries.within(
                work.connection, work.organisation_id, rule, window, now=work.now, most=most, open_only=True
            )
            due.extend(await _unanswered(work, rule, found, zone))
    if due:
        await Following(work, rules).follow_days(due)
        work.written.clear()  # followed up already
    return len(due)


def _window(rule: Learncycle, now: datetime, zone: ZoneInfo) -> Window | None:
    """The days of records for which a rule has to have fired by now; the first instant of its day is what counts."""
    if rule.trigger.kind not in DATES or rule.switched_on_at is None:
        return None
    first = day_of(rule.switched_on_at, zone)
    if start_of(first, zone) < rule.switched_on_at:
        first += DAY
    return window_of(rule, first, day_of(now, zone), zone)


def window_of(rule: Learncycle, first: date, last: date, zone: ZoneInfo) -> Window | None:
    """The days of records for which a rule fires from a first to a last day."""
    if first > last:
        return None
    offset = (rule.trigger.offset_days or 0) * DAY
    first, last = first - offset, last - offset
    return Window(first, last, start_of(first, zone), day_after(last, zone))


def on_day(found: Found, zone: ZoneInfo) -> OnDay:
    """The day of a record."""
    day = day_of(found.day, zone) if isinstance(found.day, datetime) else found.day
    return OnDay(day, start_of(day, zone), day_after(day, zone))


async def _unanswered(work: Work, rule: Learncycle, found: Sequence[Found], zone: ZoneInfo) -> list[Due]:
    """Those whose day is not answered for; after a change of time zone an instant may lie on a day that is."""
    days = {each.id: on_day(each, zone) for each in found}
    answered = await run_queries.answered(work.connection, work.organisation_id, rule.id, list(days))
    kind = SUBJECTS[rule.trigger.kind]
    return [
        (rule, kind, each.id, each.standing, days[each.id])
        for each in found
        if (each.id, days[each.id].date) not in answered
    ]
