#!/usr/bin/env bash
# Takes a backup of everything while it runs: InfluxDB first, then journal, registry and local history. docs/operations.md says why
# in this order, and how to restore.
#
#   deploy/backup.sh FOLDER                          the server on this machine, with the embedded history
#   deploy/backup.sh --influxdb 1 FOLDER             the same with InfluxDB 1.x, or 2
#   deploy/backup.sh --compose compose.yaml NAME     in containers; into deploy/backups/NAME
#
# WATCHFIRE_DATA and the other settings as the server has them. InfluxDB 1: INFLUX_BACKUP_HOST (127.0.0.1:8088), INFLUX_DATABASE
# (watchfire). InfluxDB 2: INFLUX_HOST and INFLUX_TOKEN of an operator, as `influx` takes them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/stores.sh
. "$here/stores.sh"
read_arguments "$@"

program begin "$folder"
case $influxdb in
  none) ;;
  1) in_influxdb influxd backup -portable -db "$database" -host "$backup_host" "$folder/influxdb" ;;
  2) in_influxdb influx backup "$folder/influxdb" ;;
  3)
    # Core has no backup of its own: its files are copied while it rests. What comes meanwhile is kept, and written to it after.
    mkdir -p "$host_folder/influxdb"
    compose stop influxdb
    trap 'compose start influxdb' EXIT
    compose run --rm --no-deps -T --entrypoint tar influxdb -C /var/lib/influxdb3 -cf - . >"$host_folder/influxdb/data.tar"
    trap - EXIT
    compose start influxdb
    ;;
esac
if [ -n "$compose_file" ] && [ "$influxdb" != none ]; then
  # Whoever seals the backup has to read it.
  chown -R --reference="$here/backups" "$host_folder/influxdb"
fi
program take "$folder"
