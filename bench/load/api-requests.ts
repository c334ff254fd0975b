/**
 * Requests that an API server has answered so far: those for objects of a group, and those for Events. Pure.
 *
 * @param metrics of the API server, as it serves them
 */
export function requestsTo(group: string, metrics: string): number {
  let sum = 0;
  for (const [, labels = '', count = '0'] of metrics.matchAll(/^apiserver_request_total\{([^}]*)\} (\S+)$/gm)) {
    if (labels.includes(`group="${group}"`) || labels.includes('resource="events"')) sum += Number(count);
  }
  return sum;
}
