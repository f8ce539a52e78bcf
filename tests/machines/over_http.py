"""The operations of a world over HTTP: an Owner who administers, a content player that records, and the clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from portal_api.database import Database
from portal_api.domain.pathways import PathwayKind
from portal_api.domain.series import SeriesDuration, SeriesType
from portal_api.models import history_entries, ticker_leases
from portal_api.ticker import tick
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.factories import DAY, Organisation, Record
from tests.machines.model import World
from tests.machines.operations import Operation
from tests.machines.records import ENROLMENT, LEARNER, PATHWAY_ENROLMENT, Activity, Entry, Result

MUTATIONS = {
    "enrol": "enrolInSeries",
    "withdraw": "withdrawSeriesEnrolments",
    "extend": "extendSeriesEnrolments",
    "sign_in": "recordSignIns",
    "answer": "recordSeriesActivity",
    "deactivate": "deactivateLearners",
    "reactivate": "reactivateLearners",
    "set_access": "setLearnerAppAccess",
    "enrol_in_pathway": "enrolInPathway",
    "withdraw_pathway": "withdrawPathwayEnrolments",
}
"""The mutation of each operation; the clock's own have none."""
RECORDED = {"recordSignIns", "recordSeriesActivity"}
EVERYTHING = """{
  learners(first: 1000) { nodes { id status hasAppAccess } }
  seriesEnrolments(first: 1000) { nodes {
    id status startsAt endsAt questionsAnswered questionsCorrect withdrawalReason
    learner { id } series { id } pathwayEnrolment { id }
  } }
  pathwayEnrolments(first: 1000) { nodes {
    id status position endsAt withdrawalReason learner { id } pathway { id }
  } }
}"""


