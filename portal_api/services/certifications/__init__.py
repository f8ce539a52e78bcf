"""What happens to certifications and their versions."""

from portal_api.services.certifications.library import CertificationInput, create, reinstate, retire, update
from portal_api.services.certifications.versions import draft_version, publish_version, retire_version

__all__ = [
    "CertificationInput",
    "create",
    "draft_version",
    "publish_version",
    "reinstate",
    "retire",
    "retire_version",
    "update",
]
