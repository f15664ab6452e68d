#!/usr/bin/env bash
# Restores a backup of deploy/backup.sh into an empty data folder and an InfluxDB that does not have the data (1, 3), or whose data are
# replaced (2). The server must not run; InfluxDB must (1, 2). Arguments and settings are those of backup.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/stores.sh
. "$here/stores.sh"
read_arguments "$@"

program_alone verify "$folder"
if [ "$influxdb" != none ] && [ ! -d "$host_folder/influxdb" ]; then
  echo "$folder has no InfluxDB in it" >&2
  exit 1
fi
case $influxdb in
  none) ;;
  1) in_influxdb influxd restore -portable -db "$database" -host "$backup_host" "$folder/influxdb" ;;
  2) in_influxdb influx restore --full "$folder/influxdb" ;;
  3)
    compose stop influxdb
    compose run --rm --no-deps -T --entrypoint tar influxdb -C /var/lib/influxdb3 -xf - <"$host_folder/influxdb/data.tar"
    compose start influxdb
    ;;
esac
program_alone restore "$folder"
