import { describe, expect, it } from '@jest/globals';
import { mountAt } from './mount-table.ts';

const RECORDED = `22 29 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
29 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
61 29 0:49 / /srv rw,relatime shared:31 - autofs systemd-1 rw,fd=59,pgrp=1,timeout=0
75 61 0:52 / /srv rw,relatime shared:37 - nfs4 nas:/export rw,vers=4.2,hard
80 29 7:1 / /mnt/two\\040words ro,relatime - ext4 /dev/loop1 rw
81 29 7:2 / /mnt/broken rw,relatime - ext4 /dev/loop2 ro,errors=remount-ro
82 29 0:60 / /mnt/fuse rw,nosuid,nodev,relatime master:3 propagate_from:2 - fuse.bindfs /data rw,user_id=0
`;

describe('what is mounted', () => {
  it.each([
    ['/', { path: '/', fsType: 'ext4', source: '/dev/vda', readOnly: false }],
    ['/srv', { path: '/srv', fsType: 'nfs4', source: 'nas:/export', readOnly: false }],
    ['/srv/', { path: '/srv', fsType: 'nfs4', source: 'nas:/export', readOnly: false }],
    ['/mnt/two words', { path: '/mnt/two words', fsType: 'ext4', source: '/dev/loop1', readOnly: true }],
    ['/mnt/broken', { path: '/mnt/broken', fsType: 'ext4', source: '/dev/loop2', readOnly: true }],
    ['/mnt/fuse', { path: '/mnt/fuse', fsType: 'fuse.bindfs', source: '/data', readOnly: false }],
  ])('%s', (path, mount) => {
    expect(mountAt(path, RECORDED)).toEqual(mount);
  });

  it.each(['/mnt', '/srv/deeper', '/dev/vda', ''])('nothing on "%s"', (path) => {
    expect(mountAt(path, RECORDED)).toBeUndefined();
  });
});
