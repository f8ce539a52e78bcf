"""Organisations: their settings, what can be made in them, and what leads on from them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal_api.domain.organisations import ORGANISATIONS
from portal_api.domain.roles import Role
from portal_api.models import history_entries, series_enrolments
from tests.api.cases import call_codes, call_of, outcomes
from tests.client import Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

UPDATE = call_of("updateOrganisation")
READ = """
    {
      viewer {
        organisation {
          name timeZone version
          actions { action available reasons { code requiredRoles } }
          users { totalCount }
          groups { totalCount }
          history { nodes { action changedFields fromStatus toStatus subjectVersion subject { id } } }
        }
      }
    }
"""


async def _read(sign_in: SignIn, role: Role = Role.OWNER) -> Json:
    return (await sign_in(role).query(READ))["viewer"]["organisation"]


async def test_an_edit_changes_what_is_given_and_history_names_it(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    owner, id_ = sign_in(Role.OWNER), organisation.itself.gid

    both = await UPDATE.payload(owner, {"id": id_, "name": "Te Kura", "timeZone": "Europe/Paris"})
    clock.advance(timedelta(minutes=1))
    one = await UPDATE.payload(owner, {"id": id_, "timeZone": "Asia/Tokyo", "name": None})

    assert outcomes(both) == outcomes(one) == ["CHANGED"]
    read = await _read(sign_in)
    assert (read["name"], read["timeZone"], read["version"]) == ("Te Kura", "Asia/Tokyo", 3)
    entry = {"action": "ORGANISATION_UPDATED", "fromStatus": "OPEN", "toStatus": "OPEN", "subject": {"id": id_}}
    assert read["history"]["nodes"] == [
        {**entry, "changedFields": ["timeZone"], "subjectVersion": 3},
        {**entry, "changedFields": ["name", "timeZone"], "subjectVersion": 2},
    ]


@pytest.mark.parametrize("given", [{}, {"name": "Acme"}, {"timeZone": "Pacific/Auckland"}, {"name": None}])
async def test_an_edit_that_changes_nothing_writes_nothing(
    organisation: Organisation, sign_in: SignIn, given: Json
) -> None:
    payload = await UPDATE.payload(sign_in(Role.OWNER), {"id": organisation.itself.gid, **given})

    assert outcomes(payload) == ["UNCHANGED"]
    assert payload["results"][0]["node"]["version"] == 1
    assert await organisation.stored(history_entries) == []


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"timeZone": "../etc/passwd"}, "timeZone"),
        ({"timeZone": ""}, "timeZone"),
        ({"timeZone": "localtime"}, "timeZone"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
    ],
)
async def test_settings_that_cannot_be_meant_are_refused(
    organisation: Organisation, sign_in: SignIn, given: Json, path: str
) -> None:
    payload = await UPDATE.payload(sign_in(Role.OWNER), {"id": organisation.itself.gid, **given})

    assert call_codes(payload) == ["INPUT_INVALID"]
    assert payload["errors"][0]["path"] == ["input", path]
    assert await organisation.stored(history_entries) == []


@pytest.mark.parametrize("role", list(Role))
async def test_its_actions_are_those_that_the_table_opens_to_the_role(sign_in: SignIn, role: Role) -> None:
    shown = (await _read(sign_in, role))["actions"]

    assert [each["action"] for each in shown] == [rule.action.name for rule in ORGANISATIONS.rules]
    assert {each["action"] for each in shown if each["available"]} == {
        rule.action.name for rule in ORGANISATIONS.rules if role in rule.roles
    }
    for each in shown:
        assert each["available"] or each["reasons"][0]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("role", list(Role))
async def test_who_is_no_administrator_finds_themselves_alone_and_no_group_and_no_entry(
    organisation: Organisation, sign_in: SignIn, role: Role
) -> None:
    organisation.group()
    await UPDATE.payload(sign_in(Role.OWNER), {"id": organisation.itself.gid, "name": "Te Kura"})

    read = await _read(sign_in, role)

    is_administrator = role in (Role.OWNER, Role.ADMIN)
    assert read["users"]["totalCount"] == (len(Role) if is_administrator else 1)
    assert read["groups"]["totalCount"] == len(read["history"]["nodes"]) == (1 if is_administrator else 0)


async def test_a_due_day_stays_the_day_that_it_is_in_another_time_zone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    due = {"due_on": date(2026, 4, 9), "overdue_at": datetime(2026, 4, 9, 12, tzinfo=UTC)}
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(), **due)

    payload = await call_of("updateOrganisation").payload(
        sign_in(Role.OWNER), {"id": organisation.itself.gid, "timeZone": "America/Lima"}
    )

    [row] = [row for row in await organisation.stored(series_enrolments) if row["id"] == enrolment.id]
    assert payload["counts"]["changed"] == 1
    assert row["due_on"] == date(2026, 4, 9)
    assert row["overdue_at"] == datetime(2026, 4, 10, 5, tzinfo=UTC)
    assert row["version"] == 1
