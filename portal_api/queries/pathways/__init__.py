"""Pathways and the enrolments in them: who sees them, what each field reads, the facts that decide, and the writes."""

from portal_api.queries.pathways.read import PATHWAY, PATHWAY_ENROLMENT, PATHWAY_STEP

__all__ = ["PATHWAY", "PATHWAY_ENROLMENT", "PATHWAY_STEP"]
