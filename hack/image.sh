#!/usr/bin/env bash
# Builds the image with docker, podman or buildah, whichever is there: hack/image.sh NAME:TAG [FILE]
# FILE gets the image as an archive for `ctr images import`, `docker load` and registries that are not reachable.
# NODE_IMAGE names another base; PLATFORM=linux/arm64 another architecture; BUILDER one of the three programs.
set -euo pipefail
cd "$(dirname "$0")/.."
image=${1:?usage: hack/image.sh NAME:TAG [FILE]}
archive=${2:-}

works() {
  case $1 in
    docker) docker info >/dev/null 2>&1 ;;
    podman) command -v podman >/dev/null ;;
    buildah) command -v buildah >/dev/null ;;
    *) return 1 ;;
  esac
}
builder=${BUILDER:-}
if [ -z "$builder" ]; then
  for candidate in docker podman buildah; do
    if works "$candidate"; then
      builder=$candidate
      break
    fi
  done
fi
if ! works "$builder"; then
  echo "no image can be built: install docker (with a running engine), podman or buildah, or set BUILDER to one that works" >&2
  exit 1
fi

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
# The same sources give the same time stamp, so that a build can be repeated.
created=$(git log -1 --format=%cI 2>/dev/null || echo 1970-01-01T00:00:00Z)
arguments=(--build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created")
[ -z "${NODE_IMAGE:-}" ] || arguments+=(--build-arg "NODE_IMAGE=$NODE_IMAGE")
[ -z "${PLATFORM:-}" ] || arguments+=(--platform "$PLATFORM")

case $builder in
  docker)
    docker build "${arguments[@]}" --tag "$image" .
    [ -z "$archive" ] || docker save --output "$archive" "$image"
    ;;
  podman)
    podman build "${arguments[@]}" --tag "$image" .
    [ -z "$archive" ] || podman save --format docker-archive --output "$archive" "$image"
    ;;
  buildah)
    # Works in a container without further rights as well: BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs.
    buildah build "${arguments[@]}" --tag "$image" .
    [ -z "$archive" ] || buildah push "$image" "docker-archive:$archive:$image"
    ;;
esac
echo "$image built by $builder"
