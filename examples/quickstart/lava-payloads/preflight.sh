#!/bin/sh
# Makes the warehouse's folder, and shows what a payload is given: arguments, LAVA_* variables, connections.
set -eu
database=$("$LAVA_CONN_SETTINGS" database)
mkdir -p "$(dirname "$database")"
echo "Job $LAVA_JOB_ID of realm $LAVA_REALM, started $STARTED"
echo "Years $1 to $2, warehouse $database"
