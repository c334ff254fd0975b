/** What is in a report, for whoever opens it. */
export const README = `This is a report of "vippool diagnose", made for a bug report. Read summary.txt first.

summary.txt            what there is, what is not as it should be, and what could not be collected and why
status.txt             pools, VIPs with their holders, and nodes, as "vippool status -o wide" shows them
status.json            the same, for programs
history.txt            the last moves of VIPs, as "vippool history -o wide" shows them
resources/             VipPools, NodeHealths and VipTasks, and events about them
kubernetes/            DaemonSets, StatefulSets and pods, events about them, and the CustomResourceDefinitions
pods/NAMESPACE/POD/    for each pod: logs of each container, those of the run before (.previous.log), what /readyz
                       says, and metrics
daemons/HOST_PORT/     what controllers and agents say that were named with --ask
logs/                  the ends of the files that were named with --logs

What is missing of this was not there, or could not be collected: summary.txt says so.

Left out, always: Secrets (they are not even asked for), copies of whole manifests in annotations
(last-applied-configuration), and managedFields. Replaced by "<removed>" wherever it is found: private keys, tokens,
the values of passwords, tokens, keys and credentials in environment variables, arguments, logs and URLs.

Not left out: names of nodes, pods and namespaces, IP and MAC addresses, and whatever scripts and checks of yours print.
Look through the report before you give it to somebody.
`;
