#!/usr/bin/env bash
# Says what the machine lacks and how to install it. Usage: hack/check-requirements.sh NEED ...
# NEED is "linux", "root" or the name of a program.
set -euo pipefail
bad=0
missing() {
  echo "missing: $1" >&2
  bad=1
}
package_of() { # PROGRAM -> "what Debian calls it|what Fedora calls it"
  case "$1" in
    ip | ss | tc) echo "iproute2|iproute" ;;
    npm) echo "nodejs npm|nodejs-npm" ;;
    nft) echo "nftables|nftables" ;;
    flock | unshare | nsenter) echo "util-linux|util-linux" ;;
    arping) echo "iputils-arping|iputils" ;;
    *) echo "$1|$1" ;;
  esac
}
for need in "$@"; do
  case "$need" in
    linux) [ "$(uname -s)" = Linux ] || missing "Linux (this is $(uname -s)): use a virtual machine or a container with NET_ADMIN" ;;
    root) [ "$(id -u)" = 0 ] || missing "root: network namespaces need it; run the same command with sudo" ;;
    *)
      if ! command -v "$need" >/dev/null; then
        packages=$(package_of "$need")
        missing "$need: apt-get install ${packages%|*} (Debian, Ubuntu), dnf install ${packages#*|} (Fedora, RHEL)"
      fi
      ;;
  esac
done
exit "$bad"
