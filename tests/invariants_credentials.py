"""What holds of credentials and documents at every moment, in plain SQL: each query finds what breaks one rule."""

RULES = {
    "a credential is its enrolment's learner's": """
        SELECT own.id FROM credentials AS own JOIN course_enrolments AS enrolment
            ON enrolment.organisation_id = own.organisation_id AND enrolment.id = own.course_enrolment_id
        WHERE own.organisation_id = :organisation AND enrolment.learner_id <> own.learner_id
    """,
    "a credential that was replaced names the one that was issued in its place, for the same enrolment": """
        SELECT own.id FROM credentials AS own LEFT JOIN credentials AS successor
            ON successor.organisation_id = own.organisation_id AND successor.id = own.replaced_by
            AND successor.course_enrolment_id = own.course_enrolment_id AND successor.issued_at = own.cancelled_at
        WHERE own.organisation_id = :organisation AND own.cancellation_reason = 'replaced' AND successor.id IS NULL
    """,
    "nothing bears the register number of something else": """
        SELECT own.id FROM credentials AS own JOIN certificates AS other
            ON other.register_number = own.register_number
        WHERE own.organisation_id = :organisation
    """,
    "a document for an enrolment is its learner's": """
        SELECT own.id FROM documents AS own JOIN course_enrolments AS enrolment
            ON enrolment.organisation_id = own.organisation_id AND enrolment.id = own.course_enrolment_id
        WHERE own.organisation_id = :organisation AND enrolment.learner_id <> own.learner_id
    """,
    "the pieces of a document come to its size": """
        SELECT own.id FROM documents AS own LEFT JOIN document_pieces AS piece
            ON piece.organisation_id = own.organisation_id AND piece.document_id = own.id
        WHERE own.organisation_id = :organisation
        GROUP BY own.id, own.size HAVING COALESCE(SUM(LENGTH(piece.content)), 0) <> own.size
            OR COUNT(*) <> MAX(piece.position) + 1
    """,
}
