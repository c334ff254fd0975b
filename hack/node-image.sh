#!/usr/bin/env bash
# Makes a base image with Node where no registry of images is in reach: from the packages of Debian and npm, with
# mmdebstrap and buildah. Usage: hack/node-image.sh NAME, then NODE_IMAGE=NAME make image.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: hack/node-image.sh NAME}
for program in mmdebstrap buildah npm; do
  command -v "$program" >/dev/null || {
    echo "no base image can be made: $program is missing (Debian, Ubuntu: apt-get install mmdebstrap buildah npm)" >&2
    exit 1
  }
done
case "$(uname -m)" in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *)
    echo "no Node package for $(uname -m)" >&2
    exit 1
    ;;
esac

mkdir -p .cache
work=$(mktemp -d .cache/node-image.XXXXXX)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=essential --include=ca-certificates,libstdc++6 \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/debian.tar"
npm install --prefix "$work" --no-save --no-audit --no-fund --loglevel=error "node-linux-$arch@24" npm@11 >&2
mv "$work/node_modules/node-linux-$arch/bin/node" "$work/node"
mv "$work/node_modules/npm" "$work/npm"
# The build runs npm: it trusts whom this machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$work/build-authorities.crt"
echo 'cafile=/usr/local/etc/build-authorities.crt' >"$work/npmrc"
cat >"$work/Containerfile" <<'CONTAINERFILE'
FROM scratch
ADD debian.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY npmrc build-authorities.crt /usr/local/etc/
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
CONTAINERFILE
buildah build --quiet --tag "$name" "$work" >/dev/null
echo "$name built from Debian bookworm and Node $("$work/node" --version)"
