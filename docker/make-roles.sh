#!/bin/sh
# Once, when the database server starts for the first time: its two roles and the database. The passwords come from
# the environment and are never on a command line.
set -eu
: "${PORTFOLIO_DATABASE_OWNER_PASSWORD:?}" "${PORTFOLIO_DATABASE_PASSWORD:?}"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" \
  --set owner="${PORTFOLIO_OWNER_ROLE:-portfolio_owner}" \
  --set application="${PORTFOLIO_APPLICATION_ROLE:-portfolio_app}" \
  --set database="${PORTFOLIO_DATABASE_NAME:-portfolio}" \
  --file "${PORTFOLIO_ROLES_FILE:-/docker-entrypoint-initdb.d/roles.psql}"
