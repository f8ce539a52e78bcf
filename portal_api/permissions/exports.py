"""Who may export what: some lists are for fewer roles than exporting as such."""

from collections.abc import Mapping

from portal_api.context import Viewer
from portal_api.domain.exports import ExportList
from portal_api.permissions import Guard, MayRequestExport
from portal_api.permissions.inactive_enrolments import MayReadLearnersWithInactiveEnrolments

OF_A_LIST: Mapping[ExportList, type[Guard]] = {
    ExportList.LEARNERS_WITH_INACTIVE_ENROLMENTS: MayReadLearnersWithInactiveEnrolments
}
"""The guards of the lists that have one."""


def check_export(viewer: Viewer, list_: ExportList) -> None:
    """Refuses a role that can never export a list.

    Raises:
        RequestError: `FORBIDDEN`, with the roles that can.
    """
    MayRequestExport.check(viewer)
    if list_ in OF_A_LIST:
        OF_A_LIST[list_].check(viewer)
