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
