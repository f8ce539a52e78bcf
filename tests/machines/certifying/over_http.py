"""The operations of a world of certifications over HTTP, each by whoever does it."""

from collections.abc import Mapping, Sequence

from portal_api.domain.certifications import CertificationJoining
from portal_api.domain.roles import Role
from tests.client import Client, Json, codes
from tests.factories import Record
from tests.machines.certifying.model import Completion
from tests.machines.certifying.reads import CERTIFICATION, LEARNER, SOURCE, VERSION, AsRead
from tests.machines.certifying.records import (
    ADMIN,
    APPROVAL,
    CERTIFICATE,
    INTEGRATION,
    RECORD,
    Result,
    Terms,
)
from tests.machines.operations import Operation
from tests.ticking import ticked

ATTRIBUTES = ("team", "club")
"""What the groups test for, one after the other."""
MUTATIONS = {
    "assign": "assignCertification",
    "remove": "removeAssignments",
    "enrol": "enrolInCertification",
    "request_access": "requestAccess",
    "start": "startCertification",
    "submit_evidence": "submitEvidence",
    "start_exam": "startExam",
    "start_recertification": "startRecertification",
    "request_more_attempts": "requestMoreAttempts",
    "record_steps": "recordStepCompletions",
    "record_exams": "recordExamResults",
    "record_payments": "recordPayments",
    "decide": "decideApprovals",
    "retire_version": "retireCertificationVersion",
    "retire": "retireCertifications",
    "reinstate": "reinstateCertifications",
    "deactivate": "deactivateLearners",
    "reactivate": "reactivateLearners",
    "set_access": "setLearnerAppAccess",
    "set_groups": "updateLearner",
}


