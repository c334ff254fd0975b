import { describe, expect, it } from '@jest/globals';
import { requestsTo } from './api-requests.ts';

const METRICS = `# HELP apiserver_request_total Counter of apiserver requests.
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",group="vippool.io",resource="nodehealths",subresource="status",verb="APPLY"} 120
apiserver_request_total{code="201",group="vippool.io",resource="vippools",subresource="",verb="POST"} 3
apiserver_request_total{code="201",group="",resource="events",subresource="",verb="POST"} 7
apiserver_request_total{code="200",group="",resource="pods",subresource="",verb="LIST"} 1000
apiserver_request_aborts_total{group="vippool.io",resource="nodehealths"} 5
`;

describe('requests to an API server', () => {
  it('are counted for objects of the group and for Events, and for nothing else', () => {
    expect(requestsTo('vippool.io', METRICS)).toBe(130);
  });
});
