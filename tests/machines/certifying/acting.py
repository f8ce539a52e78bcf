"""What administrators do in the plain world: the eight actions of S5, assigning, the library, learners, groups."""

from collections.abc import Iterable

from tests.machines.certifying.base import Base
from tests.machines.certifying.reading import against_assigning
from tests.machines.certifying.records import (
    ADMIN,
    ASSIGNED,
    CHANGED,
    DISALLOWED,
    NOT_STARTED,
    RECERTIFYING,
    REVOKED,
    UNCHANGED,
    Learner,
    Record,
    Result,
    Terms,
    Version,
    refused,
)

ACTS = {
    "OVERRIDE_PAYMENT": "LEARNER_CERTIFICATION_FEE_OVERRIDDEN",
    "OVERRIDE_TRAINING": "LEARNER_CERTIFICATION_STEPS_OVERRIDDEN",
    "OVERRIDE_EXAM": "LEARNER_CERTIFICATION_EXAM_OVERRIDDEN",
    "REVOKE_ACCESS": "LEARNER_CERTIFICATION_REVOKED",
    "FORCE_RECERTIFICATION": "LEARNER_CERTIFICATION_CYCLE_FORCED",
    "PERMANENTLY_REVOKE": "LEARNER_CERTIFICATION_BARRED",
    "RESTORE_ACCESS": "LEARNER_CERTIFICATION_RESTORED",
}


