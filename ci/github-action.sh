#!/usr/bin/env bash
# What action.yml runs: one run of hubproof, its annotations on the log, its summary on the job's page, its exit code as the step's.
set -euo pipefail

# Without a target the bundled hub would be proved, and the step be green: a variable or a secret that is not set comes as nothing.
if [ -z "${INPUT_URL:-}" ] && [ -z "${INPUT_PROFILE:-}" ] && [[ " ${INPUT_ARGUMENTS:-}" != *" --defect"* ]]; then
    echo "::error title=hubproof::there is no hub to prove: set the input url or profile (is the variable that it comes from set?)"
    if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=2" >>"$GITHUB_OUTPUT"; fi
    exit 2
fi

arguments=(run --quiet --out "$INPUT_OUT" --format json,junit,html,markdown,sarif)
if [ -n "${INPUT_URL:-}" ]; then arguments+=("$INPUT_URL"); fi
if [ -n "${INPUT_PROFILE:-}" ]; then arguments+=(--profile "$INPUT_PROFILE"); fi
if [ -n "${INPUT_KEY:-}" ]; then arguments+=(--key-env INPUT_KEY); fi
if [ -n "${INPUT_BASELINE:-}" ]; then arguments+=(--baseline "$INPUT_BASELINE"); fi
if [ -n "${INPUT_SHARD:-}" ]; then arguments+=(--shard "$INPUT_SHARD"); fi
# Split at white space and line ends, as a command line would be; patterns stay as they are.
further=()
read -r -d '' -a further <<<"${INPUT_ARGUMENTS:-}" || true

# What an earlier step left is not this run's.
rm -f "$INPUT_OUT/report.json"
code=0
"$HUBPROOF" "${arguments[@]}" ${further[@]+"${further[@]}"} || code=$?
if [ -f "$INPUT_OUT/report.json" ]; then
    "$HUBPROOF" report render "$INPUT_OUT" --format github
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$INPUT_OUT/report.md" >>"$GITHUB_STEP_SUMMARY"; fi
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >>"$GITHUB_OUTPUT"; fi
exit "$code"
