#!/usr/bin/env bash
# The runner calls this before the first step of its job (ACTIONS_RUNNER_HOOK_JOB_STARTED), as the
# job's user. It writes down which job that is, for the agent to tell. A job never fails because of it.
{
  echo "repository=${GITHUB_REPOSITORY-}"
  echo "workflow=${GITHUB_WORKFLOW-}"
  echo "run=${GITHUB_RUN_ID-}"
  echo "attempt=${GITHUB_RUN_ATTEMPT-}"
  echo "job=${GITHUB_JOB-}"
} >"$HEADROOM_MARKS/started" || echo "headroom: the job's name could not be noted" >&2
