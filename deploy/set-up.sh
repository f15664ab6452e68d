#!/usr/bin/env bash
# Makes the secrets, starts InfluxDB, gives the server an account there that has no more rights than it needs, and starts the
# server. As root. May be run again: what is there is kept.
# Usage: deploy/set-up.sh [2.7 | 1.8 | 3]
set -euo pipefail
cd "$(dirname "$0")"
umask 077

case ${1:-2.7} in
  2.7) file=compose.yaml ;;
  1.8) file=compose.influxdb-1.8.yaml ;;
  3) file=compose.influxdb-3.yaml ;;
  *)
    echo 'usage: deploy/set-up.sh [2.7 | 1.8 | 3]' >&2
    exit 2
    ;;
esac
compose() { docker compose -f "$file" "$@"; }

# Users of the images: a secret is a file of the host, and is read by its owner alone.
server_user=1000
influx_user=1000
influx3_user=1500

random() { od -An -v -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# secret <name> <user> <text>
secret() {
  if [ -s "secrets/$1" ]; then return; fi
  printf '%s\n' "$3" >"secrets/$1"
  chmod 0400 "secrets/$1"
  chown "$2:$2" "secrets/$1"
}

# Asks InfluxDB 2 as its operator; the token stays in the container.
influx() {
  # shellcheck disable=SC2016
  compose exec -T influxdb sh -c 'INFLUX_TOKEN="$(cat /run/secrets/influx_operator_token)" exec influx "$@"' influx "$@"
}

bucket_id() { influx bucket list --org watchfire --name "$1" --hide-headers 2>/dev/null | cut -f 1 || true; }

# As in config/default.yaml: history.minuteDays, hourDays and alarmDays.
declare -A kept=([watchfire/minutes]=730d [watchfire/hours]=3660d [watchfire/alarms]=1100d)

# A token for the buckets of the centre, to read and to write: no others, no users, no tokens, no tasks.
server_token_2() {
  local bucket id rights=()
  for bucket in watchfire watchfire/minutes watchfire/hours watchfire/alarms; do
    id=$(bucket_id "$bucket")
    if [ -z "$id" ]; then
      influx bucket create --org watchfire --name "$bucket" --retention "${kept[$bucket]}" >/dev/null
      id=$(bucket_id "$bucket")
    fi
    rights+=(--read-bucket "$id" --write-bucket "$id")
  done
  influx auth create --org watchfire --description 'watchfire server' "${rights[@]}" --json |
    sed -n 's/^.*"token": *"\([^"]*\)".*$/\1/p'
}

mkdir -p secrets
install -d -o "$server_user" -g "$server_user" -m 0700 backups
secret admin_password "$server_user" "$(random 12)"

case ${1:-2.7} in
  2.7)
    secret influx_admin_password "$influx_user" "$(random 24)"
    secret influx_operator_token "$influx_user" "$(random 32)"
    compose up --detach --wait influxdb
    if [ ! -s secrets/influx_token ]; then
      token=$(server_token_2)
      if [ -z "$token" ]; then
        echo 'InfluxDB gave no token for the server' >&2
        exit 1
      fi
      secret influx_token "$server_user" "$token"
    fi
    ;;
  1.8)
    secret influx_admin_password "$influx_user" "$(random 24)"
    secret influx_token "$server_user" "watchfire:$(random 24)"
    ;;
  3)
    token="apiv3_$(random 32)"
    secret influx_operator_token "$influx3_user" "{\"token\":\"$token\",\"name\":\"_admin\"}"
    secret influx_token "$server_user" "$token"
    ;;
esac

compose up --detach --wait
echo 'Watchfire is ready on port 3000. Sign in as admin with the password in deploy/secrets/admin_password, and change it.'
