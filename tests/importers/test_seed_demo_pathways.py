"""The pathways of the demonstration are laid out as the portal would have laid them out."""

from itertools import pairwise
from zoneinfo import ZoneInfo

from portal_api.database import Database
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.pathways import next_opening
from portal_api.importers.demo import DEMO, seed_demo
from portal_api.models import history_entries, pathway_enrolments, pathways
from portal_api.models import series_enrolments as enrolments
from tests.clock import START
from tests.importers.conftest import rows


async def test_a_pathway_leads_from_mastery_to_the_next_series(own_database: Database) -> None:
    await seed_demo(own_database, now=START, learners=400)
    kinds = {row["id"]: row["kind"] for row in await rows(own_database, pathways)}
    opened = [row for row in await rows(own_database, enrolments) if row["pathway_enrolment_id"]]

    for whole in await rows(own_database, pathway_enrolments):
        own = [row for row in opened if row["pathway_enrolment_id"] == whole["id"]]
        own.sort(key=lambda row: row["starts_at"])
        assert own[0]["enrolled_at"] == own[0]["starts_at"] == whole["enrolled_at"]
        assert own[-1]["ends_at"] == whole["ends_at"]
        assert {row["tracking_code"] for row in own} == {whole["tracking_code"]}
        for before, after in pairwise(own):
            assert before["mastered_at"] == after["enrolled_at"]
            opens_at = next_opening(kinds[whole["pathway_id"]], before["mastered_at"], ZoneInfo(DEMO.time_zone))
            assert after["starts_at"] == opens_at


async def test_the_withdrawal_of_a_pathway_is_the_cause_of_those_in_its_series(seeded: Database) -> None:
    told = await rows(seeded, history_entries)
    withdrawn = {row["id"]: row for row in told if row["action"] is HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN}
    of_pathways = {row["id"]: row["pathway_enrolment_id"] for row in await rows(seeded, enrolments)}

    caused = [row for row in told if row["cause_id"] and row["subject_kind"] is SubjectKind.SERIES_ENROLMENT]

    assert {row["cause_id"] for row in caused} == set(withdrawn)
    for row in caused:
        cause = withdrawn[row["cause_id"]]
        assert of_pathways[row["subject_id"]] == cause["subject_id"]
        assert (row["reason"], row["note"], row["occurred_at"]) == (
            cause["reason"],
            cause["note"],
            cause["occurred_at"],
        )
