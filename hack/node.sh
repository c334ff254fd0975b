#!/usr/bin/env bash
# Puts a Node >= 24 at DIR/bin/node unless the machine's own is new enough. Usage: hack/node.sh DIR
set -euo pipefail
dir=$1
command -v npm >/dev/null || { echo "npm is missing: install Node.js with npm (Debian, Ubuntu: apt-get install nodejs npm; Fedora: dnf install nodejs-npm)" >&2; exit 1; }
new_enough() { [ -x "$1" ] && "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 24 ? 0 : 1)' 2>/dev/null; }
new_enough "$dir/bin/node" && exit 0
new_enough "$(command -v node || true)" && exit 0
case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "no Node 24 package for $(uname -m): install Node >= 24 yourself" >&2; exit 1 ;; esac
echo "Node $(node --version 2>/dev/null || echo none) is older than 24: fetching Node 24 from npm into $dir" >&2
mkdir -p "$dir/bin"
npm install --prefix "$dir" --no-save --no-audit --no-fund --loglevel=error "node-linux-$arch@24" >&2
ln -sf "../node_modules/node-linux-$arch/bin/node" "$dir/bin/node"
