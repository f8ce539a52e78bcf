"""What happens to certifications, learners and groups, with what follows for the records that are stored."""

from portal_api.domain.certifications import (
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    KEPT_BY_SOURCES,
    AssignmentSourceKind,
    CertificationAction,
    CertificationFacts,
    CertificationVersionAction,
    CertificationVersionStatus,
    CycleOutcome,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerFacts, LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import RecordFacts
from portal_api.domain.roles import Role
from tests.machines.certifying.lazy import Stored, decided
from tests.machines.certifying.records import CHANGED, UNCHANGED, Learner, Result, Terms, Version, refused
from tests.machines.certifying.stored import StoredRecord


class Shelves(Stored):
    """An administrator at the library and with the learners."""

    def leave(self, row: StoredRecord) -> None:
        """A source of a record has ended."""
        if self.sources_of(row) or row.status not in KEPT_BY_SOURCES:
            self.touch(row, "LEARNER_CERTIFICATION_UNASSIGNED")
            return
        if row.cycle:
            row.cycle.outcome = CycleOutcome.REMOVED
        row.is_archived = True
        self.write(row, "LEARNER_CERTIFICATION_ARCHIVED", row.status)

    def publish(self, certification: int, terms: Terms) -> list[Result]:
        codes = self._codes_of_certification(CertificationAction.DRAFT_VERSION, certification)
        if not codes:
            own = [each.number for each in self.versions if each.certification == certification]
            self.versions.append(Version(len(self.versions), certification, 1 + max(own, default=0), terms))
            self._all_look_again()
        return [refused(codes) or CHANGED]

    def retire_version(self, version: int) -> list[Result]:
        facts = RecordFacts(CertificationVersionStatus[self.versions[version].status])
        codes = decided(CERTIFICATION_VERSIONS, CertificationVersionAction.RETIRE, Role.ADMIN, facts)
        if not codes:
            self.versions[version].status = "RETIRED"
        return [refused(codes) or CHANGED]

    def retire(self, certification: int) -> list[Result]:
        return self._shelve(CertificationAction.RETIRE, certification, is_active=False)

    def reinstate(self, certification: int) -> list[Result]:
        return self._shelve(CertificationAction.REINSTATE, certification, is_active=True)

    def _shelve(self, action: CertificationAction, certification: int, *, is_active: bool) -> list[Result]:
        codes = self._codes_of_certification(action, certification)
        if not codes:
            self.certifications[certification].is_active = is_active
            self._all_look_again()
        return [refused(codes) or CHANGED]

    def _codes_of_certification(self, action: CertificationAction, certification: int) -> tuple[str, ...]:
        is_active = self.certifications[certification].is_active
        facts = CertificationFacts(LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED)
        return decided(CERTIFICATIONS, action, Role.ADMIN, facts)

    def deactivate(self, learner: int) -> list[Result]:
        codes = self._codes_of_learner(LearnerAction.DEACTIVATE, learner)
        if not codes:
            self.learners[learner].is_active = self.learners[learner].has_app_access = False
        return [refused(codes) or CHANGED]

    def reactivate(self, learner: int) -> list[Result]:
        codes = self._codes_of_learner(LearnerAction.REACTIVATE, learner)
        if not codes:
            self.learners[learner].is_active = True
            self._look_again(self.learners[learner])
        return [refused(codes) or CHANGED]

    def set_access(self, learner: int, *, has_app_access: bool) -> list[Result]:
        codes = self._codes_of_learner(LearnerAction.SET_APP_ACCESS, learner)
        is_same = self.learners[learner].has_app_access is has_app_access
        if not codes:
            self.learners[learner].has_app_access = has_app_access
        return [refused(codes) or (UNCHANGED if is_same else CHANGED)]

    def set_groups(self, learner: int, groups: frozenset[int]) -> list[Result]:
        codes = self._codes_of_learner(LearnerAction.UPDATE, learner)
        is_same = self.learners[learner].groups == groups
        if not codes and not is_same:
            self.learners[learner].groups = set(groups)
            self._look_again(self.learners[learner])
        return [refused(codes) or (UNCHANGED if is_same else CHANGED)]

    def _codes_of_learner(self, action: LearnerAction, learner: int) -> tuple[str, ...]:
        status = LearnerStatus.ACTIVE if self.learners[learner].is_active else LearnerStatus.INACTIVE
        return decided(LEARNERS, action, Role.ADMIN, LearnerFacts(status, is_owner_record=False))

    def _all_look_again(self) -> None:
        for learner in self.learners:
            self._look_again(learner)

    def _look_again(self, learner: Learner) -> None:
        """What groups assign, as it is told of the portal: no rule of the domain's decides over it but where it archives."""
        for of in self.certifications if learner.is_active else ():
            row = self.record_of(learner.key, of.key)
            standing = [each for each in self.sources_of(row) if each.kind == "GROUP"] if row else []
            wanted = learner.groups & of.groups
            assigns = of.is_active and self.newest(of.key) is not None
            new = sorted(wanted - {each.group for each in standing}) if assigns else []
            gone = [each for each in standing if each.group not in wanted]
            for each in gone:
                each.has_ended = True
            if new and row:
                self.touch(row, "LEARNER_CERTIFICATION_REASSIGNED")
            elif gone and row:
                self.leave(row)
            if new:
                row = row or self.make_record(learner.key, of.key, LearnerCertificationStatus.ASSIGNED)
                for group in new:
                    self.add_source(row, AssignmentSourceKind.GROUP, group)
