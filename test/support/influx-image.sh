#!/usr/bin/env bash
# A container image of InfluxDB from Debian's package, for the tests over containers: no image is pulled. About a minute;
# nothing where the image is there. Needs root, debootstrap and an engine that answers (DOCKER_HOST).
set -euo pipefail

image=${1:-watchfire-test/influxdb:debian}
if docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image is there"
  exit 0
fi

# From where this machine takes its own packages, be it a mirror or a snapshot.
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk -v release="$codename" '$1 == release && $2 == "main" { print $3; exit }')
if [ -z "$mirror" ]; then
  echo "no package source for $codename on this machine" >&2
  exit 1
fi

root=$(mktemp -d)
log=$(mktemp)
trap 'rm -rf --one-file-system "$root" "$log"' EXIT
if ! debootstrap --variant=minbase --include=influxdb "$codename" "$root" "$mirror" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
tar -C "$root" --exclude=./var/cache/apt --exclude=./var/lib/apt/lists --exclude=./usr/share/doc \
  --exclude=./usr/share/locale --exclude=./usr/share/man -c . |
  docker import \
    --change 'ENTRYPOINT ["/usr/bin/influxd"]' \
    --change 'ENV INFLUXDB_REPORTING_DISABLED=true' \
    --change 'EXPOSE 8086' \
    - "$image" >/dev/null
echo "$image is made"
