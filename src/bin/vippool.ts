#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { readInvocation, type Invocation } from '../config/invocation.ts';
import { environmentOfProcess, invocationOfProcess } from '../config/process.ts';
import { provideThreads } from '../adapters/checks/thread-pool.ts';
import { exitNow, exitWithin } from '../adapters/system/process-exit.ts';
import { BAD_OPTIONS } from './outcome.ts';
import { isSupervised, supervise } from './supervisor.ts';

/** Time for output to leave after the last thing is done. */
const DRAIN_MS = 200;
const FAILED = 1;

/** Each command is loaded when it is called: an agent must not pay for the clients of etcd and Kubernetes. */
async function run(invocation: Invocation): Promise<number> {
  switch (invocation.kind) {
    case 'controller': {
      const { runController } = await import('./controller.ts');
      await runController(invocation.config);
      return 0;
    }
    case 'agent': {
      if (invocation.config.supervise === 'on' && !isSupervised(environmentOfProcess())) {
        return supervise(environmentOfProcess());
      }
      provideThreads(environmentOfProcess());
      const { runAgent } = await import('./agent.ts');
      await runAgent(invocation.config);
      return 0;
    }
    case 'status': {
      const { runStatus } = await import('./status.ts');
      return report(await runStatus(invocation.config));
    }
    case 'who': {
      const { runWho } = await import('./status.ts');
      return report(await runWho(invocation.config));
    }
    case 'certs': {
      const { runCerts } = await import('./certs.ts');
      return report(await runCerts(invocation.config));
    }
    case 'move': {
      const { runMove } = await import('./operate.ts');
      return report(await runMove(invocation.config));
    }
    case 'failback': {
      const { runFailback } = await import('./operate.ts');
      return report(await runFailback(invocation.config));
    }
    case 'drain': {
      const { runDrain } = await import('./operate.ts');
      return report(await runDrain(invocation.config));
    }
    case 'undrain': {
      const { runUndrain } = await import('./operate.ts');
      return report(await runUndrain(invocation.config));
    }
    case 'history': {
      const { runHistory } = await import('./operate.ts');
      return report(await runHistory(invocation.config));
    }
    case 'simulate': {
      const { runSimulate } = await import('./operate.ts');
      return report(await runSimulate(invocation.config));
    }
    case 'diagnose': {
      const { runDiagnose } = await import('./diagnose.ts');
      return report(await runDiagnose(invocation.config));
    }
    case 'unprotect': {
      const { runUnprotect } = await import('./unprotect.ts');
      return report(await runUnprotect(invocation.config));
    }
    case 'print':
      return report({ exitCode: 0, output: invocation.text });
    case 'refused':
      return report({ exitCode: BAD_OPTIONS, output: '', errors: invocation.text });
  }
}

function report(outcome: { readonly exitCode: number; readonly output: string; readonly errors?: string }): number {
  process.stdout.write(outcome.output);
  process.stderr.write(outcome.errors ?? '');
  return outcome.exitCode;
}

/** The last words of a process that cannot go on; written at once, since nothing may run after them. */
function die(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeSync(2, `vippool: ${text}\n`);
  exitNow(FAILED);
}

// `vippool status | head` closes our output early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') exitNow(0);
  die(error);
});
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

// A quarter of the start is compiling; where there is no place for the result it is done anew each time.
enableCompileCache();
process.exitCode = await run(readInvocation(invocationOfProcess()));
// Output on a pipe may still be on its way; what else a library left open keeps nobody waiting.
exitWithin(DRAIN_MS);
