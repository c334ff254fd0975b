/** Addresses inside of the cluster; those of the nodes are the lab's. */
import { CONTROL_ADDRESS } from '../lib/lab.ts';

export const API_PORT = 6443;
export const API_URL = `https://${CONTROL_ADDRESS}:${API_PORT}`;
export const SERVICE_SUBNET = '10.96.0.0/16';
export const POD_SUBNET = '10.244.0.0/16';
export const DNS_ADDRESS = '10.96.0.10';
export const CLUSTER_DOMAIN = 'cluster.local';

/** @param index of the node, from 0. */
export const podSubnetOf = (index: number): string => `10.244.${index + 1}.0/24`;
