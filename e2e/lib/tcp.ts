import { connect } from 'node:net';

const PATIENCE_MS = 300;

/** Whether somebody accepts connections there. */
export const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (accepted: boolean) => (): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.setTimeout(PATIENCE_MS, end(false));
  });
