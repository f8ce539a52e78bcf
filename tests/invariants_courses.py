"""What holds of course enrolments and their units at every moment, in plain SQL, as `invariants.py` says it of the rest."""

_FINAL = "('20', '30', '40', '41', '51', '52', '60', '61', '81', '82')"
_UNITS = """
    unit_enrolments AS unit JOIN course_enrolments AS whole
        ON whole.organisation_id = unit.organisation_id AND whole.id = unit.course_enrolment_id
"""

RULES = {
    "the units of an enrolment name three programs at the most": """
        SELECT course_enrolment_id FROM unit_enrolments WHERE organisation_id = :organisation
        GROUP BY course_enrolment_id HAVING COUNT(DISTINCT program_identifier) > 3
    """,
    "a completed enrolment that is finalised has units with a final outcome and an end by then": f"""
        SELECT unit.id FROM {_UNITS}
        WHERE unit.organisation_id = :organisation AND whole.status = 'completed' AND whole.finalised_at IS NOT NULL
            AND (unit.outcome IS NULL OR unit.outcome NOT IN {_FINAL}
                OR unit.ends_on IS NULL OR unit.ends_on > whole.finalised_on)
    """,
    "an enrolment that was left and is finalised has no open unit; what never began lies after that day, without hours": f"""
        SELECT unit.id FROM {_UNITS}
        WHERE unit.organisation_id = :organisation AND whole.status <> 'completed' AND whole.finalised_at IS NOT NULL
            AND (unit.outcome IS NULL OR unit.outcome NOT IN {_FINAL})
            AND (unit.outcome IS NULL OR unit.outcome <> '00' OR unit.starts_on IS NULL
                OR unit.starts_on <= whole.finalised_on OR unit.ends_on IS NULL OR unit.actual_hours <> 0)
    """,
    "only what is finalised is flagged to be come back to": """
        SELECT id FROM course_enrolments
        WHERE organisation_id = :organisation AND reconnect_for IS NOT NULL AND finalised_at IS NULL
    """,
}
