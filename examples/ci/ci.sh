#!/bin/sh
# For any other pipeline: ci.sh plan|deploy ENV. Status 0 done, 1 failed, 2 wrong usage.
set -eu
action=${1:?plan or deploy} environment=${2:?environment}
mkdir -p reports
set -- --env "$environment" --markdown reports/lava.md --junit reports/lava.xml --sarif reports/lava.sarif
case $action in
plan) exec lava ci "$@" ;;
deploy) exec lava ci "$@" --deploy --yes --prune ;;
*) echo "plan or deploy, not $action" >&2; exit 2 ;;
esac
