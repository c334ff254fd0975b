// Before the library, which looks for it while it is loaded.
import 'reflect-metadata';
import {
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import { identityIn } from '../../core/identity.ts';
import { OpError } from '../../core/op-error.ts';
import type { CheckedRequest, Holder } from '../../ports/certifier.ts';
import { alternativeNames, KEY, MAX_COMMON_NAME, newKeys, pemOfKey, SIGNATURE } from './authority.ts';
import { errorText } from '../../core/error-text.ts';

/** A new key, and the request (PKCS #10, DER) to certify it. */
export async function newRequest(
  holder: Holder,
): Promise<{ readonly privateKey: string; readonly request: Uint8Array }> {
  const keys = await newKeys();
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [holder.name.slice(0, MAX_COMMON_NAME)] }],
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [new SubjectAlternativeNameExtension(alternativeNames(holder))],
  });
  return { privateKey: await pemOfKey(keys.privateKey), request: new Uint8Array(request.rawData) };
}

/** A request whose sender has the key. Throws OpError InvalidInput where it is no good. */
export async function readRequest(
  der: Uint8Array,
): Promise<{ readonly request: Pkcs10CertificateRequest; readonly checked: CheckedRequest }> {
  try {
    const request = new Pkcs10CertificateRequest(Buffer.from(der));
    const { name, namedCurve } = { namedCurve: '', ...request.publicKey.algorithm };
    if (name !== KEY.name || namedCurve !== KEY.namedCurve) throw new Error('the key is not one of P-256');
    if (!(await request.verify())) throw new Error('it is not signed by its key');
    return {
      request,
      checked: { key: Buffer.from(request.publicKey.rawData).toString('base64'), ...identityOf(request) },
    };
  } catch (error) {
    const reason = errorText(error);
    throw new OpError('InvalidInput', `the certificate request is no good: ${reason}`, { cause: error });
  }
}

function identityOf(request: Pkcs10CertificateRequest): Pick<CheckedRequest, 'identity'> {
  const names = request.extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension);
  const all = names.flatMap(({ names: { items } }) => items);
  const [only] = all;
  if (all.length !== 1 || only?.type !== 'url') return { identity: undefined };
  return { identity: identityIn(`URI:${only.value}`) };
}