class Acting(Base):
    """Administrators at work."""

    def act(self, actor: int, action: str, records: Iterable[int]) -> list[Result]:
        """Takes one of the seven actions on whole records."""
        results: list[Result] = []
        for record in map(self.records.__getitem__, records):
            codes = self.against(action, record, actor)
            results.append(refused(codes) or CHANGED)
            if not codes:
                getattr(self, f"_{action.lower()}")(record, ACTS[action])
        return results

    def _override_payment(self, record: Record, act: str) -> None:
        assert record.cycle
        record.cycle.fee = "WAIVED"
        self._touch(record, act)

    def _override_training(self, record: Record, act: str) -> None:
        assert record.cycle
        self._end_approvals(self.pending(record, "EVIDENCE"), "OVERRIDDEN")
        for step in record.cycle.steps:
            if step.status != "DONE":
                step.status, step.is_overridden = "DONE", True
        self._settle(record, act)

    def _override_exam(self, record: Record, act: str) -> None:
        assert record.cycle
        self._end_approvals(self.pending(record, "EXAM", "MORE_ATTEMPTS"), "OVERRIDDEN")
        record.cycle.is_exam_passed = record.cycle.is_exam_overridden = True
        self._settle(record, act)

    def _revoke_access(self, record: Record, act: str) -> None:
        if record.cycle:
            record.cycle.outcome = "REVOKED"
        self._end_approvals(self.pending(record), "CLOSED")
        self._move(record, act, REVOKED)
        self._revoke_latest(record)

    def _force_recertification(self, record: Record, act: str) -> None:
        self._revoke_latest(record)
        self._open_cycle(record)
        self._move(record, act, RECERTIFYING)

    def _permanently_revoke(self, record: Record, act: str) -> None:
        self._move(record, act, DISALLOWED)
        self._revoke_latest(record)

    def _restore_access(self, record: Record, act: str) -> None:
        self._open_cycle(record)
        self._move(record, act, RECERTIFYING if record.was_certified else NOT_STARTED)

    def assign(self, certification: int, learners: Iterable[int]) -> list[Result]:
        """Assigns by hand."""
        of, is_published = self.certifications[certification], self.newest(certification) is not None
        results: list[Result] = []
        for key in learners:
            record = self.record_of(key, certification)
            codes = against_assigning(of, self.learners[key], record and record.status, is_published=is_published)
            by_hand = record and any(each.kind == "MANUAL" for each in self.standing_sources(record))
            results.append(refused(codes) or (UNCHANGED if by_hand else CHANGED))
            if results[-1] is CHANGED:
                if record is None:
                    record = self._make_record(key, certification, ASSIGNED)
                else:
                    self._touch(record, "LEARNER_CERTIFICATION_REASSIGNED")
                self._add_source(record, "MANUAL")
        return results

    def remove(self, sources: Iterable[int]) -> list[Result]:
        """Removes sources; those of one record go together."""
        named = [self.sources[key] for key in sources]
        results = [
            refused(self.against("REMOVE_ASSIGNMENT", self.records[each.record], ADMIN, each)) or CHANGED
            for each in named
        ]
        ended = [each for each, result in zip(named, results, strict=True) if result is CHANGED]
        for each in ended:
            each.has_ended = True
        for key in dict.fromkeys(each.record for each in ended):
            self._leave(self.records[key])
        return results

    def _leave(self, record: Record) -> None:
        """A source of a record has ended: without any, it is archived, and its history kept."""
        if self.standing_sources(record) or record.status not in (ASSIGNED, NOT_STARTED):
            self._touch(record, "LEARNER_CERTIFICATION_UNASSIGNED")
            return
        if record.cycle:
            record.cycle.outcome = "REMOVED"
        record.is_archived = True
        self._touch(record, "LEARNER_CERTIFICATION_ARCHIVED")

    def publish(self, certification: int, terms: Terms) -> list[Result]:
        """Drafts the next version, and publishes it."""
        if not self.certifications[certification].is_active:
            return [Result("REFUSED", ("STATUS_NOT_ALLOWED",))]
        number = 1 + max((each.number for each in self.versions if each.certification == certification), default=0)
        self.versions.append(Version(len(self.versions), certification, number, terms))
        self._all_look_again()
        return [CHANGED]

    def retire_version(self, version: int) -> list[Result]:
        """No new cycle begins under it; those that run go on."""
        found = self.versions[version]
        if found.status != "PUBLISHED":
            return [Result("REFUSED", ("STATUS_NOT_ALLOWED",))]
        found.status = "RETIRED"
        return [CHANGED]

    def retire(self, certification: int) -> list[Result]:
        """Takes a certification out of use."""
        return self._shelve(certification, is_active=False)

    def reinstate(self, certification: int) -> list[Result]:
        """Takes it into use again."""
        return self._shelve(certification, is_active=True)

    def _shelve(self, certification: int, *, is_active: bool) -> list[Result]:
        found = self.certifications[certification]
        if found.is_active is is_active:
            return [Result("REFUSED", ("STATUS_NOT_ALLOWED",))]
        found.is_active = is_active
        self._all_look_again()
        return [CHANGED]

    def _all_look_again(self) -> None:
        for learner in self.learners:
            self._look_again(learner)

    def deactivate(self, learner: int) -> list[Result]:
        """Makes a learner inactive: all of theirs stays as it is, and is closed to every action."""
        found = self.learners[learner]
        if not found.is_active:
            return [Result("REFUSED", ("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"))]
        found.is_active = found.has_app_access = False
        return [CHANGED]

    def reactivate(self, learner: int) -> list[Result]:
        """Makes a learner active again; groups look again."""
        found = self.learners[learner]
        if found.is_active:
            return [Result("REFUSED", ("STATUS_NOT_ALLOWED",))]
        found.is_active = True
        self._look_again(found)
        return [CHANGED]

    def set_access(self, learner: int, *, has_app_access: bool) -> list[Result]:
        """Gives or takes app access."""
        found = self.learners[learner]
        if not found.is_active:
            return [Result("REFUSED", ("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"))]
        if found.has_app_access is has_app_access:
            return [UNCHANGED]
        found.has_app_access = has_app_access
        return [CHANGED]

    def set_groups(self, learner: int, groups: frozenset[int]) -> list[Result]:
        """Gives a learner what groups test for, or takes it away."""
        found = self.learners[learner]
        if not found.is_active:
            return [Result("REFUSED", ("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"))]
        if found.groups == groups:
            return [UNCHANGED]
        found.groups = set(groups)
        self._look_again(found)
        return [CHANGED]

    def _look_again(self, learner: Learner) -> None:
        """Groups make a record where there is none, or add a source; whoever has left one loses its source.

        Nothing of an inactive learner changes, and where nobody can be assigned no group assigns.
        """
        for of in self.certifications if learner.is_active else ():
            record = self.record_of(learner.key, of.key)
            standing = [each for each in self.standing_sources(record) if each.kind == "GROUP"] if record else []
            wanted = learner.groups & of.groups
            assigns = of.is_active and self.newest(of.key) is not None
            new = sorted(wanted - {each.group for each in standing}) if assigns else []
            gone = [each for each in standing if each.group not in wanted]
            for each in gone:
                each.has_ended = True
            if new and record is None:
                record = self._make_record(learner.key, of.key, ASSIGNED)
            elif new and record:
                self._touch(record, "LEARNER_CERTIFICATION_REASSIGNED")
            elif gone and record:
                self._leave(record)
            for group in new:
                assert record
                self._add_source(record, "GROUP", group)