class PortalOverHttp(AsRead):
    """Whoever does something, and how the portal is asked for it."""

    async def lay_out(self) -> None:
        """Writes the world as it is before anything has happened; its versions are published over HTTP."""
        made, people = self.organisation, list[Record]()
        by_role = {"LEARNER": Role.LEARNER, "ADMIN": Role.ADMIN, "MANAGER": Role.MANAGER}
        for each in self.world.learners:
            people.append(made.learner())
            self.users[each.key] = self._client(made.user(by_role[each.role], people[-1]))
        for each in self.world.learners:
            if each.manager is not None:
                made.reports_to(people[each.key], people[each.manager])
        made.user(Role.OWNER)
        self.users[ADMIN] = self._client(made.user(Role.ADMIN))
        self.users[INTEGRATION] = self._client(made.user(Role.INTEGRATION))
        groups = [made.group(team="yes"), made.group(club="yes")]
        library = [
            made.certification(is_published=False, joining=CertificationJoining[each.joining])
            for each in self.world.certifications
        ]
        for each in self.world.certifications:
            for group in each.groups:
                made.assigns(groups[group], library[each.key])
        self.keys = {LEARNER: _numbered(people), CERTIFICATION: _numbered(library), "GROUP": _numbered(groups)}
        self.keys |= {VERSION: {}, RECORD: {}, SOURCE: {}, APPROVAL: {}, CERTIFICATE: {}}
        for version in self.world.versions:
            assert await self._publish(version.key, version.certification, version.terms) == [Result("CHANGED")]

    def _client(self, user: Record) -> Client:
        return Client(self.http, self.tokens, self.clock, self.organisation, user)

    def _ids(self, kind: str, keys: Sequence[int]) -> list[str]:
        names = {key: id_ for id_, key in self.keys[kind].items()}
        return [names[key] for key in keys]

    def _id(self, kind: str, key: int) -> str:
        return self._ids(kind, [key])[0]

    async def do(self, operation: Operation, expected: Sequence[Result]) -> list[Result]:
        """Does an operation that the world has done already; gives what it answers."""
        name, given = operation.name, dict(operation.given)
        if name == "pass_to":
            self.clock.now = given["instant"]
            return []
        if name == "tick":
            await ticked(self.organisation, self.clock, self.new_id)
            return []
        if name == "publish":
            return await self._publish(len(self.world.versions) - 1, given["certification"], given["terms"])
        if name in ("deactivate", "reactivate", "set_access"):
            self.told_apart_at[given["learner"]] = self.clock()
        actor = given.pop("actor", ADMIN)
        mutation = _mutation_of(given["action"]) if name == "act" else MUTATIONS[name]
        sent = getattr(self, f"_{name}")(**given)
        if actor >= 0 and self.world.role_of(actor) == "LEARNER" and not self.world.learners[actor].has_app_access:
            answer = await self._execute(actor, mutation, sent)
            assert codes(answer) == ["APP_ACCESS_OFF"]
            assert {each.outcome for each in expected} == {"REFUSED"}
            return list(expected)
        return await self._call(actor, mutation, sent)

    async def _execute(self, actor: int, mutation: str, given: Json) -> Json:
        document = f"""
            mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{
              errors {{ code message }} results {{ index outcome errors {{ code }} node {{ id }} }}
            }} }}
        """
        return await self.users[actor].execute(document, {"input": given})

    async def _call(self, actor: int, mutation: str, given: Json) -> list[Result]:
        answer = await self._execute(actor, mutation, given)
        assert "errors" not in answer, answer["errors"]
        payload = answer["data"][mutation]
        assert payload["errors"] == []
        rows = sorted(payload["results"], key=lambda row: row["index"])
        return [Result(row["outcome"], tuple(error["code"] for error in row["errors"])) for row in rows]

    def _act(self, action: str, records: list[int]) -> Json:
        return {"ids": self._ids(RECORD, records)}

    def _assign(self, certification: int, learners: list[int]) -> Json:
        return {"certificationId": self._id(CERTIFICATION, certification), "learnerIds": self._ids(LEARNER, learners)}

    def _remove(self, sources: list[int]) -> Json:
        return {"ids": self._ids(SOURCE, sources)}

    def _enrol(self, certification: int) -> Json:
        return {"certificationId": self._id(CERTIFICATION, certification)}

    _request_access = _enrol

    def _start(self, record: int) -> Json:
        return {"id": self._id(RECORD, record)}

    _start_exam = _start_recertification = _request_more_attempts = _start

    def _submit_evidence(self, record: int, step: int) -> Json:
        return {"id": self._id(RECORD, record), "stepId": self.steps[record][step], "text": "I have done it."}

    def _record_steps(self, completions: list[Completion]) -> Json:
        return {
            "completions": [
                {
                    "learnerCertificationId": self._id(RECORD, each.record),
                    "stepId": self.steps[each.record][each.step],
                    "path": each.path,
                    **({"passed": each.is_passed} if each.path == "TEST_OUT" else {}),
                }
                for each in completions
            ]
        }

    def _record_exams(self, results: Mapping[int, bool]) -> Json:
        rows = [{"learnerCertificationId": self._id(RECORD, key), "passed": each} for key, each in results.items()]
        return {"results": rows}

    def _record_payments(self, records: list[int]) -> Json:
        return {"payments": [{"learnerCertificationId": id_} for id_ in self._ids(RECORD, records)]}

    def _decide(self, approvals: list[int], *, is_approved: bool, attempts: int) -> Json:
        decision: Json = {"decision": "APPROVE", "attempts": attempts} if is_approved else {"decision": "DENY"}
        return {"ids": self._ids(APPROVAL, approvals), "comment": "As I see it.", **decision}

    async def _publish(self, key: int, certification: int, terms: Terms) -> list[Result]:
        """Drafts a version, and publishes it."""
        has_fee = terms.initial_fee or terms.recertification_fee
        given = {
            "certificationId": self._id(CERTIFICATION, certification),
            "examTitle": "Exam",
            "attemptLimit": terms.attempts,
            "allowsExamBeforeTraining": terms.exam_first,
            "examNeedsApproval": terms.exam_is_signed_off,
            "evidenceNeedsApproval": terms.evidence_is_signed_off,
            "initialFee": 100 if terms.initial_fee else None,
            "recertificationFee": 50 if terms.recertification_fee else None,
            "currency": "NZD" if has_fee else None,
            "feeDue": terms.fee_due,
            "validityMonths": terms.months,
            "graceDays": terms.grace,
            "windowDays": terms.window,
            "steps": [{"title": f"Step {place}", "paths": paths} for place, paths in enumerate(terms.steps)],
        }
        answer = await self._execute(ADMIN, "draftCertificationVersion", given)
        assert "errors" not in answer, answer["errors"]
        [row] = answer["data"]["draftCertificationVersion"]["results"]
        if row["outcome"] != "CHANGED":
            return [Result(row["outcome"], tuple(error["code"] for error in row["errors"]))]
        self.keys[VERSION][row["node"]["id"]] = key
        return await self._call(ADMIN, "publishCertificationVersion", {"id": row["node"]["id"]})

    def _retire_version(self, version: int) -> Json:
        return {"id": self._id(VERSION, version)}

    def _retire(self, certification: int) -> Json:
        return {"ids": [self._id(CERTIFICATION, certification)]}

    _reinstate = _retire

    def _reactivate(self, learner: int) -> Json:
        return {"ids": [self._id(LEARNER, learner)]}

    def _deactivate(self, learner: int) -> Json:
        return {**self._reactivate(learner), "reason": "NO_ACTIVITY"}

    def _set_access(self, learner: int, *, has_app_access: bool) -> Json:
        return {**self._reactivate(learner), "hasAppAccess": has_app_access}

    def _set_groups(self, learner: int, groups: frozenset[int]) -> Json:
        attributes = [{"name": ATTRIBUTES[group], "value": "yes"} for group in sorted(groups)]
        return {"id": self._id(LEARNER, learner), "attributes": attributes}


def _mutation_of(action: str) -> str:
    first, *others = action.lower().split("_")
    return first + "".join(map(str.capitalize, others))


def _numbered(made: Sequence[Record]) -> dict[str, int]:
    return {record.gid: key for key, record in enumerate(made)}
