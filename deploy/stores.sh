# What backup.sh and restore.sh have in common; not to be run by itself.
# shellcheck shell=bash disable=SC2034

usage() {
  sed -n '/^#   deploy/s/^# *//p' "$here/backup.sh" >&2
  exit 2
}

# Sets folder (as the programs see it), host_folder, influxdb (none, 1, 2, 3) and compose_file.
read_arguments() {
  influxdb=none
  compose_file=''
  while [ $# -gt 1 ]; do
    case $1 in
      --influxdb) influxdb=$2 ;;
      --compose) compose_file=$here/$(basename "$2") ;;
      *) usage ;;
    esac
    shift 2
  done
  if [ $# -ne 1 ] || [ "${1#-}" != "$1" ]; then usage; fi
  database=${INFLUX_DATABASE:-watchfire}
  backup_host=${INFLUX_BACKUP_HOST:-127.0.0.1:8088}
  if [ -z "$compose_file" ]; then
    folder=$(realpath -m "$1")
    host_folder=$folder
    case $influxdb in none | 1 | 2) ;; *) usage ;; esac
    return
  fi
  folder=/var/backups/watchfire/$(basename "$1")
  host_folder=$here/backups/$(basename "$1")
  case $(basename "$compose_file") in
    compose.yaml) influxdb=2 ;;
    compose.influxdb-1.8.yaml) influxdb=1 ;;
    compose.influxdb-3.yaml) influxdb=3 ;;
    *) usage ;;
  esac
}

compose() { docker compose --file "$compose_file" "$@"; }

main=dist/apps/server/src/backup/main.js

# The backup program beside the server, which may run.
program() {
  if [ -n "$compose_file" ]; then
    if compose exec -T watchfire true 2>/dev/null; then
      compose exec -T watchfire node --enable-source-maps "$main" "$@"
    else
      program_alone "$@"
    fi
  else
    (cd "$here/.." && node --enable-source-maps "$main" "$@")
  fi
}

# The same where the server does not run.
program_alone() {
  if [ -n "$compose_file" ]; then
    compose run --rm --no-deps -T --entrypoint node watchfire --enable-source-maps "$main" "$@"
  else
    (cd "$here/.." && node --enable-source-maps "$main" "$@")
  fi
}

# A command of InfluxDB, as its operator.
in_influxdb() {
  if [ -n "$compose_file" ]; then
    # shellcheck disable=SC2016
    compose exec -T influxdb sh -c \
      'INFLUX_TOKEN="$(cat /run/secrets/influx_operator_token 2>/dev/null)" exec "$@"' influxdb "$@"
  else
    "$@"
  fi
}
