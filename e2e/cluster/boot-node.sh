#!/bin/sh
# A node gets its power: in the network and mount namespaces of the node, with its own /var. Arguments: the folder of its
# configuration, then the files of its cgroups. Ends with the kubelet.
set -eu
config=$1
shift
for group in "$@"; do echo 0 >"$group"; done
echo "boot at $(date +%T.%N)"
# Pods see what is mounted later on.
mount --make-rshared /
# What is in memory is lost with the power.
for directory in /run/containerd /run/netns /run/vippool; do mount -t tmpfs node-memory "$directory"; done
mkdir -p /var/lib/containerd /var/lib/kubelet /var/log /var/tmp
ln -sfn /run /var/run
rm -rf /var/lib/cni
echo 1 >/proc/sys/net/ipv4/ip_forward
containerd --config "$config/containerd.toml" >>"$config/containerd.log" 2>&1 &
until ctr version >/dev/null 2>&1; do sleep 0.1; done
kube-proxy --config "$config/kube-proxy.yaml" >>"$config/kube-proxy.log" 2>&1 &
exec kubelet --config "$config/kubelet.yaml" --kubeconfig "$config/kubelet.kubeconfig" \
  --hostname-override "$NODE" --node-ip "$NODE_IP" --cert-dir /var/lib/kubelet/pki
