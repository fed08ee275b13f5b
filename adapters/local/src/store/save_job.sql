INSERT INTO jobs (
    job, attempt, run, pool, routed, repository, name, workflow, branch, url, labels, seen,
    created_at, queued_received_at, asked_at, started, started_at, completed_at, conclusion,
    runner, runner_group, updated_at, expired, open_stage, open_since, closed_at, wait_secs,
    running_since
) VALUES (
    :job, :attempt, :run, :pool, :routed, :repository, :name, :workflow, :branch, :url, :labels,
    :seen, :created_at, :queued_received_at, :asked_at, :started, :started_at, :completed_at,
    :conclusion, :runner, :runner_group, :updated_at, :expired, :open_stage, :open_since,
    :closed_at, :wait_secs, :running_since
)
ON CONFLICT (job, attempt) DO UPDATE SET
    seen = excluded.seen,
    created_at = excluded.created_at,
    queued_received_at = excluded.queued_received_at,
    asked_at = excluded.asked_at,
    started = excluded.started,
    started_at = excluded.started_at,
    completed_at = excluded.completed_at,
    conclusion = excluded.conclusion,
    runner = excluded.runner,
    runner_group = excluded.runner_group,
    updated_at = excluded.updated_at,
    expired = excluded.expired,
    open_stage = excluded.open_stage,
    open_since = excluded.open_since,
    closed_at = excluded.closed_at,
    wait_secs = excluded.wait_secs,
    running_since = excluded.running_since
