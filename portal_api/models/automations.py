"""Learncycles with their runs; tasks and notifications; the outbox, and webhooks on their way."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from portal_api.domain.automations.learncycles import LearncycleStatus, RunOutcome
from portal_api.domain.automations.rules import ConditionKind, LearncycleActionKind
from portal_api.domain.automations.tasks import NotificationStatus, TaskStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import OutboxKind, WebhookDeliveryStatus
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.library import LibraryStatus
from portal_api.models.base import (
    Id,
    Instant,
    SortKey,
    Words,
    enum_check,
    enum_column,
    metadata,
    or_far_day,
    organisation_column,
    reference,
)

learncycles = Table(
    "learncycles",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", SortKey, nullable=False),
    enum_column("status", LearncycleStatus),
    enum_column("trigger_kind", TriggerKind),
    Column("trigger_value", String(40), comment="What a change comes to, as the history writes it."),
    Column("trigger_reason_id", Id, comment="What the reason of an enrolment changes to."),
    Column("offset_days", Integer, comment="Days after a day of a record; before it where negative."),
    Column("switched_on_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organisation_id"], ["organisations.id"]),
    reference("trigger_reason_id", "status_reasons"),
    enum_check("status", LearncycleStatus),
    enum_check("trigger_kind", TriggerKind),
    CheckConstraint("(status = 'on') = (switched_on_at IS NOT NULL)", name="switched_on_at_when_on"),
    CheckConstraint(
        "(CASE WHEN trigger_value IS NULL THEN 0 ELSE 1 END) + (CASE WHEN trigger_reason_id IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN offset_days IS NULL THEN 0 ELSE 1 END) = 1",
        name="trigger_whole",
    ),
    CheckConstraint(
        "(trigger_kind = 'course_enrolment_reason') = (trigger_reason_id IS NOT NULL)", name="reason_when_triggering"
    ),
    Index(None, "organisation_id", "name_key", "id"),
    Index(None, "organisation_id", "status", "trigger_kind"),
)

learncycle_offers = Table(
    "learncycle_offers",
    metadata,
    organisation_column(),
    Column("learncycle_id", Id, primary_key=True),
    Column("course_offer_id", Id, primary_key=True),
    reference("learncycle_id", "learncycles"),
    reference("course_offer_id", "course_offers"),
    Index(None, "organisation_id", "course_offer_id"),
    comment="The offers that a learncycle is for; one without any is for all.",
)

learncycle_conditions = Table(
    "learncycle_conditions",
    metadata,
    organisation_column(),
    Column("learncycle_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True),
    enum_column("kind", ConditionKind),
    Column("status", String(40)),
    Column("course_id", Id),
    Column("series_id", Id),
    Column("certification_id", Id),
    Column("group_id", Id),
    reference("learncycle_id", "learncycles"),
    reference("course_id", "courses"),
    reference("series_id", "series"),
    reference("certification_id", "certifications"),
    reference("group_id", "groups"),
    enum_check("kind", ConditionKind),
    *(
        CheckConstraint(f"(kind = '{kind}') = ({column} IS NOT NULL)", name=f"{column}_when_asked")
        for kind, column in (
            ("status", "status"),
            ("course", "course_id"),
            ("series", "series_id"),
            ("certification", "certification_id"),
            ("group", "group_id"),
        )
    ),
    comment="A record passes that has, for each kind named, one of the values named with it.",
)

learncycle_actions = Table(
    "learncycle_actions",
    metadata,
    organisation_column(),
    Column("learncycle_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True, comment="0 for the first."),
    enum_column("kind", LearncycleActionKind),
    enum_column("deactivation_reason", DeactivationReason, nullable=True),
    Column("has_app_access", Boolean),
    enum_column("course_status", CourseEnrolmentStatus, nullable=True),
    Column("status_reason_id", Id),
    Column("title", Text),
    Column("body", Text),
    Column("due_in_days", Integer),
    Column("assignee_id", Id),
    reference("learncycle_id", "learncycles"),
    reference("status_reason_id", "status_reasons"),
    ForeignKeyConstraint(["organisation_id", "assignee_id"], ["roles.organisation_id", "roles.user_id"]),
    enum_check("kind", LearncycleActionKind),
    enum_check("deactivation_reason", DeactivationReason),
    enum_check("course_status", CourseEnrolmentStatus),
    CheckConstraint(
        "(kind = 'deactivate_learner') = (deactivation_reason IS NOT NULL)", name="deactivation_reason_when_asked"
    ),
    CheckConstraint("(kind = 'set_app_access') = (has_app_access IS NOT NULL)", name="app_access_when_asked"),
    CheckConstraint("(kind = 'set_course_status') = (course_status IS NOT NULL)", name="course_status_when_asked"),
    CheckConstraint("(kind IN ('create_task', 'notify')) = (title IS NOT NULL)", name="title_when_asked"),
)

learncycle_runs = Table(
    "learncycle_runs",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("learncycle_id", Id, nullable=False),
    Column("cause_id", Id, comment="The history entry that triggered it; none where a day did."),
    enum_column("subject_kind", SubjectKind),
    Column("subject_id", Id, nullable=False),
    Column("learner_id", Id, nullable=False),
    enum_column("action", LearncycleActionKind),
    Column("position", Integer, nullable=False, comment="The place of the action in the rule, 0 for the first."),
    enum_column("outcome", RunOutcome),
    Column("reasons", Text, nullable=False, comment="Why it was skipped: coded reasons, as JSON."),
    Column("on_date", Date, comment="The day of the record, where a day triggered it."),
    Column("day_from", Instant, comment="The first instant of that day, and the first after it."),
    Column("day_until", Instant),
    Column("at", Instant, nullable=False),
    reference("learncycle_id", "learncycles"),
    reference("cause_id", "history_entries"),
    reference("learner_id", "learners"),
    enum_check("outcome", RunOutcome),
    CheckConstraint("(cause_id IS NULL) = (on_date IS NOT NULL)", name="cause_or_date"),
    CheckConstraint(
        "(on_date IS NULL) = (day_from IS NULL) AND (on_date IS NULL) = (day_until IS NULL)", name="day_whole"
    ),
    UniqueConstraint("organisation_id", "learncycle_id", "subject_id", "on_date", "position"),
    Index(None, "organisation_id", "at", "id"),
    Index(None, "organisation_id", "learncycle_id", "at", "id"),
    Index(None, "organisation_id", "learner_id", "id"),
    comment="What became of each action of a learncycle, for each record that triggered it. It only grows.",
)

tasks = Table(
    "tasks",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    enum_column("subject_kind", SubjectKind),
    Column("subject_id", Id, nullable=False),
    Column("learner_id", Id, nullable=False),
    enum_column("stage", LifecycleStage, nullable=True),
    Column("title", Text, nullable=False),
    Column("title_key", SortKey, nullable=False),
    Column("note", Text),
    Column("due_on", Date),
    Column("assignee_id", Id),
    Column("learncycle_id", Id, comment="The learncycle that made it; none where a person did."),
    enum_column("status", TaskStatus),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("version", Integer, nullable=False),
    reference("learner_id", "learners"),
    reference("learncycle_id", "learncycles"),
    ForeignKeyConstraint(["organisation_id", "assignee_id"], ["roles.organisation_id", "roles.user_id"]),
    enum_check("status", TaskStatus),
    enum_check("stage", LifecycleStage),
    CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended_at_when_ended"),
    Index(None, "organisation_id", "learner_id", "id"),
    Index(None, "organisation_id", "assignee_id", "status", "id"),
    Index("ix_tasks_status_due_on", "organisation_id", "status", or_far_day("due_on"), "id"),
    Index(None, "organisation_id", "title_key", "id"),
    Index(None, "organisation_id", "created_at", "id"),
)

notifications = Table(
    "notifications",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("learner_id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    enum_column("status", NotificationStatus),
    Column("sent_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("version", Integer, nullable=False),
    reference("learner_id", "learners"),
    enum_check("status", NotificationStatus),
    CheckConstraint("(status = 'read') = (read_at IS NOT NULL)", name="read_at_when_read"),
    Index(None, "organisation_id", "learner_id", "sent_at", "id"),
    Index(None, "organisation_id", "sent_at", "id"),
)

outbox_messages = Table(
    "outbox_messages",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    enum_column("kind", OutboxKind),
    Column("payload", Text, nullable=False, comment="What is to be delivered, as JSON."),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant, nullable=False, comment="The next attempt; far in the future when there is none."),
    ForeignKeyConstraint(["organisation_id"], ["organisations.id"]),
    enum_check("kind", OutboxKind),
    Index(None, "due_at"),
    comment="Written in the transaction of its cause, and so only if that is kept; delivered afterwards.",
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", SortKey, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False, comment="What messages are signed with; never read but for that."),
    Column("event_kinds", Words, nullable=False, comment="The triggers whose messages it is sent."),
    enum_column("status", LibraryStatus),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organisation_id"], ["organisations.id"]),
    enum_check("status", LibraryStatus),
    Index(None, "organisation_id", "name_key", "id"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("webhook_endpoint_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    enum_column("event_kind", TriggerKind),
    enum_column("status", WebhookDeliveryStatus),
    Column("attempts", Text, nullable=False, comment="Every attempt: when, what was answered, how long it took; JSON."),
    Column("tries", Integer, nullable=False, comment="How many attempts since it was last asked for."),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("due_at", Instant, nullable=False, comment="The next attempt; far in the future when there is none."),
    Column("version", Integer, nullable=False),
    reference("webhook_endpoint_id", "webhook_endpoints"),
    reference("message_id", "outbox_messages"),
    enum_check("status", WebhookDeliveryStatus),
    UniqueConstraint("organisation_id", "webhook_endpoint_id", "message_id"),
    CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at_when_delivered"),
    Index(None, "due_at"),
    Index(None, "organisation_id", "webhook_endpoint_id", "id"),
    Index(None, "organisation_id", "status", "created_at", "id"),
    Index(None, "organisation_id", "created_at", "id"),
)
