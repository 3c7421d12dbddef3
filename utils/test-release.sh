#!/usr/bin/env bash
# Clones this checkout's HEAD into a bare Debian system and runs a command there, as root.
# usage: test-release.sh SUITE FOLDER [COMMAND...]    e.g. test-release.sh trixie build/trixie scripts/test -L fast
#   SUITE: bookworm or trixie. FOLDER: made by debootstrap, kept for the next call; the clone is FOLDER/src/finn-gl.
#   DEBIAN_MIRROR: where packages come from. Without COMMAND: scripts/test -L fast. Needs debootstrap.
set -euo pipefail
suite=${1:?SUITE} folder=${2:?FOLDER}
shift 2
[ $# -gt 0 ] || set -- scripts/test -L fast
source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ ! -e "$folder/etc/debian_version" ]; then
  debootstrap --variant=minbase "$suite" "$folder" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
fi
cp /etc/resolv.conf "$folder/etc/resolv.conf"
mount -t proc proc "$folder/proc"
mkdir -p "$folder/dev/pts"
mount -t devpts devpts "$folder/dev/pts"
trap 'umount "$folder/dev/pts" "$folder/proc"' EXIT
# Packages need no write to the disk one by one.
echo force-unsafe-io > "$folder/etc/dpkg/dpkg.cfg.d/unsafe-io"
mkdir -p "$folder/src"
[ -d "$folder/src/finn-gl/.git" ] || git clone -q --no-hardlinks "$source" "$folder/src/finn-gl"
git -C "$folder/src/finn-gl" fetch -q "$source" HEAD
git -C "$folder/src/finn-gl" checkout -q --force FETCH_HEAD
chroot "$folder" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  sh -c 'cd /src/finn-gl && exec "$@"' sh "$@"
