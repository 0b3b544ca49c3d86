#!/bin/sh
# One database for each service, with a role of its own that can enter no other.
# Run once by the image of PostgreSQL, on an empty data folder, and by `make keten`. Every file postgres-<dienst> in
# GEHEIMEN asks for one; it is a pg_service file, because libpq reads the password from it whoever owns it.
set -eu

for bestand in "${GEHEIMEN:-/run/secrets}"/postgres-*; do
    dienst=${bestand##*/postgres-}
    if [ "$dienst" = beheer ]; then continue; fi
    # By way of the environment: arguments can be seen by everyone on a machine.
    wachtwoord=$(sed -n 's/^password=//p' "$bestand")
    export dienst wachtwoord
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv dienst dienst
\getenv wachtwoord wachtwoord
SET log_statement = 'none';
CREATE ROLE :"dienst" LOGIN PASSWORD :'wachtwoord';
CREATE DATABASE :"dienst" OWNER :"dienst";
REVOKE ALL ON DATABASE :"dienst" FROM PUBLIC;
SQL
done

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
SQL