@dataclass
class PortalOverHttp:
    """The organisation of a world in the portal, and what its records are called there."""

    database: Database
    organisation: Organisation
    clock: ManualClock
    owner: Client
    player: Client
    world: World
    keys: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """By the kind of record: the key in the world of each identifier."""

    async def lay_out(self) -> None:
        """Writes the world as it is before anything has happened."""
        made, long_ago = self.organisation, self.clock() - 40 * DAY
        people = [
            made.learner(
                has_app_access=each.has_app_access, first_signed_in_at=long_ago if each.has_signed_in else None
            )
            for each in self.world.learners
        ]
        library = [
            made.series(
                is_active=each.is_active,
                type=SeriesType.PREVIEW if each.is_preview else SeriesType.STANDARD,
                duration=SeriesDuration[each.duration],
                duration_days=each.days,
                ends_on=each.ends_on,
                question_count=each.questions,
                mastery_percent=each.percent,
            )
            for each in self.world.series
        ]
        pathways = [
            made.pathway(*(library[step] for step in each.steps), kind=PathwayKind[each.kind], is_active=each.is_active)
            for each in self.world.pathways
        ]
        self.keys = {LEARNER: _numbered(people), "SERIES": _numbered(library), "PATHWAY": _numbered(pathways)}
        self.keys |= {ENROLMENT: {}, PATHWAY_ENROLMENT: {}}
        await made.save()
        # The clock of a new world may stand before that of the last one, and a lease holds by the clock.
        async with self.database.engine.begin() as connection:
            await connection.execute(delete(ticker_leases))

    def _ids(self, kind: str, keys: Iterable[int]) -> list[str]:
        names = {key: id_ for id_, key in self.keys[kind].items()}
        return [names[key] for key in keys]

    def _id(self, kind: str, key: int) -> str:
        return self._ids(kind, [key])[0]

    async def do(self, operation: Operation, expected: Mapping[int, Result]) -> dict[int, Result]:
        """Does an operation; what it makes gets the key that the world expects."""
        if operation.name == "pass_to":
            self.clock.now = operation.given["instant"]
            return {}
        if operation.name == "tick":
            assert await tick(self.database, self.clock, self.organisation.new_id) is not None
            return {}
        row_kind, given, made_kind = getattr(self, f"_{operation.name}")(**operation.given)
        results: dict[int, Result] = {}
        for row in await self._call(MUTATIONS[operation.name], given):
            key = self.keys[row_kind][row["id"]]
            made = expected[key].made
            if made_kind is not None and row["outcome"] == "CHANGED" and made is not None:
                self.keys[made_kind][row["node"]["id"]] = made
            codes = tuple(error["code"] for error in row["errors"])
            results[key] = Result(row["outcome"], codes, made if row["outcome"] == "CHANGED" else None)
        return results

    async def _call(self, mutation: str, given: Json) -> list[Json]:
        document = f"""
            mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{
              errors {{ code message }} results {{ id outcome errors {{ code }} node {{ id status }} }}
            }} }}
        """
        client = self.player if mutation in RECORDED else self.owner
        payload = (await client.query(document, {"input": given}))[mutation]
        assert payload["errors"] == []
        return payload["results"]

    def _enrol(self, learners: list[int], series: int, starts_at: datetime | None) -> tuple[str, Json, str | None]:
        given: Json = {"seriesId": self._id("SERIES", series), "learnerIds": self._ids(LEARNER, learners)}
        if starts_at is not None:
            given["startsAt"] = starts_at.isoformat()
        return LEARNER, given, ENROLMENT

    def _withdraw(self, enrolments: list[int], reason: str) -> tuple[str, Json, str | None]:
        return ENROLMENT, {"ids": self._ids(ENROLMENT, enrolments), "reason": reason}, None

    def _extend(self, enrolment: int, ends_at: datetime) -> tuple[str, Json, str | None]:
        return ENROLMENT, {"ids": self._ids(ENROLMENT, [enrolment]), "endsAt": ends_at.isoformat()}, None

    def _sign_in(self, learners: list[int]) -> tuple[str, Json, str | None]:
        return LEARNER, {"ids": self._ids(LEARNER, learners)}, None

    def _answer(self, activities: Mapping[int, Activity]) -> tuple[str, Json, str | None]:
        given = [
            {
                "enrolmentId": self._id(ENROLMENT, key),
                "questionsAnswered": activity.answered,
                "questionsCorrect": activity.correct,
            }
            for key, activity in activities.items()
        ]
        return ENROLMENT, {"activities": given}, None

    def _deactivate(self, learners: list[int], *, withdraw_all: bool) -> tuple[str, Json, str | None]:
        given = {"ids": self._ids(LEARNER, learners), "reason": "NO_ACTIVITY", "withdrawAll": withdraw_all}
        return LEARNER, given, None

    def _reactivate(self, learners: list[int]) -> tuple[str, Json, str | None]:
        return LEARNER, {"ids": self._ids(LEARNER, learners)}, None

    def _set_access(self, learners: list[int], *, has_app_access: bool) -> tuple[str, Json, str | None]:
        return LEARNER, {"ids": self._ids(LEARNER, learners), "hasAppAccess": has_app_access}, None

    def _enrol_in_pathway(self, learners: list[int], pathway: int) -> tuple[str, Json, str | None]:
        given = {"pathwayId": self._id("PATHWAY", pathway), "learnerIds": self._ids(LEARNER, learners)}
        return LEARNER, given, PATHWAY_ENROLMENT

    def _withdraw_pathway(self, enrolments: list[int], reason: str) -> tuple[str, Json, str | None]:
        return PATHWAY_ENROLMENT, {"ids": self._ids(PATHWAY_ENROLMENT, enrolments), "reason": reason}, None

    async def records(self) -> list[tuple[Any, ...]]:
        """All records as an Owner reads them now, in the words of the world."""
        data = await self.owner.query(EVERYTHING)
        people = [node for node in data["learners"]["nodes"] if node["id"] in self.keys[LEARNER]]
        found: list[tuple[Any, ...]] = [
            *((LEARNER, self.keys[LEARNER][node["id"]], node["status"], node["hasAppAccess"]) for node in people),
            *(self._pathway_enrolment(node) for node in data["pathwayEnrolments"]["nodes"]),
            *(self._enrolment(node) for node in data["seriesEnrolments"]["nodes"]),
        ]
        return sorted(found, key=lambda row: row[:2])

    def _pathway_enrolment(self, node: Json) -> tuple[Any, ...]:
        return (
            PATHWAY_ENROLMENT,
            self.keys[PATHWAY_ENROLMENT][node["id"]],
            node["status"],
            self.keys[LEARNER][node["learner"]["id"]],
            self.keys["PATHWAY"][node["pathway"]["id"]],
            node["position"],
            datetime.fromisoformat(node["endsAt"]),
            node["withdrawalReason"],
        )

    def _enrolment(self, node: Json) -> tuple[Any, ...]:
        learner, series = self.keys[LEARNER][node["learner"]["id"]], self.keys["SERIES"][node["series"]["id"]]
        owner = node["pathwayEnrolment"] and self.keys[PATHWAY_ENROLMENT][node["pathwayEnrolment"]["id"]]
        return (
            ENROLMENT,
            self._key_of(node["id"], learner, series, owner),
            node["status"],
            learner,
            series,
            owner,
            datetime.fromisoformat(node["startsAt"]),
            datetime.fromisoformat(node["endsAt"]),
            (node["questionsAnswered"], node["questionsCorrect"]),
            node["withdrawalReason"],
        )

    def _key_of(self, id_: str, learner: int, series: int, owner: int | None) -> int:
        """The key of an enrolment; one that a pathway has opened is recognised when it is first seen."""
        known = self.keys[ENROLMENT]
        if id_ not in known:
            [known[id_]] = [
                each.key
                for each in self.world.enrolments
                if each.key not in known.values()
                and (each.learner, each.series, each.pathway) == (learner, series, owner)
            ]
        return known[id_]

    async def history(self) -> list[Entry]:
        """The history as it is stored, each record's in its order."""
        stored = await self.organisation.stored(history_entries)
        kinds = {entry["id"]: entry["subject_kind"].name for entry in stored}
        names = {kind: {_hex(id_): key for id_, key in keys.items()} for kind, keys in self.keys.items()}
        for entry in stored:
            by_clock = entry["action"].name.removeprefix(entry["subject_kind"].name) in ("_STARTED", "_ENDED")
            assert (entry["actor_kind"].name == "CLOCK") is by_clock, f"{entry['action']} by {entry['actor_kind']}"
        return [
            Entry(
                (entry["subject_kind"].name, names[entry["subject_kind"].name][entry["subject_id"].hex]),
                entry["action"].name,
                entry["from_status"],
                entry["to_status"],
                entry["cause_id"] and kinds[entry["cause_id"]],
                entry["occurred_at"],
            )
            for entry in sorted(stored, key=lambda each: (each["version"], each["occurred_at"]))
        ]


def as_read(world: World) -> list[tuple[Any, ...]]:
    """All records of a world, as an Owner has to read them."""
    return sorted(
        [
            *((LEARNER, each.key, each.status, each.has_app_access) for each in world.learners),
            *(
                (
                    PATHWAY_ENROLMENT,
                    each.key,
                    each.status,
                    each.learner,
                    each.pathway,
                    each.position,
                    each.ends_at,
                    each.reason,
                )
                for each in world.pathway_enrolments
            ),
            *(
                (
                    ENROLMENT,
                    each.key,
                    each.status,
                    each.learner,
                    each.series,
                    each.pathway,
                    each.starts_at,
                    each.ends_at,
                    (each.answered, each.correct),
                    each.reason,
                )
                for each in world.enrolments
            ),
        ],
        key=lambda row: row[:2],
    )


def _numbered(made: Iterable[Record]) -> dict[str, int]:
    return {record.gid: key for key, record in enumerate(made)}


def _hex(id_: str) -> str:
    return id_.partition("_")[2]
